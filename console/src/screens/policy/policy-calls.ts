import { api } from '../../api/client';
import type { components } from '../../api/schema';

export type Policy = components['schemas']['PolicyView'];
export type PolicyPart = components['schemas']['PolicyBody'];
export type Field = Exclude<keyof Policy, 'levels'>;
export type GraphVerdict = components['schemas']['GraphVerdictView'];
export type VersionVerdict = GraphVerdict['versions'][number];

/** What a policy would do, to one graph or to all. */
export interface Effect {
  policy: Policy;
  kept: number;
  removed: number;
  removed_bytes: number;
  graphs: GraphVerdict[];
}

/** The policy of a graph, or of the account without an id. */
export async function readPolicy(id: string | undefined, signal?: AbortSignal): Promise<Policy> {
  const options = signal ? { signal } : {};
  if (id === undefined) return (await api.get('/backup-policy', options)).data;
  return (await api.get('/graphs/{id}/backup-policy', { path: { id }, ...options })).data;
}

export async function writePolicy(id: string | undefined, body: PolicyPart): Promise<Policy> {
  if (id === undefined) return (await api.put('/backup-policy', { body })).data;
  return (await api.put('/graphs/{id}/backup-policy', { path: { id }, body })).data;
}

/** What a policy would keep and remove, and why. */
export async function previewPolicy(
  id: string | undefined,
  policy: PolicyPart,
  signal: AbortSignal,
): Promise<Effect> {
  const body = { policy };
  if (id === undefined) return (await api.post('/backup-policy/preview', { body, signal })).data;
  const path = { id };
  const { data } = await api.post('/graphs/{id}/backup-policy/preview', { path, body, signal });
  return { ...data, graphs: [data] };
}

/** What a level says by itself, without what it inherits. */
export function ownPart(policy: Policy, level: 'user' | 'graph'): PolicyPart {
  const own = FIELDS.filter(({ field }) => policy.levels[field] === level);
  return Object.fromEntries(own.map(({ field }) => [field, policy[field]]));
}

interface FieldText {
  field: Field;
  label: string;
  unit: string;
  hint: string;
  /** Limits of the API. */
  min: number;
  max: number;
}

const rule = (field: Field, label: string, unit: string, max: number, hint: string): FieldText => ({
  field,
  label,
  unit,
  hint,
  min: 0,
  max,
});

/** A version is kept when any of the rules keeps it. */
export const FIELDS: readonly FieldText[] = [
  rule('keep_last', 'The newest', 'versions', 1_000_000, 'However old they are.'),
  rule(
    'keep_within_hours',
    'Everything of the last',
    'hours',
    876_600,
    'Any time in these hours can be reached.',
  ),
  rule(
    'keep_hourly',
    'One for each of the last',
    'hours',
    1_000_000,
    'The last version of each hour that has one.',
  ),
  rule(
    'keep_daily',
    'One for each of the last',
    'days',
    100_000,
    'The last version of each day that has one.',
  ),
  rule(
    'keep_weekly',
    'One for each of the last',
    'weeks',
    10_000,
    'The last version of each week that has one.',
  ),
  rule(
    'keep_monthly',
    'One for each of the last',
    'months',
    10_000,
    'The last version of each month that has one.',
  ),
  rule(
    'keep_yearly',
    'One for each of the last',
    'years',
    1_000,
    'The last version of each year that has one.',
  ),
  {
    ...rule(
      'deleted_retention_days',
      'Time in the trash',
      'days',
      36_500,
      'For graphs that are deleted from now on.',
    ),
    min: 1,
  },
];
