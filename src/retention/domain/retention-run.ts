import type { BrakeReason } from './brake';

/** The job's id; its run records use it. */
export const RETENTION_JOB = 'retention';

/** Why a whole run stops, or why prunes of a changed policy are held. */
export type StopReason = BrakeReason | 'clock_jumped';

/** What a run has done, or what a dry run would do; totals of the whole run. Sizes in bytes. */
export interface RetentionCounts {
  dry_run: boolean;
  forced: boolean;
  /** Why the run stopped before it removed anything. */
  stopped: StopReason | null;
  /** Versions that the plan would remove. */
  versions_planned: number;
  /** Changed policies that the run did not apply, and the versions that they would prune. */
  policies_held: number;
  versions_held: number;
  held_because: BrakeReason | null;
  /** The first of these policies, separated by blanks: `default`, `user:<id>`, `graph:<id>`. */
  held: string | null;
  graphs_purged: number;
  versions_purged: number;
  graphs_pruned: number;
  versions_pruned: number;
  /** Of the sealed frames that were removed. */
  frame_bytes: number;
  graphs_repacked: number;
  repacked_bytes: number;
  /** Returned to the file system. */
  disk_bytes: number;
  keys_expired: number;
  graphs_failed: number;
  /** Ids of the first of these graphs, separated by blanks. */
  failed: string | null;
}

/** The counts of a run that has done nothing yet. */
export function noCounts(dryRun: boolean, forced: boolean): RetentionCounts {
  return {
    dry_run: dryRun,
    forced,
    stopped: null,
    versions_planned: 0,
    policies_held: 0,
    versions_held: 0,
    held_because: null,
    held: null,
    graphs_purged: 0,
    versions_purged: 0,
    graphs_pruned: 0,
    versions_pruned: 0,
    frame_bytes: 0,
    graphs_repacked: 0,
    repacked_bytes: 0,
    disk_bytes: 0,
    keys_expired: 0,
    graphs_failed: 0,
    failed: null,
  };
}

/**
 * The status of a run: `held` when prunes of a changed policy wait for an operator, `incomplete` when graphs were
 * skipped because of an error, `stopped` when nothing was removed because the clock is in doubt.
 */
export const RETENTION_STATUSES = [
  'running',
  'done',
  'held',
  'incomplete',
  'stopped',
  'failed',
  'interrupted',
] as const;
export type RetentionStatus = (typeof RETENTION_STATUSES)[number];
