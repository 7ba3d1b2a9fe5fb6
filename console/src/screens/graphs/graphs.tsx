import '../../styles/rows.css';
import { useEffect, useState } from 'preact/hooks';
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

type Graph = components['schemas']['GraphView'];

const STATUSES = ['draft', 'active', 'archived'] as const;
const SORTS = [
  ['-updated_at', 'Last changed'],
  ['-created_at', 'Newest'],
  ['title', 'Title'],
] as const;
type Sort = (typeof SORTS)[number][0];
type Status = (typeof STATUSES)[number];

const ROW_HEIGHT = 72;

/** The graphs of the signed-in user: search as you type, filters, and as many as there are. */
export function Graphs() {
  const { query, route } = useLocation();
  const [adding, setAdding] = useState(false);
  const q = query['q'] ?? '';
  const status = STATUSES.find((name) => name === query['status']);
  const sort: Sort = SORTS.find(([name]) => name === query['sort'])?.[0] ?? '-updated_at';
  const pages = usePages<Graph>(
    async (skip, limit, signal) => {
      const filter = { ...(q !== '' && { q }), ...(status && { status }) };
      const { data, headers } = await api.get('/graphs', { query: { ...filter, sort, skip, limit }, signal });
      return partOf(data, headers);
    },
    [q, status, sort],
  );
  const go = (change: Record<string, string | undefined>) =>
    route(addressOf('/graphs', {}, { q, status, sort: query['sort'], ...change }), true);
  const isFiltered = q !== '' || status !== undefined;
  return (
    <>
      <PageHead title="Graphs" lead={pages.total ? totalOf(pages.total, pages.isOpen) : undefined}>
        <button type="button" class="button primary" onClick={() => setAdding(true)}>
          <Icon name="plus" /> Add graphs
        </button>
      </PageHead>
      <Toolbar q={q} status={status} sort={sort} go={go} />
      {pages.error && <ErrorNote error={pages.error} retry={pages.reload} />}
      {pages.total === undefined && !pages.error && <Waiting lines={6} height={60} />}
      {pages.total === 0 && <NoGraphs isFiltered={isFiltered} add={() => setAdding(true)} />}
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

interface ToolbarProps {
  q: string;
  status: Status | undefined;
  sort: Sort;
  go: (change: Record<string, string | undefined>) => void;
}

/** Pause in typing after which the search begins, ms. */
const TYPING_MS = 150;

function Toolbar({ q, status, sort, go }: ToolbarProps) {
  const [text, setText] = useState(q);
  useEffect(() => {
    if (text === q) return;
    const timer = setTimeout(() => go({ q: text }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="toolbar" role="search">
      <div class="search">
        <Icon name="search" />
        <input
          class="input"
          type="search"
          aria-label="Search by title"
          placeholder="Search by title"
          maxLength={200}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <select
        class="input"
        aria-label="Status"
        value={status ?? ''}
        onChange={(event) => go({ status: event.currentTarget.value || undefined })}
      >
        <option value="">Any status</option>
        {STATUSES.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <select
        class="input"
        aria-label="Order"
        value={sort}
        onChange={(event) => go({ sort: event.currentTarget.value })}
      >
        {SORTS.map(([name, label]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}

function NoGraphs({ isFiltered, add }: { isFiltered: boolean; add: () => void }) {
  if (isFiltered)
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
