import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface Props {
  label: string;
  count: number;
  /** Height of every row, pixels. */
  rowHeight: number;
  /** Called with the rows that are in sight. */
  onShow: (first: number, last: number) => void;
  row: (index: number) => ComponentChildren;
}

/** Rows beyond the edges of the window that are drawn all the same. */
const MARGIN_ROWS = 8;

/** A list of equal rows in the page, of which only those in sight exist. The page scrolls, not the list. */
export function VirtualList({ label, count, rowHeight, onShow, row }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const [range, setRange] = useState<[number, number]>([0, MARGIN_ROWS * 2]);
  useLayoutEffect(() => {
    const update = () => {
      const { top } = list.current!.getBoundingClientRect();
      const first = Math.max(0, Math.floor(-top / rowHeight) - MARGIN_ROWS);
      const last = Math.min(count - 1, Math.ceil((window.innerHeight - top) / rowHeight) + MARGIN_ROWS);
      setRange(([a, b]) => (a === first && b === last ? [a, b] : [first, last]));
    };
    update();
    addEventListener('scroll', update, { passive: true });
    addEventListener('resize', update);
    return () => {
      removeEventListener('scroll', update);
      removeEventListener('resize', update);
    };
  }, [count, rowHeight]);
  const [first, last] = [Math.min(range[0], Math.max(0, count - 1)), Math.min(range[1], count - 1)];
  useEffect(() => {
    if (count > 0) onShow(first, Math.max(first, last));
  }, [first, last, count, onShow]);
  const indexes = Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => first + offset);
  return (
    <ul ref={list} aria-label={label} class="virtual" style={{ height: `${count * rowHeight}px` }}>
      {indexes.map((index) => (
        <li
          key={index}
          aria-setsize={count}
          aria-posinset={index + 1}
          style={{ height: `${rowHeight}px`, transform: `translateY(${index * rowHeight}px)` }}
        >
          {row(index)}
        </li>
      ))}
    </ul>
  );
}
