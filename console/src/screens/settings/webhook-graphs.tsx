import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import { GraphPicker } from '../../parts/graph-picker';
import { Icon } from '../../parts/icon';
import { Remembered, useRemembered } from '../../parts/use-remembered';

/** The most graphs that the service takes for a webhook. */
const GRAPHS_MAX = 200;

const titles = new Remembered<string>(GRAPHS_MAX);

interface Props {
  /** None: events of all graphs. */
  value: readonly string[];
  onValue: (ids: string[]) => void;
}

/** Chooses the graphs whose events a webhook gets. */
export function WebhookGraphs({ value, onValue }: Props) {
  const [adding, setAdding] = useState(false);
  const canAdd = value.length < GRAPHS_MAX;
  return (
    <fieldset class="fieldset stack-small">
      <legend>For these graphs</legend>
      {value.length === 0 ? (
        <p class="muted">All graphs, also those that are added later.</p>
      ) : (
        <ul class="stack-small" aria-label="Chosen graphs">
          {value.map((id) => (
            <Chosen key={id} id={id} onRemove={() => onValue(value.filter((one) => one !== id))} />
          ))}
        </ul>
      )}
      {adding && canAdd ? (
        <GraphPicker
          label="Title of a graph"
          except={value}
          onChoose={({ id, title }) => {
            titles.set(id, title);
            setAdding(false);
            onValue([...value, id]);
          }}
        />
      ) : (
        <div>
          <button type="button" class="button small" disabled={!canAdd} onClick={() => setAdding(true)}>
            <Icon name="plus" size={15} /> {value.length === 0 ? 'Only some graphs' : 'Another graph'}
          </button>
        </div>
      )}
    </fieldset>
  );
}

function Chosen({ id, onRemove }: { id: string; onRemove: () => void }) {
  const found = useRemembered(titles, id, async (signal) => {
    const { data } = await api.get('/graphs/{id}', { path: { id }, signal });
    return data.title;
  });
  const title = found === 'failed' ? 'a graph that is not here any more' : (found ?? '…');
  return (
    <li class="row webhook-graph">
      <span class="grow cut">{title}</span>
      <button
        type="button"
        class="button small quiet icon"
        aria-label={`Leave out ${title}`}
        onClick={onRemove}
      >
        <Icon name="close" size={14} />
      </button>
    </li>
  );
}
