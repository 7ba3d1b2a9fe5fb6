import { useState } from 'preact/hooks';
import { api } from '../api/client';
import type { components } from '../api/schema';
import { Field } from './field';
import { Loaded, Waiting } from './loaded';
import { useResource } from './use-resource';

type Graph = components['schemas']['GraphView'];

/** Graphs that are listed; what is not among them is found by its title. */
const LISTED = 12;

interface Props {
  label: string;
  /** Graphs that are not offered. */
  except?: readonly string[];
  onChoose: (graph: Pick<Graph, 'id' | 'title'>) => void;
}

/** Finds a graph by its title. */
export function GraphPicker({ label, except = [], onChoose }: Props) {
  const [q, setQ] = useState('');
  const found = useResource(
    async (signal) => {
      const limit = Math.min(LISTED + except.length, 100);
      return (await api.get('/graphs', { query: { ...(q && { q }), sort: '-updated_at', limit }, signal }))
        .data;
    },
    [q, except.length],
  );
  return (
    <div class="stack-small">
      <Field label={label} autofocus value={q} onValue={setQ} />
      <Loaded of={found} waiting={<Waiting lines={3} height={34} />}>
        {(graphs) => {
          const offered = graphs.filter(({ id }) => !except.includes(id)).slice(0, LISTED);
          if (offered.length === 0) return <p class="muted">No graph with this title.</p>;
          return (
            <ul class="stack-small" aria-label="Found graphs">
              {offered.map((graph) => (
                <li key={graph.id}>
                  <button type="button" class="button wide left" onClick={() => onChoose(graph)}>
                    <span class="cut">{graph.title}</span>
                  </button>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </div>
  );
}
