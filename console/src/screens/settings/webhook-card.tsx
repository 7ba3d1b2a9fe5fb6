import { count } from '../../parts/format';
import { Facts } from '../../parts/facts';
import { Time } from '../../parts/time';
import { FORMATS, eventWords, webhookBadge, type Webhook } from './webhook-words';

/** What can be done with a webhook. */
export interface CardActions {
  busy: boolean;
  onEdit: (webhook: Webhook) => void;
  onTest: (webhook: Webhook) => void;
  onDeliveries: (webhook: Webhook) => void;
  onEnable: (webhook: Webhook, enabled: boolean) => void;
  onSecret: (webhook: Webhook) => void;
  onRemove: (webhook: Webhook) => void;
}

/** One webhook: how it is, and what can be done with it. */
export function WebhookCard({ of, actions }: { of: Webhook; actions: CardActions }) {
  const { busy } = actions;
  const buttons: ReadonlyArray<readonly [text: string, act: (webhook: Webhook) => void]> = [
    ['Test', actions.onTest],
    ['Deliveries', actions.onDeliveries],
    ['Change', actions.onEdit],
    of.enabled
      ? ['Pause', (one) => actions.onEnable(one, false)]
      : ['Resume', (one) => actions.onEnable(one, true)],
    ['New secret', actions.onSecret],
    ['Remove', actions.onRemove],
  ];
  const format = FORMATS.find(([one]) => one === of.format)?.[1] ?? of.format;
  const last = of.last_success_at;
  return (
    <li class="webhook card stack-small">
      <div class="row">
        <strong class="grow">{of.name}</strong>
        {webhookBadge(of)}
      </div>
      {of.disabled_reason !== null && (
        <p class="note warning">
          Disabled by the service: {of.disabled_reason} Resume it to send what it missed.
        </p>
      )}
      <Facts
        of={[
          ['Receiver', format],
          ['Address', <span class="mono">{of.url}</span>],
          ['Called when', eventWords(of.events)],
          ['For', of.graph_ids.length === 0 ? 'all graphs' : count(of.graph_ids.length, 'graph')],
          ['Last delivered', last === null ? 'never' : <Time at={last} />],
        ]}
      />
      <div class="row">
        {buttons.map(([text, act]) => (
          <button
            key={text}
            type="button"
            class={text === 'Remove' ? 'button small danger' : 'button small'}
            aria-label={`${text}: ${of.name}`}
            disabled={busy}
            onClick={() => act(of)}
          >
            {text}
          </button>
        ))}
      </div>
    </li>
  );
}
