import { useEffect } from 'preact/hooks';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { DataTable, type Column } from '../../parts/data-table';
import { Empty } from '../../parts/empty';
import { ErrorNote } from '../../parts/error-note';
import { Facts } from '../../parts/facts';
import { bytes, count } from '../../parts/format';
import { Loaded } from '../../parts/loaded';
import { Time } from '../../parts/time';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';
import { duration, stateBadge, timeOr } from './words';

type Overview = components['schemas']['BackupsOverviewView'];
type Run = components['schemas']['BackupRunView'];
type Verification = components['schemas']['BackupVerificationView'];

/** How often a run that is not over is looked at, ms. */
const WATCH_MS = 2_000;

/** The copies in the backup store: how fresh, how sure, how fast they come back. */
export function Copies() {
  const state = useResource(async (signal) => {
    const [overview, runs, verifications] = await Promise.all([
      api.get('/monitoring/backups', { signal }),
      api.get('/backups/runs', { query: { limit: 30 }, signal }),
      api.get('/backups/verifications', { query: { limit: 10 }, signal }),
    ]);
    return { overview: overview.data, runs: runs.data, verifications: verifications.data };
  }, []);
  const copy = useAction(async (kind: Run['kind']) => {
    await api.post('/backups/runs', { body: { kind } });
    state.reload();
  });
  const verify = useAction(async () => {
    await api.post('/backups/verifications', { body: {} });
    state.reload();
  });
  const isRunning =
    state.data !== undefined &&
    [...state.data.runs, ...state.data.verifications].some(({ status }) => status === 'running');
  useEffect(() => {
    if (!isRunning || state.loading) return;
    const timer = setTimeout(state.reload, WATCH_MS);
    return () => clearTimeout(timer);
  }, [isRunning, state.loading]);
  return (
    <>
      <section class="card stack">
        <div class="row">
          <h2 class="grow">Copies</h2>
          <button
            type="button"
            class="button"
            disabled={copy.busy}
            onClick={() => void copy.run('incremental')}
          >
            Copy what is new
          </button>
          <button type="button" class="button" disabled={copy.busy} onClick={() => void copy.run('full')}>
            Copy everything
          </button>
          <button
            type="button"
            class="button primary"
            disabled={verify.busy}
            onClick={() => void verify.run()}
          >
            Verify now
          </button>
        </div>
        <ErrorNote error={copy.error ?? verify.error} />
        <Loaded of={state}>{({ overview }) => <Summary of={overview} />}</Loaded>
      </section>
      {state.data && (
        <>
          <section class="card stack">
            <h2>Last copies</h2>
            <Runs of={state.data.runs} />
          </section>
          <section class="card stack">
            <h2>Last verifications</h2>
            <Verifications of={state.data.verifications} />
          </section>
        </>
      )}
    </>
  );
}

function Summary({ of }: { of: Overview }) {
  return (
    <>
      {of.damaged && (
        <p class="note danger">The newest copies are damaged or missing. The next copy will be a full one.</p>
      )}
      {of.last_failure && of.failed_runs_24h > 0 && (
        <p class="note warning">
          {count(of.failed_runs_24h, 'copy', 'copies')} failed within a day, the last one{' '}
          <Time at={of.last_failure.at} />
          {of.last_failure.error && `: ${of.last_failure.error}`}
        </p>
      )}
      <Facts
        of={[
          ['Oldest change without a copy', of.pending_versions === 0 ? 'none' : duration(of.lag_seconds)],
          ['Versions without a copy', of.pending_versions],
          ['Last copy', timeOr(of.last_stored_at)],
          ['Last full copy', timeOr(of.last_full_at)],
          ['Can be rebuilt as of', timeOr(of.recovery_point_at)],
          ['Proven as of', timeOr(of.verified_recovery_point_at)],
          [
            'Proven recovery time',
            of.recovery_seconds === null ? 'not measured yet' : duration(of.recovery_seconds),
          ],
          ['In the store', `${bytes(of.vault.bytes)} in ${count(of.vault.objects, 'object')}`],
        ]}
      />
    </>
  );
}

function Runs({ of }: { of: readonly Run[] }) {
  const columns: Array<Column<Run>> = [
    { label: 'Started', cell: ({ started_at }) => <Time at={started_at} as="full" /> },
    { label: 'Kind', cell: ({ kind }) => (kind === 'full' ? 'everything' : 'what was new') },
    { label: 'State', cell: ({ status }) => stateBadge(status) },
    { label: 'Versions', kind: 'number', cell: ({ versions }) => versions },
    { label: 'Size', kind: 'number', cell: (run) => bytes(run.bytes) },
    { label: 'Fault', cell: ({ error }) => error },
  ];
  if (of.length === 0)
    return (
      <Empty title="No copies yet">
        <p>The service makes the first one by itself, within a minute of the first change.</p>
      </Empty>
    );
  return <DataTable label="Last copies" columns={columns} rows={of} keyOf={({ id }) => id} />;
}

function Verifications({ of }: { of: readonly Verification[] }) {
  const columns: Array<Column<Verification>> = [
    { label: 'Started', cell: ({ started_at }) => <Time at={started_at} as="full" /> },
    { label: 'State', cell: ({ status }) => stateBadge(status) },
    { label: 'Read back', cell: (one) => `${count(one.versions, 'version')}, ${bytes(one.bytes)}` },
    {
      label: 'Recovery took',
      kind: 'number',
      cell: ({ recovery_ms: ms }) => (ms === null ? '' : duration(ms / 1_000)),
    },
    { label: 'Fault', cell: ({ error }) => error },
  ];
  if (of.length === 0) return <p class="muted">No copy was read back yet.</p>;
  return <DataTable label="Last verifications" columns={columns} rows={of} keyOf={({ id }) => id} />;
}
