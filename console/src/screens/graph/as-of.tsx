import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import { ErrorNote } from '../../parts/error-note';
import { Field } from '../../parts/field';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';

/** Finds the version that was current at a time, or says which times can be reached. */
export function AsOf({ graph, onFound }: { graph: string; onFound: (version: number) => void }) {
  const [time, setTime] = useState('');
  const action = useAction(async () => {
    const at = new Date(time).toISOString();
    const { data } = await api.get('/graphs/{id}', { path: { id: graph }, query: { at } });
    const { version } = data;
    say(`At that time, version ${version} was current.`);
    onFound(version);
  });
  return (
    <form
      class="as-of"
      onSubmit={(event) => {
        event.preventDefault();
        void action.run();
      }}
    >
      <Field label="Show it as of" type="datetime-local" required value={time} onValue={setTime} />
      <button type="submit" class="button" disabled={action.busy}>
        Show
      </button>
      {action.error && (
        <div class="as-of-error">
          <ErrorNote error={action.error} />
        </div>
      )}
    </form>
  );
}
