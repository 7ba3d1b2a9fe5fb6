import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { Dialog } from '../../parts/dialog';
import { Empty } from '../../parts/empty';
import { ErrorNote } from '../../parts/error-note';
import { count } from '../../parts/format';
import { Icon } from '../../parts/icon';
import { Waiting } from '../../parts/loaded';
import { PageHead } from '../../parts/page-head';
import { Time } from '../../parts/time';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';
import { partOf, usePages } from '../../parts/use-pages';
import { VirtualList } from '../../parts/virtual-list';
import '../../styles/rows.css';

type Graph = components['schemas']['GraphView'];

const DAY_MS = 86_400_000;

/** Deleted graphs, until their time in the trash is over. */
export function Trash() {
  const { route } = useLocation();
  const [purging, setPurging] = useState<Graph>();
  const pages = usePages<Graph>(async (skip, limit, signal) => {
    const { data, headers } = await api.get('/graphs', { query: { deleted: 'only', skip, limit }, signal });
    return partOf(data, headers);
  }, []);
  const recover = useAction(async ({ id, title }: Graph) => {
    await api.post('/graphs/{id}/recover', { path: { id } });
    pages.reload();
    say(`“${title}” is back.`);
    route(`/graphs/${id}`);
  });
  return (
    <>
      <PageHead
        title="Trash"
        lead="Deleted graphs keep their whole history here, until they are removed permanently."
      />
      <ErrorNote error={recover.error} />
      {pages.error && <ErrorNote error={pages.error} retry={pages.reload} />}
      {pages.total === undefined && !pages.error && <Waiting lines={3} height={60} />}
      {pages.total === 0 && <Empty title="The trash is empty" />}
      {(pages.total ?? 0) > 0 && (
        <div class="card graphs">
          <VirtualList
            label="Deleted graphs"
            count={pages.total!}
            rowHeight={72}
            onShow={pages.show}
            row={(index) => (
              <Row
                graph={pages.at(index)}
                busy={recover.busy}
                onRecover={(graph) => void recover.run(graph)}
                onPurge={setPurging}
              />
            )}
          />
        </div>
      )}
      {purging && (
        <Purge
          graph={purging}
          onClose={() => setPurging(undefined)}
          onDone={() => {
            setPurging(undefined);
            pages.reload();
          }}
        />
      )}
    </>
  );
}

interface RowProps {
  graph: Graph | undefined;
  busy: boolean;
  onRecover: (graph: Graph) => void;
  onPurge: (graph: Graph) => void;
}

function Row({ graph, busy, onRecover, onPurge }: RowProps) {
  if (!graph) return <div class="graph-row" aria-busy="true" />;
  const { title, deleted_at, purge_at } = graph;
  const days = purge_at === null ? 0 : Math.max(0, Math.ceil((Date.parse(purge_at) - Date.now()) / DAY_MS));
  return (
    <div class="graph-row">
      <span class="grow">
        <span class="graph-title cut">{title}</span>
        <span class="graph-change cut small muted">
          {count(days, 'day')} left, deleted {deleted_at && <Time at={deleted_at} />}
        </span>
      </span>
      <button type="button" class="button small" disabled={busy} onClick={() => onRecover(graph)}>
        <Icon name="restore" size={15} /> Recover
      </button>
      <button
        type="button"
        class="button small quiet icon"
        aria-label={`Remove ${title} permanently`}
        onClick={() => onPurge(graph)}
      >
        <Icon name="trash" size={16} />
      </button>
    </div>
  );
}

function Purge({ graph, onClose, onDone }: { graph: Graph; onClose: () => void; onDone: () => void }) {
  const action = useAction(async () => {
    await api.post('/graphs/{id}/purge', { path: { id: graph.id } });
    say(`“${graph.title}” is removed.`);
    onDone();
  });
  return (
    <Dialog title="Remove permanently?" onClose={onClose}>
      <div class="stack-small">
        <p>
          <strong>{graph.title}</strong> and {count(graph.version, 'version')} of its history are removed.
          This cannot be undone.
        </p>
        <ErrorNote error={action.error} />
      </div>
      <div class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>
          Keep it
        </button>
        <button type="button" class="button danger" disabled={action.busy} onClick={() => void action.run()}>
          Remove permanently
        </button>
      </div>
    </Dialog>
  );
}
