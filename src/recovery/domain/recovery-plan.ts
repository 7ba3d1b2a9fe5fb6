/** What an account recovery does to one graph. */
export const RECOVERY_ACTIONS = ['unchanged', 'restore', 'recover', 'delete', 'unreachable'] as const;
export type RecoveryAction = (typeof RECOVERY_ACTIONS)[number];

/** A graph's present state, as far as a recovery cares. Times are ms since the epoch. */
export interface PresentGraph {
  deleted: boolean;
  version: number;
  createdAt: number;
}

/** The version a graph was at, at the time asked for. */
export interface PastVersion {
  version: number;
  /** It was the graph's way into the bin. */
  deleted: boolean;
  /** Its config, title, description and status are the present ones. */
  sameAsPresent: boolean;
  /** From here on the versions after it were pruned; null where they are kept. */
  validUntil: number | null;
  /** When the next kept version began; null for the newest. */
  nextAt: number | null;
}

/** What is to be done to one graph, and why nothing can be. */
export interface RecoveryDecision {
  action: RecoveryAction;
  /** The version whose state comes back. */
  version: number | null;
  reason: string | null;
  /** The nearest moment that can be reached, ms, when this one can't. */
  nearest: number | null;
}

/**
 * What a recovery to `time` does to one graph. `past` is the newest version that is kept from then or before,
 * null when there is none; `oldestAt` is when the oldest kept version began.
 */
export function decideRecovery(
  time: number,
  present: PresentGraph,
  past: PastVersion | null,
  oldestAt: number,
): RecoveryDecision {
  if (!past) return withoutPast(time, present, oldestAt);
  if (past.validUntil !== null && time >= past.validUntil) {
    return unreachable(
      'its versions from then were pruned',
      nearestOf(time, past.validUntil - 1, past.nextAt),
    );
  }
  if (past.deleted) return present.deleted ? nothing() : done('delete', past.version);
  if (present.deleted) return done('recover', past.version);
  return past.sameAsPresent ? nothing() : done('restore', past.version);
}

function withoutPast(time: number, present: PresentGraph, oldestAt: number): RecoveryDecision {
  if (present.createdAt <= time) return unreachable('its versions from then were pruned', oldestAt);
  return present.deleted ? nothing() : done('delete', null);
}

function nearestOf(time: number, before: number, after: number | null): number {
  return after !== null && after - time < time - before ? after : before;
}

function nothing(): RecoveryDecision {
  return { action: 'unchanged', version: null, reason: null, nearest: null };
}

function done(action: RecoveryAction, version: number | null): RecoveryDecision {
  return { action, version, reason: null, nearest: null };
}

/** Nothing can bring a graph back to that time; `nearest` null: to no time at all. */
export function unreachable(reason: string, nearest: number | null): RecoveryDecision {
  return { action: 'unreachable', version: null, reason, nearest };
}
