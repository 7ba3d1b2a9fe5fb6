import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import { session } from '../../api/session';
import { Choice } from '../../parts/choice';
import { Dialog } from '../../parts/dialog';
import { ErrorNote } from '../../parts/error-note';
import { Field } from '../../parts/field';
import { useAction } from '../../parts/use-action';
import { useStore } from '../../parts/use-store';
import { WebhookGraphs } from './webhook-graphs';
import { FORMATS, OPERATIONAL_EVENTS, OWN_EVENTS, type NewWebhookView, type Webhook } from './webhook-words';

type Events = Webhook['events'];

interface Props {
  /** Missing: a new one is made. */
  of?: Webhook;
  onSaved: (webhook: Webhook | NewWebhookView) => void;
  onClose: () => void;
}

/** Makes or changes a webhook. */
export function WebhookForm({ of, onSaved, onClose }: Props) {
  const [name, setName] = useState(of?.name ?? '');
  const [url, setUrl] = useState(of?.url ?? '');
  const [format, setFormat] = useState<Webhook['format']>(of?.format ?? 'standard');
  const [events, setEvents] = useState<Events>(of?.events ?? ['graph.updated', 'graph.deleted']);
  const [graphs, setGraphs] = useState<string[]>(of?.graph_ids ?? []);
  const save = useAction(async () => {
    const body = { url, format, events, graph_ids: graphs, ...(name.trim() !== '' && { name }) };
    const answer = of
      ? await api.patch('/webhooks/{id}', { path: { id: of.id }, body })
      : await api.post('/webhooks', { body });
    onSaved(answer.data);
  });
  const fault = save.error?.fault('url');
  return (
    <Dialog title={of ? `Change “${of.name}”` : 'New webhook'} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void save.run();
        }}
      >
        <ErrorNote error={fault ? undefined : save.error} />
        <Field
          label="Address"
          type="url"
          required
          autofocus
          maxLength={2_000}
          placeholder="https://hooks.example.org/graphs"
          value={url}
          onValue={setUrl}
          fault={fault}
        />
        <Choice label="Receiver" value={format} onValue={setFormat} options={FORMATS} />
        <Field label="Name" maxLength={200} placeholder="Team chat" value={name} onValue={setName} />
        <EventChoice value={events} onValue={setEvents} />
        {events.some((event) => event.startsWith('graph.')) && (
          <WebhookGraphs value={graphs} onValue={setGraphs} />
        )}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={save.busy || events.length === 0}>
            {of ? 'Save' : 'Make webhook'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function EventChoice({ value, onValue }: { value: Events; onValue: (events: Events) => void }) {
  const state = useStore(session);
  const role = 'user' in state ? state.user.role : 'user';
  const offered = role === 'user' ? OWN_EVENTS : [...OWN_EVENTS, ...OPERATIONAL_EVENTS];
  return (
    <fieldset class="fieldset stack-small">
      <legend>It is called when</legend>
      {offered.map(([event, meaning]) => (
        <label key={event} class="check">
          <input
            type="checkbox"
            checked={value.includes(event)}
            onChange={({ currentTarget: { checked } }) =>
              onValue(checked ? [...value, event] : value.filter((one) => one !== event))
            }
          />
          <span>{meaning}</span>
        </label>
      ))}
    </fieldset>
  );
}
