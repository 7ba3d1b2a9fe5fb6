import { bucketOf, type Bucket } from './calendar';
import {
  POLICY_FIELDS,
  isAllowed,
  keepsSomething,
  type Policy,
  type PolicyField,
} from '../../platform/config/policy-limits';

/** What a decision needs to know of a version. */
export interface AgedVersion {
  version: number;
  /** Milliseconds since the epoch, by the service's own clock. */
  createdAt: number;
  /** Whether it has a label. */
  labelled: boolean;
  pinned: boolean;
}

/** Why a version is kept. */
export const REASONS = [
  'newest',
  'pinned',
  'labelled',
  'last',
  'within',
  'window_start',
  'hourly',
  'daily',
  'weekly',
  'monthly',
  'yearly',
  'future',
  'unreadable_policy',
] as const;
export type Reason = (typeof REASONS)[number];

/** What becomes of one version; without a reason to keep it, it goes. */
export interface Verdict<V extends AgedVersion = AgedVersion> {
  version: V;
  reasons: readonly Reason[];
}

/** Which of the versions (newest first) a rule keeps. */
interface Rule {
  reason: Reason;
  keeps(newestFirst: readonly AgedVersion[], policy: Policy, now: number): Iterable<AgedVersion>;
}

const HOUR_MS = 3_600_000;

/** Reasons that end with time; all others last until something about the graph changes. */
const PASSING: ReadonlySet<Reason> = new Set(['within', 'window_start', 'future']);

const windowStart = (policy: Policy, now: number) => now - policy.keep_within_hours * HOUR_MS;

/** Every rule there is. Any of them keeps a version by itself. */
const RULES: readonly Rule[] = [
  { reason: 'newest', keeps: (versions) => versions.slice(0, 1) },
  { reason: 'pinned', keeps: (versions) => versions.filter(({ pinned }) => pinned) },
  { reason: 'labelled', keeps: (versions) => versions.filter(({ labelled }) => labelled) },
  { reason: 'last', keeps: (versions, { keep_last }) => versions.slice(0, keep_last) },
  {
    reason: 'within',
    keeps: (versions, policy, now) =>
      policy.keep_within_hours === 0
        ? []
        : versions.filter(({ createdAt }) => createdAt > windowStart(policy, now)),
  },
  {
    // The state at the window's beginning is that of the newest version from before.
    reason: 'window_start',
    keeps: (versions, policy, now) =>
      policy.keep_within_hours === 0
        ? []
        : versions.filter(({ createdAt }) => createdAt <= windowStart(policy, now)).slice(0, 1),
  },
  calendarRule('hourly', 'keep_hourly', 'hour'),
  calendarRule('daily', 'keep_daily', 'day'),
  calendarRule('weekly', 'keep_weekly', 'week'),
  calendarRule('monthly', 'keep_monthly', 'month'),
  calendarRule('yearly', 'keep_yearly', 'year'),
  // A clock that was ahead made them: until it is known what they are, they stay.
  { reason: 'future', keeps: (versions, _, now) => versions.filter(({ createdAt }) => createdAt > now) },
];

/** The last version of each of the newest `field` periods that have one; periods without a version do not count. */
function calendarRule(reason: Reason, field: PolicyField, bucket: Bucket): Rule {
  return {
    reason,
    keeps: (versions, policy) => {
      const lastOf = new Map<number, AgedVersion>();
      for (const version of versions) {
        const period = bucketOf(bucket, version.createdAt);
        if (!lastOf.has(period)) {
          if (lastOf.size >= policy[field]) break;
          lastOf.set(period, version);
        }
      }
      return lastOf.values();
    },
  };
}

/**
 * Decides which versions of a graph are kept at `now` (ms since the epoch), and why; newest first. A version is
 * kept when any rule keeps it. With a policy or a time that cannot be read (a field that is missing, NaN, negative,
 * not whole or beyond its limit, or no rule at all) everything is kept.
 *
 * Deciding again on what is kept removes nothing, and a more generous policy never keeps less.
 */
export function decide<V extends AgedVersion>(
  versions: readonly V[],
  policy: Policy,
  now: number,
): Verdict<V>[] {
  const newestFirst = [...versions].sort((a, b) => b.version - a.version);
  const reasons = new Map<AgedVersion, Reason[]>(newestFirst.map((version) => [version, []]));
  for (const rule of isReadable(policy, now) ? RULES : [KEEP_ALL]) {
    for (const version of rule.keeps(newestFirst, policy, now)) reasons.get(version)?.push(rule.reason);
  }
  return newestFirst.map((version) => ({ version, reasons: reasons.get(version) ?? [] }));
}

const KEEP_ALL: Rule = { reason: 'unreadable_policy', keeps: (versions) => versions };

function isReadable(policy: Policy, now: number): boolean {
  return (
    Number.isSafeInteger(now) &&
    now > 0 &&
    typeof policy === 'object' &&
    policy !== null &&
    POLICY_FIELDS.every((field) => isAllowed(field, policy[field])) &&
    keepsSomething(policy)
  );
}

/** The versions to remove, in the order they were made. */
export function toRemove<V extends AgedVersion>(verdicts: readonly Verdict<V>[]): V[] {
  return verdicts
    .filter(({ reasons }) => reasons.length === 0)
    .map(({ version }) => version)
    .reverse();
}

/**
 * When a version that is kept now can first go although nothing about the graph has changed, ms since the epoch: when
 * a reason that wears off was its only one. Null: not before a change.
 */
export function nextDue(verdicts: readonly Verdict[], policy: Policy, now: number): number | null {
  const ascending = verdicts.filter(({ reasons }) => reasons.length > 0).reverse();
  const window = policy.keep_within_hours * HOUR_MS;
  let due: number | null = null;
  for (const [index, { version, reasons }] of ascending.entries()) {
    if (!reasons.every((reason) => PASSING.has(reason))) continue;
    // With a window it is wanted until the version after it is the one the window begins with.
    const next = ascending[index + 1]?.version.createdAt ?? version.createdAt;
    const at = Math.max(window > 0 ? next + window : version.createdAt, now + 1);
    due = due === null ? at : Math.min(due, at);
  }
  return due;
}
