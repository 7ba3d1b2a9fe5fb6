import { JobRunner } from '../../src/platform/jobs/job-runner';
import type { TestApp } from './app';
import type { ApiClient } from './client';
import { allSettled } from './settled';
import { FakeTool, type ToolAnswer, type ToolCall } from './tools/fake-tool';

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

/** A delivery as the API answers it. */
export interface DeliveryJson {
  n: number;
  type: string;
  event_seq: number | null;
  subject_id: string | null;
  status: string;
  created_at: string;
  attempts: number;
  last_attempt_at: string | null;
  next_attempt_at: string | null;
  http_status: number | null;
  duration_ms: number | null;
  failure: string | null;
}

/** The body of a message in the format `standard`. */
export interface MessageJson {
  type: string;
  timestamp: string;
  data: { seq: number; graph_id?: string; version?: number; title?: string | null } & Record<string, unknown>;
}

export const messageOf = ({ body }: ToolCall) => JSON.parse(body.toString()) as MessageJson;

/** A receiver on loopback that answers 204 unless `handle` says otherwise. */
export function aReceiver(
  handle: (call: ToolCall) => ToolAnswer | undefined = () => undefined,
): Promise<FakeTool> {
  return FakeTool.start((call) => handle(call) ?? { status: 204, body: '' });
}

/** Sends all that is due by the test's clock. `settled`: whether to wait until all events can be followed. */
export async function deliverNow(app: TestApp, { settled = true } = {}): Promise<void> {
  if (settled) await allSettled(app);
  const { ended } = await app.service.app.get(JobRunner).trigger('webhooks');
  const { status, error } = await ended;
  if (status !== 'done') throw new Error(`The job ended as ${status}: ${error}`);
}

/** The deliveries of a webhook, oldest first. */
export async function deliveriesOf(user: ApiClient, id: string): Promise<DeliveryJson[]> {
  const answer = await user.get(`${WEBHOOKS}/${id}/deliveries`);
  return answer.json<DeliveryJson[]>().reverse();
}
