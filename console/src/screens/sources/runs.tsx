import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { DataTable, type Column } from '../../parts/data-table';
import { count } from '../../parts/format';
import { Loaded } from '../../parts/loaded';
import { Time } from '../../parts/time';
import { useResource } from '../../parts/use-resource';
import type { RoundProps } from './items';
import { Pager } from './pager';
import { runBadge, runWords } from './source-words';
import { useSkip } from './use-skip';

type Run = components['schemas']['SourceRunView'];

const PAGE = 20;

/** The runs of a source: what each one found, and why it failed. */
export function Runs({ source, round, isMoving }: RoundProps) {
  const [skip, setSkip] = useSkip('runs', PAGE);
  const runs = useResource(
    async (signal) => {
      const { data, headers } = await api.get('/sources/{id}/runs', {
        path: { id: source },
        query: { limit: PAGE, skip },
        signal,
      });
      return { rows: data, total: Number(headers.get('x-total-count') ?? data.length) };
    },
    [source, round, isMoving, skip],
  );
  return (
    <section class="card stack" aria-label="Runs">
      <h2>Runs</h2>
      <Loaded of={runs}>
        {({ rows, total }) =>
          total === 0 ? (
            <p class="muted">There was no run so far.</p>
          ) : (
            <>
              <DataTable label="Runs" columns={COLUMNS} rows={rows} keyOf={(row) => row.number} />
              <Pager label="Pages of runs" skip={skip} size={PAGE} total={total} onSkip={setSkip} />
            </>
          )
        }
      </Loaded>
    </section>
  );
}

const COLUMNS: ReadonlyArray<Column<Run>> = [
  { label: 'Run', cell: ({ number }) => number },
  { label: 'Started', cell: ({ started_at }) => <Time at={started_at} as="full" /> },
  { label: 'State', cell: runBadge },
  { label: 'Found', cell: (run) => (run.status === 'running' || run.seen === 0 ? '' : runWords(run)) },
  {
    label: 'Fault',
    cell: (run) =>
      run.failure !== null || run.failed_items.length > 0 ? (
        <>
          {run.failure}
          {run.failed_items.length > 0 && <FailedItems of={run} />}
        </>
      ) : null,
  },
];

function FailedItems({ of }: { of: Run }) {
  return (
    <details>
      <summary>{count(of.failed, 'graph')} not stored</summary>
      <ul class="found">
        {of.failed_items.map(({ remote_id, title, reason }) => (
          <li key={remote_id}>
            {title || remote_id}: {reason}
          </li>
        ))}
      </ul>
    </details>
  );
}
