import type { ApiClient } from './client';

export const WEBHOOKS = '/api/v1/webhooks';

/** A webhook as the API answers it. */
export interface WebhookJson {
  id: string;
  name: string;
  url: string;
  format: string;
  events: string[];
  graph_ids: string[];
  status: string;
  enabled: boolean;
  disabled_reason: string | null;
  disabled_at: string | null;
  failures: number;
  failing_since: string | null;
  last_attempt_at: string | null;
  last_success_at: string | null;
  previous_secret_until: string | null;
  created_at: string;
  secret: string;
}

/** A new webhook. */
export async function aWebhook(user: ApiClient, url: string, more: object = {}): Promise<WebhookJson> {
  const made = await user.post(WEBHOOKS, { url, events: ['graph.created', 'graph.updated'], ...more });
  if (made.status !== 201) throw new Error(`The test's webhook was not made: ${made.text}`);
  return made.json<WebhookJson>();
}
