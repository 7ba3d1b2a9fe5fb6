import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { DataTable, type Column } from '../../parts/data-table';
import { count } from '../../parts/format';
import { Loaded } from '../../parts/loaded';
import { Time } from '../../parts/time';
import { useResource } from '../../parts/use-resource';
import { Pager } from './pager';
import { itemBadge, timeOr } from './source-words';
import { useSkip } from './use-skip';

type Item = components['schemas']['SourceItemView'];

const PAGE = 50;

export interface RoundProps {
  source: string;
  /** Changes with each run. */
  round: string | null;
  isMoving: boolean;
}

/** The graphs of a source, and how each one is doing. */
export function Items({ source, round, isMoving }: RoundProps) {
  const [skip, setSkip] = useSkip('graphs', PAGE);
  const items = useResource(
    async (signal) => {
      const { data, headers } = await api.get('/sources/{id}/items', {
        path: { id: source },
        query: { limit: PAGE, skip },
        signal,
      });
      return { rows: data, total: Number(headers.get('x-total-count') ?? data.length) };
    },
    [source, round, isMoving, skip],
  );
  return (
    <section class="card stack" aria-label="Graphs">
      <h2>Graphs</h2>
      <Loaded of={items}>
        {({ rows, total }) =>
          total === 0 ? (
            <p class="muted">{isMoving ? 'The tool is being read.' : 'No graph was found so far.'}</p>
          ) : (
            <>
              <DataTable label="Graphs" columns={COLUMNS} rows={rows} keyOf={(row) => row.remote_id} />
              <Pager label="Pages of graphs" skip={skip} size={PAGE} total={total} onSkip={setSkip} />
            </>
          )
        }
      </Loaded>
    </section>
  );
}

const COLUMNS: ReadonlyArray<Column<Item>> = [
  {
    label: 'Graph',
    cell: ({ graph_id: graph, title, remote_id: id, state }) => {
      const name = title || id;
      return graph === null || state === 'ignored' ? name : <a href={`/graphs/${graph}`}>{name}</a>;
    },
  },
  { label: 'Id at the tool', cell: ({ remote_id: id }) => <code class="source-url">{id}</code> },
  {
    label: 'State',
    cell: (item) => (
      <>
        {itemBadge(item)}
        {item.gone_since !== null && (
          <span class="small muted">
            {' '}
            since <Time at={item.gone_since} />
          </span>
        )}
        {item.secrets !== null && item.secrets > 0 && (
          <span class="small muted"> contains {count(item.secrets, 'typed-in secret')}</span>
        )}
        {item.failure !== null && <p class="small source-failure">{item.failure}</p>}
      </>
    ),
  },
  { label: 'Changed at the tool', cell: ({ remote_changed_at: at }) => timeOr(at, '') },
];
