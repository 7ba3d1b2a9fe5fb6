import '../../styles/rows.css';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { addressOf, api } from '../../api/client';
import type { components } from '../../api/schema';
import { AddGraphs } from '../../parts/add-graphs';
import { BackupBadge } from '../../parts/backup-badge';
import { ChangeSummary } from '../../parts/change-summary';
import { Dialog } from '../../parts/dialog';
import { Empty } from '../../parts/empty';
import { ErrorNote } from '../../parts/error-note';
import { count } from '../../parts/format';
import { Icon } from '../../parts/icon';
import { Waiting } from '../../parts/loaded';
import { PageHead } from '../../parts/page-head';
import { Thumbnail } from '../../parts/thumbnail';
import { Time } from '../../parts/time';
import { partOf, usePages } from '../../parts/use-pages';
import { VirtualList } from '../../parts/virtual-list';
import { Toolbar, filterOf, isFiltered } from './toolbar';

type Graph = components['schemas']['GraphView'];

const ROW_HEIGHT = 72;

/** The graphs of the signed-in user: search as you type, filters, and as many as there are. */
export function Graphs() {
  const { query, route } = useLocation();
  const [adding, setAdding] = useState(false);
  const filter = filterOf(query);
  const { q, status, source, backup, sort } = filter;
  const pages = usePages<Graph>(
    async (skip, limit, signal) => {
      const wanted = {
        ...(q !== '' && { q }),
        ...(status && { status }),
        ...(source && { source }),
        ...(backup && { backup_status: backup }),
      };
      const { data, headers } = await api.get('/graphs', { query: { ...wanted, sort, skip, limit }, signal });
      return partOf(data, headers);
    },
    [q, status, source, backup, sort],
  );
  const go = (change: Record<string, string | undefined>) =>
    route(addressOf('/graphs', {}, { q, status, source, backup, sort: query['sort'], ...change }), true);
  return (
    <>
      <PageHead
        title="Graphs"
        lead={<span role="status">{pages.total ? totalOf(pages.total, pages.isOpen) : ''}</span>}
      >
        <button type="button" class="button primary" onClick={() => setAdding(true)}>
          <Icon name="plus" /> Add graphs
        </button>
      </PageHead>
      <Toolbar of={filter} go={go} />
      {pages.error && <ErrorNote error={pages.error} retry={pages.reload} />}
      {pages.total === undefined && !pages.error && <Waiting lines={6} height={60} />}
      {pages.total === 0 && <NoGraphs isSearch={isFiltered(filter)} add={() => setAdding(true)} />}
      {(pages.total ?? 0) > 0 && (
        <div class="card graphs">
          <VirtualList
            label="Graphs"
            count={pages.total!}
            rowHeight={ROW_HEIGHT}
            onShow={pages.show}
            row={(index) => <Row graph={pages.at(index)} />}
          />
        </div>
      )}
      {adding && (
        <Dialog title="Add graphs" onClose={() => setAdding(false)}>
          <AddGraphs
            onAdded={() => {
              setAdding(false);
              pages.reload();
            }}
          />
        </Dialog>
      )}
    </>
  );
}

function totalOf(total: number, isOpen: boolean): string {
  return isOpen ? `More than ${count(total, 'graph')}` : count(total, 'graph');
}

function NoGraphs({ isSearch, add }: { isSearch: boolean; add: () => void }) {
  if (isSearch)
    return (
      <Empty title="No graph matches">
        <p>
          Deleted graphs are in the <a href="/trash">trash</a>.
        </p>
        <a class="button" href="/graphs">
          Clear the filters
        </a>
      </Empty>
    );
  return (
    <Empty title="No graphs yet">
      <p>Connect your tool, and each change of its graphs is kept by itself. Or add an export.</p>
      <p class="row">
        <a class="button primary" href="/sources/new">
          Connect a tool
        </a>
        <button type="button" class="button" onClick={add}>
          Add a file
        </button>
      </p>
    </Empty>
  );
}

function Row({ graph }: { graph: Graph | undefined }) {
  if (!graph) return <div class="graph-row" aria-busy="true" />;
  return (
    <a class="graph-row" href={`/graphs/${graph.id}`}>
      <Thumbnail graph={graph.id} version={graph.version} />
      <span class="grow">
        <span class="graph-title cut">{graph.title}</span>
        <span class="graph-change cut small">
          <ChangeSummary graph={graph.id} version={graph.version} />
        </span>
      </span>
      <span class="graph-facts small">
        <span class="muted">
          <Time at={graph.updated_at} />
        </span>
        <span class="row">
          {graph.status !== 'active' && <span class="badge">{graph.status}</span>}
          <BackupBadge status={graph.backup_status} />
        </span>
      </span>
    </a>
  );
}
