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
  if (total <= size) return null;
  return (
    <nav class="row" aria-label={label}>
      <span class="grow muted small">
        {skip + 1} to {Math.min(skip + size, total)} of {count(total, 'entry', 'entries')}
      </span>
      <button type="button" class="button small" disabled={skip === 0} onClick={() => onSkip(skip - size)}>
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
