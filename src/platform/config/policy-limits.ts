/** The fields of a policy, each with its maximum; 0 switches a rule off. */
export const POLICY_LIMITS = {
  /** Keeps this many of the newest versions. */
  keep_last: 1_000_000,
  /** Keeps every version of this many hours; at most a hundred years. */
  keep_within_hours: 876_600,
  /** Keeps the last version of each of this many hours, days, weeks, months and years that have one. */
  keep_hourly: 1_000_000,
  keep_daily: 100_000,
  keep_weekly: 10_000,
  keep_monthly: 10_000,
  keep_yearly: 1_000,
  /** How long a deleted graph can be recovered. */
  deleted_retention_days: 36_500,
} as const;

export type PolicyField = keyof typeof POLICY_LIMITS;
export const POLICY_FIELDS = Object.keys(POLICY_LIMITS) as PolicyField[];

/** A complete policy. All fields are whole numbers. */
export type Policy = Readonly<Record<PolicyField, number>>;
/** The fields that one level sets; it inherits the others. */
export type PolicyPart = Readonly<Partial<Record<PolicyField, number>>>;

/** The policy if no level sets a field. */
export const BUILT_IN_POLICY: Policy = {
  keep_last: 20,
  keep_within_hours: 48,
  keep_hourly: 0,
  keep_daily: 30,
  keep_weekly: 12,
  keep_monthly: 12,
  keep_yearly: 10,
  deleted_retention_days: 30,
};

/** The minimum of a field: with 0 days, the trash would keep nothing. */
export function minOf(field: PolicyField): number {
  return field === 'deleted_retention_days' ? 1 : 0;
}

/** Whether `value` is allowed in this field of a policy. */
export function isAllowed(field: PolicyField, value: unknown): value is number {
  return (
    Number.isInteger(value) && (value as number) >= minOf(field) && (value as number) <= POLICY_LIMITS[field]
  );
}

/** Whether the policy has a rule that keeps versions; a policy without one is refused. */
export function keepsSomething(policy: PolicyPart): boolean {
  return POLICY_FIELDS.some((field) => field !== 'deleted_retention_days' && (policy[field] ?? 0) > 0);
}
