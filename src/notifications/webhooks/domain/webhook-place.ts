import { hasOperational } from './event-types';
import type { WebhookStateRow } from './webhook-state.entity';
import type { WebhookRow } from './webhook.entity';

/** A webhook by its keys. */
export type WebhookPlace = Pick<WebhookStateRow, 'user_key' | 'webhook_key'>;

/** The keys of a webhook's state and deliveries. */
export function placeOf({ user_key, key }: Pick<WebhookRow, 'user_key' | 'key'>): WebhookPlace {
  return { user_key, webhook_key: key };
}

/** The state of a webhook that has sent nothing, for events after its own `seq`. */
export function newState(
  row: Pick<WebhookRow, 'user_key' | 'key' | 'seq' | 'enabled' | 'events'>,
): WebhookStateRow {
  return {
    ...placeOf(row),
    active: row.enabled,
    operational: hasOperational(row.events.split(' ')) ? 1 : 0,
    slow: 0,
    cursor_seq: row.seq,
    news_seq: row.seq,
    due_at: null,
    failures: 0,
    failing_since: null,
    last_attempt_at: null,
    last_success_at: null,
    deliveries: 0,
  };
}
