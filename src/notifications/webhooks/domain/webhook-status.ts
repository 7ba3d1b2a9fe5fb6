import { uuidText } from '../../../platform/ids/uuid';
import type { WebhookStateRow } from './webhook-state.entity';
import type { WebhookRow } from './webhook.entity';

export const WEBHOOK_STATUSES = ['working', 'failing', 'paused', 'disabled'] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];

const ID_BYTES = 16;

export function webhookStatus(
  { enabled, disabled_at }: Pick<WebhookRow, 'enabled' | 'disabled_at'>,
  state: Pick<WebhookStateRow, 'failures'> | undefined,
): WebhookStatus {
  if (enabled === 0) return disabled_at === null ? 'paused' : 'disabled';
  return (state?.failures ?? 0) > 0 ? 'failing' : 'working';
}

/** The graphs that a webhook is about; empty: all. */
export function graphIdsOf({ graph_ids }: Pick<WebhookRow, 'graph_ids'>): string[] {
  const count = Math.floor(graph_ids.length / ID_BYTES);
  return Array.from({ length: count }, (_, i) =>
    uuidText(graph_ids.subarray(i * ID_BYTES, (i + 1) * ID_BYTES)),
  );
}
