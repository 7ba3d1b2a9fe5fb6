import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { Confirm } from '../../parts/confirm';
import { DataTable, type Column } from '../../parts/data-table';
import { Empty } from '../../parts/empty';
import { ErrorNote } from '../../parts/error-note';
import { bytes, count } from '../../parts/format';
import { Loaded } from '../../parts/loaded';
import { Time } from '../../parts/time';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';
import { stateBadge } from './words';

type Run = components['schemas']['RetentionRunView'];

const BRAKES: Record<NonNullable<Run['stopped_because']>, string> = {
  more_than_half: 'it would have removed more than half of all versions',
  unusually_many: 'it would have removed unusually many versions',
  clock_jumped: 'the clock jumped',
};

const COLUMNS: ReadonlyArray<Column<Run>> = [
  { label: 'Started', cell: ({ started_at }) => <Time at={started_at} as="full" /> },
  {
    label: 'State',
    cell: ({ status, dry_run }) => (
      <>
        {stateBadge(status)} {dry_run && <span class="badge">dry run</span>}
      </>
    ),
  },
  { label: 'Pruned', kind: 'number', cell: ({ versions_pruned }) => versions_pruned },
  { label: 'Purged graphs', kind: 'number', cell: ({ graphs_purged }) => graphs_purged },
  { label: 'Freed', kind: 'number', cell: ({ removed_bytes }) => bytes(removed_bytes) },
  {
    label: 'Remarks',
    cell: ({ stopped_because, policies_held, versions_held, error }) =>
      [
        stopped_because && `Stopped: ${BRAKES[stopped_because]}.`,
        policies_held > 0 &&
          `${count(policies_held, 'changed policy', 'changed policies')} held, with ${count(versions_held, 'version')}.`,
        error,
      ]
        .filter(Boolean)
        .join(' '),
  },
];

/** The runs of retention, what it would remove now, and what is held. */
export function Retention() {
  const [plan, setPlan] = useState<Run>();
  const [forcing, setForcing] = useState(false);
  const runs = useResource(
    async (signal) => (await api.get('/retention/runs', { query: { limit: 30 }, signal })).data,
    [],
  );
  const start = async (dry_run: boolean, force: boolean) => {
    const { data } = await api.post('/retention/runs', { body: { dry_run, force } });
    setPlan(dry_run ? data : undefined);
    runs.reload();
  };
  const tryOut = useAction(() => start(true, false));
  const run = useAction(() => start(false, false));
  const force = useAction(() => start(false, true));
  const last = runs.data?.find(({ dry_run }) => !dry_run);
  return (
    <>
      <section class="card stack">
        <div class="row">
          <h2 class="grow">Retention</h2>
          <button type="button" class="button" disabled={tryOut.busy} onClick={() => void tryOut.run()}>
            What would go now?
          </button>
          <button type="button" class="button" disabled={run.busy} onClick={() => void run.run()}>
            Run now
          </button>
        </div>
        <p class="muted">
          It runs by itself every hour: it removes versions that no policy keeps, and graphs whose time in the
          trash is over.
        </p>
        <ErrorNote error={tryOut.error ?? run.error} />
        {plan && <Plan of={plan} />}
        {last && last.policies_held > 0 && (
          <div class="note warning">
            <div class="grow">
              <p>
                <strong>{count(last.policies_held, 'changed policy', 'changed policies')} held.</strong> They
                would remove {count(last.versions_held, 'version')}, which is unusually many. Everything else
                goes on.
              </p>
              {last.held_policies.slice(0, 10).map((policy) => (
                <p key={policy}>
                  <code>{policy}</code>
                </p>
              ))}
            </div>
            <button type="button" class="button danger" onClick={() => setForcing(true)}>
              Remove them…
            </button>
          </div>
        )}
      </section>
      <section class="card stack">
        <h2>Last runs</h2>
        <Loaded of={runs}>
          {(list) =>
            list.length === 0 ? (
              <Empty title="No runs yet" />
            ) : (
              <DataTable label="Last runs" columns={COLUMNS} rows={list} keyOf={({ id }) => id} />
            )
          }
        </Loaded>
      </section>
      {forcing && (
        <Confirm
          title="Remove what is held?"
          verb="Remove the versions"
          danger
          action={force}
          onClose={() => {
            force.clear();
            setForcing(false);
          }}
        >
          <p>
            The next run removes {count(last?.versions_held ?? 0, 'version')} that changed policies no longer
            keep. This cannot be undone here; copies in the backup store hold them until the next full copies.
          </p>
        </Confirm>
      )}
    </>
  );
}

function Plan({ of: { plan, versions_planned } }: { of: Run }) {
  const graphs = plan?.graphs ?? [];
  const purged = graphs.filter(({ action }) => action === 'purge').length;
  const held = graphs.filter((graph) => graph.held).length;
  return (
    <p class="note info" role="status">
      {graphs.length === 0
        ? 'Nothing would go now.'
        : `${count(versions_planned, 'version')} of ${count(graphs.length, 'graph')} would go now, ${purged} of them from the trash, ${held} held.`}
    </p>
  );
}
