import './sources.css';
import { api } from '../../api/client';
import { DataTable, type Column } from '../../parts/data-table';
import { Empty } from '../../parts/empty';
import { ErrorNote } from '../../parts/error-note';
import { Icon } from '../../parts/icon';
import { Loaded } from '../../parts/loaded';
import { PageHead } from '../../parts/page-head';
import { useResource } from '../../parts/use-resource';
import type { Source } from './draft';
import { KINDS } from './kinds';
import { statusBadge, timeOr } from './source-words';
import { useSourceActions } from './use-source-actions';
import { isMoving, useWatch } from './use-watch';

/** An account has 100 sources at most. */
const SOURCES_MAX = 100;

/** The tools that are connected. */
export function Sources() {
  const sources = useResource(
    async (signal) => (await api.get('/sources', { query: { limit: SOURCES_MAX }, signal })).data,
    [],
  );
  const actions = useSourceActions(sources.reload);
  useWatch(sources, sources.data?.some((source) => isMoving(source) || actions.isAsked(source)) ?? false);
  return (
    <>
      <PageHead
        title="Sources"
        lead="Tools whose graphs are read by themselves: each change becomes a version."
      >
        <a class="button primary" href="/sources/new">
          <Icon name="plus" /> Connect a tool
        </a>
      </PageHead>
      <div class="stack">
        <ErrorNote error={actions.error} />
        <Loaded of={sources}>
          {(list) => (list.length === 0 ? <None /> : <SourceTable of={list} actions={actions} />)}
        </Loaded>
      </div>
    </>
  );
}

function None() {
  return (
    <Empty title="No tool is connected">
      <p>
        Connect n8n, Node-RED, Grafana, Langflow, Flowise, ComfyUI, a folder or any server with JSON once.
        From then on its graphs have a history.
      </p>
      <a class="button" href="/sources/new">
        Connect a tool
      </a>
    </Empty>
  );
}

type Actions = ReturnType<typeof useSourceActions>;

function SourceTable({ of, actions }: { of: readonly Source[]; actions: Actions }) {
  const columns: Array<Column<Source>> = [
    {
      label: 'Tool',
      cell: ({ id, name, kind, url }) => (
        <>
          <a href={`/sources/${id}`}>{name}</a>
          <p class="muted small source-url">
            {KINDS[kind].label}, {url}
          </p>
        </>
      ),
    },
    {
      label: 'State',
      cell: (source) => (
        <>
          {statusBadge(source)}
          {source.failure !== null && <p class="small source-failure">{source.failure}</p>}
        </>
      ),
    },
    { label: 'Graphs', kind: 'number', cell: ({ counts }) => counts.items },
    { label: 'Read last', cell: ({ last_success_at }) => timeOr(last_success_at, 'never') },
    {
      label: 'Action',
      kind: 'action',
      cell: (source) => (
        <div class="row">
          <button
            type="button"
            class="button small"
            aria-label={`Read now: ${source.name}`}
            disabled={actions.busy || isMoving(source) || actions.isAsked(source)}
            onClick={() => void actions.sync.run(source)}
          >
            Read now
          </button>
          <button
            type="button"
            class="button small"
            aria-label={`${source.enabled ? 'Pause' : 'Resume'}: ${source.name}`}
            disabled={actions.busy}
            onClick={() => void actions.enable.run(source, !source.enabled, false)}
          >
            {source.enabled ? 'Pause' : 'Resume'}
          </button>
        </div>
      ),
    },
  ];
  return (
    <section class="card card-pad">
      <DataTable label="Sources" columns={columns} rows={of} keyOf={({ id }) => id} />
    </section>
  );
}
