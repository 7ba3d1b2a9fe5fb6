import { count } from '../../parts/format';

interface Props {
  label: string;
  skip: number;
  size: number;
  total: number;
  onSkip: (skip: number) => void;
}

/** Goes through a list in pages; shows nothing if there is only one. */
export function Pager({ label, skip, size, total, onSkip }: Props) {
  if (total <= size && skip === 0) return null;
  return (
    <nav class="row" aria-label={label}>
      <span class="grow muted small">
        {skip < total ? `${skip + 1} to ${Math.min(skip + size, total)} of` : 'This page is empty; there are'}{' '}
        {count(total, 'entry', 'entries')}
      </span>
      <button
        type="button"
        class="button small"
        disabled={skip === 0}
        onClick={() => onSkip(Math.min(skip - size, Math.floor((total - 1) / size) * size))}
      >
        Back
      </button>
      <button
        type="button"
        class="button small"
        disabled={skip + size >= total}
        onClick={() => onSkip(skip + size)}
      >
        More
      </button>
    </nav>
  );
}
