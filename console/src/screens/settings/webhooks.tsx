import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import { Confirm } from '../../parts/confirm';
import { Dialog } from '../../parts/dialog';
import { Empty } from '../../parts/empty';
import { ErrorNote } from '../../parts/error-note';
import { Icon } from '../../parts/icon';
import { Loaded } from '../../parts/loaded';
import { Secret } from '../../parts/secret';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';
import { WebhookCard, type CardActions } from './webhook-card';
import { WebhookDeliveries } from './webhook-deliveries';
import { WebhookForm } from './webhook-form';
import { outcomeOf, type Webhook } from './webhook-words';

interface Shown {
  name: string;
  secret: string;
  /** For a secret that replaced another one. */
  isNew: boolean;
}

/** Programs and chats that are called when something happens. */
export function Webhooks() {
  const [editing, setEditing] = useState<Webhook | 'new'>();
  const [shown, setShown] = useState<Shown>();
  const [removing, setRemoving] = useState<Webhook>();
  const [listing, setListing] = useState<Webhook>();
  const webhooks = useResource(
    async (signal) => (await api.get('/webhooks', { query: { limit: 100 }, signal })).data,
    [],
  );
  const act = useAction(async (work: () => Promise<unknown>) => {
    await work();
    webhooks.reload();
  });
  const remove = useAction(async () => {
    await api.delete('/webhooks/{id}', { path: { id: removing!.id } });
    say(`The webhook “${removing!.name}” is removed.`);
    webhooks.reload();
  });
  const actions: CardActions = {
    busy: act.busy,
    onEdit: setEditing,
    onDeliveries: setListing,
    onRemove: setRemoving,
    onTest: ({ id }) =>
      void act.run(async () => {
        const { data } = await api.post('/webhooks/{id}/test', { path: { id } });
        say(data.status === 'delivered' ? `It works: ${outcomeOf(data)}.` : `It fails: ${outcomeOf(data)}`);
      }),
    onEnable: ({ id }, enabled) =>
      void act.run(() => api.patch('/webhooks/{id}', { path: { id }, body: { enabled } })),
    onSecret: ({ id, name }) =>
      void act.run(async () => {
        const { data } = await api.post('/webhooks/{id}/secret', { path: { id } });
        setShown({ name, secret: data.secret, isNew: true });
      }),
  };
  return (
    <div class="sections">
      <section class="card stack">
        <div class="row">
          <p class="muted grow">A webhook tells a program or a chat when something happens.</p>
          <button type="button" class="button primary" onClick={() => setEditing('new')}>
            <Icon name="plus" /> New webhook
          </button>
        </div>
        <ErrorNote error={act.error} />
        <Loaded of={webhooks}>
          {(list) =>
            list.length === 0 ? (
              <Empty title="No webhooks yet">
                <p>Make one to get a message in Slack, Discord or ntfy, or to call a program of yours.</p>
              </Empty>
            ) : (
              <ul class="stack" aria-label="Webhooks">
                {list.map((webhook) => (
                  <WebhookCard key={webhook.id} of={webhook} actions={actions} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </section>
      {editing && (
        <WebhookForm
          {...(editing !== 'new' && { of: editing })}
          onClose={() => setEditing(undefined)}
          onSaved={(webhook) => {
            setEditing(undefined);
            if ('secret' in webhook) setShown({ name: webhook.name, secret: webhook.secret, isNew: false });
            webhooks.reload();
          }}
        />
      )}
      {shown && (
        <Dialog title={`Secret of “${shown.name}”`} onClose={() => setShown(undefined)}>
          <div class="stack">
            <p>Copy the secret now: it is shown this once. It verifies that messages come from here.</p>
            {shown.isNew && <p>For 24 hours, messages are signed with the previous secret, too.</p>}
            <Secret label="Secret" value={shown.secret} />
          </div>
        </Dialog>
      )}
      {listing && <WebhookDeliveries of={listing} onClose={() => setListing(undefined)} />}
      {removing && (
        <Confirm
          title={`Remove “${removing.name}”?`}
          verb="Remove"
          danger
          action={remove}
          onClose={() => {
            remove.clear();
            setRemoving(undefined);
          }}
        >
          <p>Messages that wait are not sent. This cannot be undone.</p>
        </Confirm>
      )}
    </div>
  );
}
