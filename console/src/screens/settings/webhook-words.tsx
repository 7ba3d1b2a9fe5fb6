import type { components } from '../../api/schema';

export type Webhook = components['schemas']['WebhookView'];
export type NewWebhookView = components['schemas']['NewWebhookView'];
export type Delivery = components['schemas']['WebhookDeliveryView'];

type Event = Webhook['events'][number];

/** Events of one's own graphs and sources. */
export const OWN_EVENTS: ReadonlyArray<readonly [Event, string]> = [
  ['graph.created', 'a graph is created'],
  ['graph.updated', 'a graph is changed'],
  ['graph.restored', 'an earlier version is restored'],
  ['graph.deleted', 'a graph is moved to the trash'],
  ['graph.recovered', 'a graph is taken out of the trash'],
  ['graph.imported', 'a graph is imported'],
  ['graph.purged', 'a graph is purged'],
  ['source.failing', 'a source fails'],
  ['source.recovered', 'a source works again'],
];

/** Events of the installation, for operators. */
export const OPERATIONAL_EVENTS: ReadonlyArray<readonly [Event, string]> = [
  ['backup.stale', 'the backup is stale'],
  ['verification.failed', 'a verification of the backup fails'],
  ['retention.stopped', 'retention stops'],
  ['storage.low', 'storage is running low'],
  ['seals.broken', 'the audit log differs from its seals'],
];

const MEANINGS = new Map([...OWN_EVENTS, ...OPERATIONAL_EVENTS]);

/** The events in words, as one list. */
export function eventWords(events: readonly Event[]): string {
  return events.map((event) => MEANINGS.get(event) ?? event).join(', ');
}

export const FORMATS: ReadonlyArray<readonly [Webhook['format'], string]> = [
  ['standard', 'JSON for a program'],
  ['slack', 'Slack'],
  ['discord', 'Discord'],
  ['ntfy', 'ntfy'],
];

const STATUS: Readonly<Record<Webhook['status'], readonly [tone: string, text: string]>> = {
  working: ['ok', 'working'],
  failing: ['warning', 'failing'],
  paused: ['', 'paused'],
  disabled: ['danger', 'disabled'],
};
const DELIVERY: Readonly<Record<Delivery['status'], readonly [tone: string, text: string]>> = {
  pending: ['', 'waits'],
  delivered: ['ok', 'delivered'],
  failed: ['danger', 'given up'],
};

const badge = ([tone, text]: readonly [string, string]) => <span class={`badge ${tone}`}>{text}</span>;

export const webhookBadge = ({ status }: Webhook) => badge(STATUS[status]);
export const deliveryBadge = ({ status }: Delivery) => badge(DELIVERY[status]);

/** What a delivery came to, in a few words. */
export function outcomeOf({ failure, http_status: status, duration_ms: ms }: Delivery): string {
  if (failure !== null) return failure;
  return status === null ? 'not sent yet' : `answered ${status}${ms === null ? '' : ` in ${ms} ms`}`;
}
