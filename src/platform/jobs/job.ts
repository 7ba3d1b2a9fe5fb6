import type { EntityManager } from 'typeorm';

/** What a run has to say of itself, for its record: counts and short words, never content. */
export type JobSummary = Readonly<Record<string, number | string | boolean | null>>;

/** A run's claim on its job; see `JobLease`. */
export interface RunLease {
  /** Grows with every run of the job; unique for it, so it is the run's number as well. */
  readonly runNumber: number;
  /** Call it first in each of the run's writes: throws LeaseLostError when another run has taken over. */
  guard(em: EntityManager): Promise<void>;
}

/**
 * A provider that `@ScheduledJob` declares. One process at a time runs it, however many there are. A run may be killed
 * at any moment and then starts again, so it works in steps that can be repeated.
 */
export interface JobProvider {
  /**
   * One run. Ends soon, by throwing `signal.reason` or by returning, once `signal` is aborted: the service stops,
   * the deadline has passed, or the lease is lost.
   */
  run(signal: AbortSignal, lease: RunLease): Promise<JobSummary>;
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

/** Another run has taken over, because this one did not renew its lease in time: what it has not written yet must not be written. */
export class LeaseLostError extends Error {
  constructor(job: string) {
    super(`The lease of the job ${job} was lost to another run.`);
    this.name = 'LeaseLostError';
  }
}

/** The service is stopping; the run goes on after the next start. */
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

/** A run failed or was ended half-way: its record keeps what it had done by then. */
export class PartialRunError extends Error {
  constructor(
    readonly summary: JobSummary,
    override readonly cause: unknown,
  ) {
    super('The run did not complete.');
    this.name = 'PartialRunError';
  }
}
