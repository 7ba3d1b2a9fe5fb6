import { useEffect, useState } from 'preact/hooks';
import { api } from '../../api/client';
import { Choice } from '../../parts/choice';
import { ErrorNote } from '../../parts/error-note';
import { count } from '../../parts/format';
import { useResource } from '../../parts/use-resource';
import { Histogram, type Range } from './histogram';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RANGES = [
  ['7', 'Last 7 days'],
  ['30', 'Last 30 days'],
  ['365', 'Last year'],
] as const;
type Days = (typeof RANGES)[number][0];
/** The clock of the service may be ahead of this one. */
const SKEW_MS = 60_000;
const QUICK = [
  ['An hour ago', HOUR_MS],
  ['A day ago', DAY_MS],
  ['A week ago', 7 * DAY_MS],
] as const;

/** The shown range: whole local days, so that a bar is a day as people see it. */
function rangeOf(days: Days): Range {
  const to = Date.now();
  const from = new Date(to - (Number(days) - 1) * DAY_MS).setHours(0, 0, 0, 0);
  return { from, to, by: days === '7' ? 'hour' : 'day' };
}

/** Local time as the field wants it: `2026-11-26T14:05:09`. */
function localText(at: number | undefined): string {
  if (at === undefined) return '';
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

interface Props {
  at: number | undefined;
  days: string;
  onMoment: (at: number) => void;
  onDays: (days: string) => void;
}

/** Chooses a moment: by a field, or by a slider below a picture of the changes. */
export function Moment({ at, days, onMoment, onDays }: Props) {
  const shown = RANGES.find(([value]) => value === days)?.[0] ?? '30';
  const [range, setRange] = useState(() => rangeOf(shown));
  const [sliding, setSliding] = useState<number>();
  useEffect(() => setRange(rangeOf(shown)), [shown]);
  useEffect(() => setSliding(undefined), [at]);
  const iso = (time: number) => new Date(time).toISOString();
  const changes = useResource(
    async (signal) => {
      const query = { from: iso(range.from), to: iso(range.to + SKEW_MS), by: range.by };
      return (await api.get('/graphs/changes', { query, signal })).data;
    },
    [range],
  );
  const counts = (changes.data ?? []).map((bucket) => ({
    at: Date.parse(bucket.at),
    changes: bucket.changes,
  }));
  const total = counts.reduce((sum, bucket) => sum + bucket.changes, 0);
  const present = sliding ?? at;
  return (
    <section class="card card-pad stack moment" aria-label="Choose a moment">
      <div class="moment-fields">
        <div class="field">
          <label for="moment">Moment</label>
          <input
            id="moment"
            class="input"
            type="datetime-local"
            step="1"
            value={localText(present)}
            onChange={({ currentTarget: { value } }) => {
              const time = new Date(value).getTime();
              if (!Number.isNaN(time)) onMoment(time);
            }}
          />
        </div>
        <div class="row grow">
          {QUICK.map(([text, before]) => (
            <button key={text} type="button" class="button" onClick={() => onMoment(Date.now() - before)}>
              {text}
            </button>
          ))}
        </div>
        <Choice label="Show" value={shown} onValue={onDays} options={RANGES} />
      </div>
      <ErrorNote error={changes.error} retry={changes.reload} />
      <Histogram range={range} counts={counts} at={present} onSlide={setSliding} onMoment={onMoment} />
      <p class="muted small" role="status">
        {changes.data === undefined
          ? 'Counting changes…'
          : `${count(total, 'change')} in this range, by ${range.by}.`}
        {present !== undefined && ` Chosen: ${iso(present).replace('T', ' ').replace(/\..*/, '')} UTC.`}
      </p>
    </section>
  );
}
