import type { Action } from '../../../audit/domain/actions';

/** Events about the owner's own data. Each is the action of the journal with the same name. */
export const OWN_EVENTS = [
  'graph.created',
  'graph.updated',
  'graph.deleted',
  'graph.recovered',
  'graph.restored',
  'graph.imported',
  'graph.purged',
  'source.failing',
  'source.recovered',
] as const satisfies readonly Action[];
export type OwnEvent = (typeof OWN_EVENTS)[number];

/** Events about the installation, for operators. `WebhookEvents.announce` records them. */
export const OPERATIONAL_EVENTS = [
  'backup.stale',
  'verification.failed',
  'retention.stopped',
  'source.failing',
  'storage.low',
  'seals.broken',
] as const;
export type OperationalEvent = (typeof OPERATIONAL_EVENTS)[number];

/** All types that a webhook can ask for. */
export const WEBHOOK_EVENTS = [...new Set<string>([...OWN_EVENTS, ...OPERATIONAL_EVENTS])];

/** The action of the journal for events that other parts of the service announce; `details.type` is their type. */
export const ANNOUNCED: Action = 'notification.announced';

/** Actions of the journal that webhooks can be about. */
export const FED_ACTIONS: readonly Action[] = [...OWN_EVENTS, ANNOUNCED];

const OPERATIONAL = new Set<string>(OPERATIONAL_EVENTS);
const OWN = new Set<string>(OWN_EVENTS);

/** Whether one of the types is about the installation. */
export function hasOperational(types: readonly string[]): boolean {
  return types.some((type) => OPERATIONAL.has(type));
}

/** Whether the types can be asked for by operators only. */
export function needsOperator(types: readonly string[]): boolean {
  return types.some((type) => OPERATIONAL.has(type) && !OWN.has(type));
}

/** The type of a journal's event; undefined for an event that webhooks are not about. */
export function typeOfEvent(event: {
  action: string;
  details: Readonly<Record<string, unknown>> | null;
}): string | undefined {
  if (OWN.has(event.action)) return event.action;
  const type = event.action === ANNOUNCED ? event.details?.['type'] : undefined;
  return typeof type === 'string' ? type : undefined;
}
