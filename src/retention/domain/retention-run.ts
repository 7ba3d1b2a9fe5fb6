import type { BrakeReason } from './brake';

/** The job's id, which its records go by. */
export const RETENTION_JOB = 'retention';

/** What a run has done, or for a dry run would do; sums of the whole run. Times and sizes in ms and bytes. */
export interface RetentionCounts {
  dry_run: boolean;
  forced: boolean;
  /** Why the run stopped before it removed anything. */
  stopped: BrakeReason | null;
  /** What the plan would remove. */
  versions_planned: number;
  graphs_purged: number;
  versions_purged: number;
  graphs_pruned: number;
  versions_pruned: number;
  /** Of the sealed frames that went. */
  frame_bytes: number;
  graphs_repacked: number;
  repacked_bytes: number;
  /** Given back to the disk. */
  disk_bytes: number;
  keys_expired: number;
  graphs_failed: number;
  /** Ids of the first of them, separated by blanks. */
  failed: string | null;
}

/** A run that has done nothing yet. */
export function noCounts(dryRun: boolean, forced: boolean): RetentionCounts {
  return {
    dry_run: dryRun,
    forced,
    stopped: null,
    versions_planned: 0,
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

/** How a run is to be called: `incomplete` when graphs were passed over because something is wrong with them. */
export const RETENTION_STATUSES = [
  'running',
  'done',
  'incomplete',
  'stopped',
  'failed',
  'interrupted',
] as const;
export type RetentionStatus = (typeof RETENTION_STATUSES)[number];
