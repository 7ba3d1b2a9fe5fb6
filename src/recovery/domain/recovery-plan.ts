/** What an account recovery does to a graph. */
export const RECOVERY_ACTIONS = ['unchanged', 'restore', 'recover', 'delete', 'unreachable'] as const;
export type RecoveryAction = (typeof RECOVERY_ACTIONS)[number];

/** The current state of a graph, as far as recovery needs it. Times are ms since the epoch. */
export interface PresentGraph {
  deleted: boolean;
  version: number;
  createdAt: number;
}

/** The version that was current at the requested time. */
export interface PastVersion {
  version: number;
  /** The version moved the graph to the trash. */
  deleted: boolean;
  /** Its config, title, description and status equal the current ones. */
  sameAsPresent: boolean;
  /** The versions after it were pruned from this time on; null if they are kept. */
  validUntil: number | null;
  /** When the next kept version began; null for the newest. */
  nextAt: number | null;
}

/** What recovery does to a graph, or why it can do nothing. */
export interface RecoveryDecision {
  action: RecoveryAction;
  /** The version to restore. */
  version: number | null;
  reason: string | null;
  /** The nearest reachable time, ms, if the requested one is not reachable. */
  nearest: number | null;
}

/**
 * What a recovery to `time` does to a graph. `past` is the newest kept version from that time or before, null if
 * there is none; `oldestAt` is when the oldest kept version began.
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

/** The graph cannot be restored to that time; `nearest` null: to no time at all. */
export function unreachable(reason: string, nearest: number | null): RecoveryDecision {
  return { action: 'unreachable', version: null, reason, nearest };
}
