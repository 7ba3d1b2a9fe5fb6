import { bytes } from '../../parts/format';

const WIDTH = 240;
const HEIGHT = 32;

/** Sizes over time, oldest first, as a line without axes. */
export function Sparkline({ values }: { values: readonly number[] }) {
  const known = values.filter((value) => value > 0);
  if (known.length < 3) return null;
  const [min, max] = [Math.min(...known), Math.max(...known)];
  const y = (value: number) =>
    max === min ? HEIGHT / 2 : HEIGHT - 3 - ((value - min) / (max - min)) * (HEIGHT - 6);
  const points = known.map(
    (value, index) => `${((index / (known.length - 1)) * WIDTH).toFixed(1)},${y(value).toFixed(1)}`,
  );
  const text = `Size of the last ${known.length} versions: from ${bytes(known[0]!)} to ${bytes(known.at(-1)!)}`;
  return (
    <figure class="sparkline">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={text}>
        <polyline points={points.join(' ')} fill="none" vector-effect="non-scaling-stroke" />
      </svg>
      <figcaption class="small muted">{text}</figcaption>
    </figure>
  );
}
