import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import { Dialog } from '../../parts/dialog';
import { Field } from '../../parts/field';
import { Loaded, Waiting } from '../../parts/loaded';
import { useResource } from '../../parts/use-resource';

/** Chooses another graph to compare with. */
export function OtherGraph({ onChoose, onClose }: { onChoose: (id: string) => void; onClose: () => void }) {
  const [q, setQ] = useState('');
  const found = useResource(
    async (signal) =>
      (await api.get('/graphs', { query: { ...(q && { q }), sort: '-updated_at', limit: 12 }, signal })).data,
    [q],
  );
  return (
    <Dialog title="Compare with another graph" onClose={onClose}>
      <div class="stack-small">
        <Field label="Title" autofocus value={q} onValue={setQ} />
        <Loaded of={found} waiting={<Waiting lines={3} height={34} />}>
          {(graphs) => (
            <ul class="stack-small">
              {graphs.map(({ id, title }) => (
                <li key={id}>
                  <button type="button" class="button wide" onClick={() => onChoose(id)}>
                    <span class="cut">{title}</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}
