import type { RunLease } from '../platform/jobs/job';
import { LeaseLostError } from '../platform/jobs/job';
import type { RetentionCounts } from './domain/retention-run';
import type { RetentionPlan } from './retention-planner';

/** One run that removes something. */
export interface RetentionRunContext {
  plan: RetentionPlan;
  /** Grow while the run goes on, so that a run that fails has them as well. */
  counts: RetentionCounts;
  lease: RunLease;
  signal: AbortSignal;
}

/** Whether an error concerns one graph, so that the run can go on with the others. */
export function isGraphFault(error: unknown): boolean {
  return !(error instanceof LeaseLostError) && (error as { code?: unknown }).code !== 'database-unavailable';
}
