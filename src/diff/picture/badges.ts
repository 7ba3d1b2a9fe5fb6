import type { Box } from './auto-layout';
import { BoxGrid } from './box-grid';
import { boundsOf } from './crop';
import type { Point } from './curves';

/** Marks are circles of radius 8; closer than this they cover each other. */
const APART = 18;

/** Marks in a column of those that have no room at their own places. */
const COLUMN = 20;

/** How far a mark reaches from its middle. */
const REACH = 8;

/** Places marks so that none covers another. */
export class Badges {
  private readonly cells = new Map<string, Point[]>();
  /** For each place that was taken, how far below it there is no room. */
  private readonly full = new Map<string, number>();
  private moved: Box | undefined;
  private readonly labels: BoxGrid;

  constructor(labels: readonly Box[]) {
    this.labels = new BoxGrid(labels);
  }

  /** As `place`, and off the labels where that is possible. */
  placeOffLabels(candidates: readonly Point[]): Point {
    const clear = candidates.filter((point) => this.labels.at(around(point), []).size === 0);
    return this.place([...clear, ...candidates]);
  }

  /** The first of the places that is free; when none is, the next below the first one. Takes it. */
  place(candidates: readonly Point[]): Point {
    const [first = { x: 0, y: 0 }] = candidates;
    const free = candidates.find((point) => this.isFree(point)) ?? this.below(first);
    const key = cellOf(free.x, free.y);
    this.cells.set(key, [...(this.cells.get(key) ?? []), free]);
    return free;
  }

  /** What marks take that had no room at their own places. */
  extent(): Box | undefined {
    return this.moved;
  }

  /** Below it in columns, one after the other. */
  private below(point: Point): Point {
    const key = cellOf(point.x, point.y);
    for (let step = this.full.get(key) ?? 1; ; step++) {
      const lower = {
        x: point.x + Math.floor(step / COLUMN) * APART,
        y: point.y + (step % COLUMN) * APART,
      };
      if (!this.isFree(lower)) continue;
      this.full.set(key, step);
      this.moved = boundsOf([...(this.moved ? [this.moved] : []), squareAround(lower)]);
      return lower;
    }
  }

  private isFree({ x, y }: Point): boolean {
    for (const dx of [-APART, 0, APART]) {
      for (const dy of [-APART, 0, APART]) {
        const near = this.cells.get(cellOf(x + dx, y + dy)) ?? [];
        if (near.some((other) => Math.hypot(other.x - x, other.y - y) < APART)) return false;
      }
    }
    return true;
  }
}

function squareAround({ x, y }: Point): Box {
  return { x: x - REACH, y: y - REACH, width: 2 * REACH, height: 2 * REACH };
}

function around({ x, y }: Point): Point[] {
  const [left, right, top, bottom] = [x - REACH, x + REACH, y - REACH, y + REACH];
  return [left, right].flatMap((side) => [top, bottom].map((edge) => ({ x: side, y: edge })));
}

function cellOf(x: number, y: number): string {
  return `${Math.floor(x / APART)} ${Math.floor(y / APART)}`;
}
