import type { components } from '../../api/schema';
import { count } from '../../parts/format';

/** What the picture shows, ms since the epoch. */
export interface Range {
  from: number;
  to: number;
  by: 'hour' | 'day';
}

type Count = Omit<components['schemas']['ChangeCountView'], 'at'> & { at: number };

const SPANS = { hour: 3_600_000, day: 86_400_000 };
/** How far an arrow key moves the slider, ms. */
const STEPS = { hour: 900_000, day: 3_600_000 };
const HEIGHT = 100;
const dates = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const times = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

interface Props {
  range: Range;
  counts: readonly Count[];
  at: number | undefined;
  /** While the slider moves. */
  onSlide: (at: number) => void;
  /** When it stands still. */
  onMoment: (at: number) => void;
}

/** Bars of changes over time, with a slider below that chooses a moment. */
export function Histogram({ range, counts, at, onSlide, onMoment }: Props) {
  const { from, to, by } = range;
  const most = Math.max(1, ...counts.map(({ changes }) => changes));
  const x = (time: number) => ((time - from) / (to - from)) * 1_000;
  const width = x(from + SPANS[by]);
  const gap = Math.min(2, width / 5);
  const isShown = at !== undefined && at >= from && at <= to;
  const atX = (event: MouseEvent & { currentTarget: Element }) => {
    const box = event.currentTarget.getBoundingClientRect();
    onMoment(Math.round(from + ((event.clientX - box.left) / box.width) * (to - from)));
  };
  return (
    <div class="histogram">
      {/* A click is a shortcut; the slider and the field do the same by keyboard. */}
      <svg
        viewBox={`0 0 1000 ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Changes by ${by} from ${dates.format(from)} to ${dates.format(to)}`}
        onClick={atX}
      >
        <rect class="histogram-ground" x="0" y="0" width="1000" height={HEIGHT} />
        {counts.map((bucket) => {
          const height = Math.max(3, (bucket.changes / most) * (HEIGHT - 6));
          return (
            <rect
              key={bucket.at}
              class={at !== undefined && bucket.at > at ? 'histogram-bar after' : 'histogram-bar'}
              x={x(bucket.at) + gap / 2}
              y={HEIGHT - height}
              width={Math.max(1, width - gap)}
              height={height}
            >
              <title>{`${(by === 'day' ? dates : times).format(bucket.at)}: ${count(bucket.changes, 'change')}`}</title>
            </rect>
          );
        })}
        {isShown && <line class="histogram-mark" x1={x(at)} x2={x(at)} y1="0" y2={HEIGHT} />}
      </svg>
      <input
        type="range"
        aria-label="Moment on the time line"
        aria-valuetext={isShown ? times.format(at) : 'not chosen'}
        min={from}
        max={to}
        step={STEPS[by]}
        value={isShown ? at : to}
        onInput={({ currentTarget: { value } }) => onSlide(Number(value))}
        onChange={({ currentTarget: { value } }) => onMoment(Number(value))}
      />
      <div class="histogram-ends muted small">
        <span>{dates.format(from)}</span>
        <span>now</span>
      </div>
    </div>
  );
}
