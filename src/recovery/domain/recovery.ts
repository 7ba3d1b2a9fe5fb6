import type { RecoveryDecision } from './recovery-plan';

/** What happens to a graph. */
export interface RecoveryEntry extends RecoveryDecision {
  graphId: string;
  /** The current title; null for a graph that was purged. */
  title: string | null;
}

/** A recovery, run or previewed. */
export interface Recovery {
  at: number;
  dryRun: boolean;
  /** When it ran, ms; a recovery to one millisecond earlier undoes it. Null for a preview. */
  recoveredAt: number | null;
  entries: RecoveryEntry[];
}

/** The requested recovery; `graphIds` null: all graphs. */
export interface RecoveryRequest {
  at: number;
  dryRun: boolean;
  graphIds: readonly string[] | null;
}
