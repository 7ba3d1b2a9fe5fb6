import {
  POLICY_FIELDS,
  type Policy,
  type PolicyField,
  type PolicyPart,
} from '../../platform/config/policy-limits';

/** Where a field's value comes from, from the most general to the most special. */
export const POLICY_LEVELS = ['default', 'user', 'graph'] as const;
export type PolicyLevel = (typeof POLICY_LEVELS)[number];

/** A policy in effect, and the level each of its fields comes from. */
export interface EffectivePolicy {
  policy: Policy;
  levels: Readonly<Record<PolicyField, PolicyLevel>>;
}

/** Puts levels on one another, from the most general on: each field is inherited by itself. */
export function inherit(base: Policy, user: PolicyPart, graph: PolicyPart = {}): EffectivePolicy {
  const layers: ReadonlyArray<readonly [PolicyLevel, PolicyPart]> = [
    ['graph', graph],
    ['user', user],
    ['default', base],
  ];
  const of = (field: PolicyField) =>
    layers.find(([, part]) => part[field] !== undefined) ?? ['default', base];
  const entries = POLICY_FIELDS.map((field) => [field, of(field)] as const);
  return {
    policy: Object.fromEntries(entries.map(([field, [, part]]) => [field, part[field]])) as Policy,
    levels: Object.fromEntries(
      entries.map(([field, [level]]) => [field, level]),
    ) as EffectivePolicy['levels'],
  };
}
