import type { EntityManager } from 'typeorm';
import type { Clock } from '../clock/clock';
import type { UnitOfWork } from '../database/unit-of-work';
import { LeaseLostError, type RunLease } from './job';
import type { RunStatus } from './job.entity';
import type { JobsStore } from './jobs.store';

/** How long a lease is good without being renewed, ms. */
export const LEASE_MS = 30_000;
/** Clocks of replicas may differ by this much; what lies further ahead was written by a clock that has been set back since, ms. */
export const SKEW_MS = 300_000;
/** Records of runs that are kept, for each job. */
const RECORDS = 200;

/** What a lease needs of the outside. */
export interface LeaseParts {
  unitOfWork: UnitOfWork;
  store: JobsStore;
  clock: Clock;
}

/** How a run ended. `doneUntil` (ms): the schedule is done up to there; null: it is still to be done. */
export interface LeaseEnd {
  status: Exclude<RunStatus, 'running'>;
  error: string | null;
  summary: string | null;
  doneUntil: number | null;
}

/**
 * One run's claim on a job: a row that expires, and a number that grows with each claim (a fencing token). It needs
 * no session of the database, so it holds behind a pooler that hands out connections by the transaction. A claim
 * that has expired may be taken over; the old run's writes are then refused by their number.
 */
export class JobLease implements RunLease {
  private constructor(
    private readonly parts: LeaseParts,
    readonly job: string,
    readonly runNumber: number,
    private expiresAt: number,
  ) {}

  /**
   * Takes the lease and begins the run's record; undefined when another run holds it, or when the job has been
   * done after `notDoneAfter` (ms since the epoch).
   */
  static async take(
    parts: LeaseParts,
    job: string,
    notDoneAfter = Number.MAX_SAFE_INTEGER,
  ): Promise<JobLease | undefined> {
    const { unitOfWork, store, clock } = parts;
    const now = clock.now();
    const expiresAt = now + LEASE_MS;
    const wanted = {
      id: job,
      now,
      expires_at: expiresAt,
      implausible: now + LEASE_MS + SKEW_MS,
      not_done_after: notDoneAfter,
    };
    const runNumber = await unitOfWork.write(async (em) => {
      const taken = await store.take(em, wanted);
      if (taken !== undefined) await store.begin(em, job, taken, now, taken - RECORDS);
      return taken;
    });
    return runNumber === undefined ? undefined : new JobLease(parts, job, runNumber, expiresAt);
  }

  /** Holds the job for longer. Throws LeaseLostError when another run has it, or may have it by now. */
  async renew(): Promise<void> {
    const { unitOfWork, store, clock } = this.parts;
    const expiresAt = clock.now() + LEASE_MS;
    try {
      const renewed = await unitOfWork.write((em) => store.renew(em, this.job, this.runNumber, expiresAt));
      if (!renewed) throw new LeaseLostError(this.job);
      this.expiresAt = expiresAt;
    } catch (error) {
      // While the database does not answer, the lease is good for as long as it was given.
      if (error instanceof LeaseLostError || clock.now() >= this.expiresAt)
        throw new LeaseLostError(this.job);
    }
  }

  async guard(em: EntityManager): Promise<void> {
    if (!(await this.parts.store.guard(em, this.job, this.runNumber))) throw new LeaseLostError(this.job);
  }

  /** Ends the run's record and lets go of the job. */
  async end({ doneUntil, ...end }: LeaseEnd): Promise<void> {
    const { unitOfWork, store, clock } = this.parts;
    await unitOfWork.write(async (em) => {
      await store.release(em, this.job, this.runNumber, doneUntil);
      await store.end(em, { ...end, job_id: this.job, fence: this.runNumber, finished_at: clock.now() });
    });
  }
}
