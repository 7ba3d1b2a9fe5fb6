/** Versions that would be pruned from graphs to which the same set of changed policies applies. */
export interface CausedPrunes {
  /** Keys of the changed policies; at least one. */
  policies: readonly string[];
  versions: number;
}

/** What a run's prunes are compared with. */
export interface BrakeScale {
  /** Number of all versions that stay if nothing is pruned; needs to be exact only up to twice the caused prunes. */
  total: number;
  /** Versions pruned by each of the latest runs that pruned any, without being forced. */
  usual: readonly number[];
}

/** Why prunes that a changed policy caused are held. */
export type BrakeReason = 'more_than_half' | 'unusually_many';

/** Policies whose prunes wait for an operator. */
export interface Brake {
  reason: BrakeReason;
  /** Keys of the policies, the one with the most versions first. */
  held: readonly string[];
}

/** A run may prune this many times the usual number because of changed policies. */
const TIMES_THE_USUAL = 100;
/** The usual number needs this many runs. */
const RUNS_FOR_USUAL = 3;

/**
 * Which changed policies a run must not apply, because together they would prune more than half of all versions or a
 * hundred times the usual number; null when they would not. Holds the policy that prunes the most first, and as few as
 * possible after it.
 */
export function brakeOf(caused: readonly CausedPrunes[], scale: BrakeScale): Brake | null {
  const reason = tooMany(versionsOf(caused), scale);
  if (reason === null) return null;
  const held: string[] = [];
  for (let open = caused; tooMany(versionsOf(open), scale) !== null;) {
    const largest = largestOf(open);
    held.push(largest);
    open = open.filter(({ policies }) => !policies.includes(largest));
  }
  return { reason, held };
}

function versionsOf(caused: readonly CausedPrunes[]): number {
  return caused.reduce((sum, { versions }) => sum + versions, 0);
}

function tooMany(versions: number, { total, usual }: BrakeScale): BrakeReason | null {
  if (versions > 0 && versions * 2 > total) return 'more_than_half';
  if (usual.length < RUNS_FOR_USUAL) return null;
  return versions > TIMES_THE_USUAL * median(usual) ? 'unusually_many' : null;
}

/** The policy with the most versions. */
function largestOf(caused: readonly CausedPrunes[]): string {
  const sums = new Map<string, number>();
  for (const { policies, versions } of caused)
    for (const policy of policies) sums.set(policy, (sums.get(policy) ?? 0) + versions);
  return [...sums].reduce((most, next) => (next[1] > most[1] ? next : most))[0];
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
