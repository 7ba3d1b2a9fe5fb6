import { useState } from 'preact/hooks';
import { DataTable, type Column } from '../../parts/data-table';
import { bytes, count } from '../../parts/format';
import { Time } from '../../parts/time';
import type { VersionVerdict } from './policy-calls';

const ROWS = 200;
const REASONS: Record<VersionVerdict['reasons'][number], string> = {
  newest: 'the newest',
  pinned: 'pinned',
  labelled: 'has a label',
  last: 'one of the newest',
  within: 'recent',
  window_start: 'needed to reach the oldest recent time',
  hourly: 'last of its hour',
  daily: 'last of its day',
  weekly: 'last of its week',
  monthly: 'last of its month',
  yearly: 'last of its year',
  future: 'has a time in the future',
  unreadable_policy: 'the policy cannot be read',
};

const COLUMNS: ReadonlyArray<Column<VersionVerdict>> = [
  { label: 'Version', cell: ({ version }) => version },
  { label: 'From', cell: ({ created_at }) => <Time at={created_at} as="full" /> },
  { label: 'Size', kind: 'number', cell: ({ config_bytes }) => bytes(config_bytes) },
  {
    label: 'Verdict',
    cell: ({ kept }) => (kept ? <span class="badge ok">stays</span> : <span class="badge danger">goes</span>),
  },
  {
    label: 'Because',
    cell: ({ kept, reasons }) =>
      kept ? reasons.map((reason) => REASONS[reason]).join(', ') : 'no rule keeps it',
  },
];

/** Each version of a graph: whether it stays, and why. */
export function Verdicts({ of }: { of: readonly VersionVerdict[] }) {
  const [onlyGone, setOnlyGone] = useState(false);
  const [rows, setRows] = useState(ROWS);
  const shown = onlyGone ? of.filter(({ kept }) => !kept) : of;
  return (
    <div class="stack">
      <Strip of={of} />
      <label class="check">
        <input
          type="checkbox"
          checked={onlyGone}
          onChange={({ currentTarget: { checked } }) => setOnlyGone(checked)}
        />
        Only versions that go
      </label>
      {shown.length === 0 ? (
        <p class="muted">No version goes.</p>
      ) : (
        <DataTable
          label="Versions"
          columns={COLUMNS}
          rows={shown.slice(0, rows)}
          keyOf={({ version }) => version}
        />
      )}
      {shown.length > rows && (
        <p>
          <button type="button" class="button" onClick={() => setRows(rows + ROWS)}>
            Show more of {count(shown.length, 'version')}
          </button>
        </p>
      )}
    </div>
  );
}

/** More marks than pixels tell nothing. */
const MARKS = 1_500;

/** The graph's time line: a mark for each version, tall for those that stay. */
function Strip({ of }: { of: readonly VersionVerdict[] }) {
  const times = of.map(({ created_at }) => Date.parse(created_at));
  const [from, to] = [Math.min(...times.slice(-1)), Math.max(...times.slice(0, 1))];
  const step = Math.ceil(of.length / MARKS);
  const x = (time: number) => (to === from ? 500 : 4 + ((time - from) / (to - from)) * 992);
  const kept = of.filter((verdict) => verdict.kept).length;
  return (
    <figure class="strip">
      <svg
        viewBox="0 0 1000 40"
        preserveAspectRatio="none"
        role="img"
        aria-label={`Time line: ${count(kept, 'version')} of ${of.length} stay`}
      >
        <line class="strip-ground" x1="0" x2="1000" y1="39" y2="39" />
        {of.map(({ version, kept: stays }, place) =>
          place % step === 0 ? (
            <line
              key={version}
              class={stays ? 'strip-kept' : 'strip-gone'}
              x1={x(times[place]!)}
              x2={x(times[place]!)}
              y1={stays ? 4 : 22}
              y2="38"
            />
          ) : null,
        )}
      </svg>
      <figcaption class="small muted">
        <span>{of.length > 0 && <Time at={of.at(-1)!.created_at} as="full" />}</span>
        <span>
          <span class="strip-key kept" /> stays <span class="strip-key gone" /> goes
        </span>
        <span>{of.length > 0 && <Time at={of[0]!.created_at} as="full" />}</span>
      </figcaption>
    </figure>
  );
}
