interface Bar {
  name: string;
  value: number;
  /** The value in words. */
  text: string;
}

interface Props {
  label: string;
  of: readonly Bar[];
  /** What to say if there are none. */
  none?: string;
}

/** A bar chart: a line of text for each value, with a bar below it. */
export function Bars({ label, of, none = 'Nothing yet.' }: Props) {
  const most = Math.max(...of.map(({ value }) => value), Number.MIN_VALUE);
  if (of.length === 0) return <p class="muted">{none}</p>;
  return (
    <ul class="bars" aria-label={label}>
      {of.map(({ name, value, text }) => (
        <li key={name}>
          <span class="bars-text">
            <span>{name}</span> <span class="muted">{text}</span>
          </span>
          <svg viewBox="0 0 1000 6" preserveAspectRatio="none" aria-hidden="true">
            <rect class="bars-ground" width="1000" height="6" />
            <rect class="bars-value" width={(value / most) * 1_000} height="6" />
          </svg>
        </li>
      ))}
    </ul>
  );
}
