import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api } from '../../api/client';
import { AddGraphs } from '../../parts/add-graphs';
import { Dialog } from '../../parts/dialog';
import { Empty } from '../../parts/empty';
import { Icon } from '../../parts/icon';
import { Loaded } from '../../parts/loaded';
import { PageHead } from '../../parts/page-head';
import { Time } from '../../parts/time';
import { useResource } from '../../parts/use-resource';

/** The graphs of the signed-in user. */
export function Graphs() {
  const { query, route } = useLocation();
  const [adding, setAdding] = useState(false);
  const q = query['q'] ?? '';
  const graphs = useResource(
    async (signal) =>
      (await api.get('/graphs', { query: { q, sort: '-updated_at', limit: 500 }, signal })).data,
    [q],
  );
  return (
    <>
      <PageHead title="Graphs">
        <button type="button" class="button primary" onClick={() => setAdding(true)}>
          <Icon name="plus" /> Add graphs
        </button>
      </PageHead>
      <input
        class="input"
        type="search"
        aria-label="Search by title"
        placeholder="Search by title"
        value={q}
        onInput={({ currentTarget: { value } }) =>
          route(value === '' ? '/graphs' : `/graphs?q=${encodeURIComponent(value)}`, true)
        }
      />
      <Loaded of={graphs}>
        {(list) =>
          list.length === 0 ? (
            <Empty title={q === '' ? 'No graphs yet' : 'No graph has this in its title'}>
              {q === '' && (
                <button type="button" class="button primary" onClick={() => setAdding(true)}>
                  Add your first graph
                </button>
              )}
            </Empty>
          ) : (
            <ul>
              {list.map((graph) => (
                <li key={graph.id} class="row">
                  <span class="grow cut">{graph.title}</span>
                  <Time at={graph.updated_at} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {adding && (
        <Dialog title="Add graphs" onClose={() => setAdding(false)}>
          <AddGraphs
            onAdded={() => {
              setAdding(false);
              graphs.reload();
            }}
          />
        </Dialog>
      )}
    </>
  );
}
