import type { EntityManager } from 'typeorm';

/** The summary of a run for its record: counts and short words, never content. */
export type JobSummary = Readonly<Record<string, number | string | boolean | null>>;

/** A run's claim on its job; see `JobLease`. */
export interface RunLease {
  /** Grows with every run of the job, so it is a fencing token and unique per job. */
  readonly runNumber: number;
  /** Call it first in each of the run's writes. Throws LeaseLostError if another run has taken over. */
  guard(em: EntityManager): Promise<void>;
}

/**
 * A provider declared by `@ScheduledJob`. It runs in one process at a time. A run may be killed at any time and then
 * starts again, so it must work in steps that can be repeated.
 */
export interface JobProvider {
  /**
   * One run. After `signal` is aborted it must end soon, by throwing `signal.reason` or by returning: the service
   * stops, the deadline has passed, or the lease is lost.
   */
  run(signal: AbortSignal, lease: RunLease): Promise<JobSummary>;
  /** Asked each second: true starts a run between the times of the schedule. It must be cheap. */
  hasWork?(): Promise<boolean>;
  /** A run that `hasWork` started, if it differs from `run`: it may wait a while for more work. */
  runOn?(signal: AbortSignal, lease: RunLease): Promise<JobSummary>;
}

/** A job as `JobRunner` knows it. */
export interface Job extends JobProvider {
  /** Stable: the rows in `jobs` and `job_runs` use it. */
  readonly id: string;
  /** Five fields, UTC. */
  readonly cron: string;
  /** A run that takes longer is aborted and recorded as failed, ms. */
  readonly deadlineMs: number;
}

/** Another run has taken over because this one did not renew its lease in time. It must not write anything more. */
export class LeaseLostError extends Error {
  constructor(job: string) {
    super(`The lease of the job ${job} was taken over by another run.`);
    this.name = 'LeaseLostError';
  }
}

/** The service is stopping; the job continues after the next start. */
export class DrainError extends Error {
  constructor() {
    super('The service is stopping.');
    this.name = 'DrainError';
  }
}

/** The run took longer than its job allows. */
export class DeadlineError extends Error {
  constructor(job: string, deadlineMs: number) {
    super(`The job ${job} took longer than ${deadlineMs} ms.`);
    this.name = 'DeadlineError';
  }
}

/** A run failed or was aborted; its record keeps what it had done. */
export class PartialRunError extends Error {
  constructor(
    readonly summary: JobSummary,
    override readonly cause: unknown,
  ) {
    super('The run did not complete.');
    this.name = 'PartialRunError';
  }
}
