import type { EntityManager } from 'typeorm';
import type { Clock } from '../clock/clock';
import type { UnitOfWork } from '../database/unit-of-work';
import { LeaseLostError, type RunLease } from './job';
import type { RunStatus } from './job.entity';
import type { JobsStore } from './jobs.store';

/** How long a lease is valid without renewal, ms. */
export const LEASE_MS = 30_000;
/**
 * Most difference between the clocks of replicas; later times were written by a clock that was set back since, ms.
 */
export const SKEW_MS = 300_000;
/** Records of runs that are kept per job. */
const RECORDS = 200;

/** Dependencies of a lease. */
export interface LeaseParts {
  unitOfWork: UnitOfWork;
  store: JobsStore;
  clock: Clock;
}

/** How a run ended. `doneUntil` (ms): the schedule is done up to this time; null: it is still due. */
export interface LeaseEnd {
  status: Exclude<RunStatus, 'running'>;
  error: string | null;
  summary: string | null;
  doneUntil: number | null;
}

/**
 * A run's claim on a job: a row that expires, and a number that grows with each claim (a fencing token). It needs no
 * database session, so it works behind a pooler in transaction mode. An expired claim can be taken over; writes of
 * the old run are then refused by their number.
 */
export class JobLease implements RunLease {
  private constructor(
    private readonly parts: LeaseParts,
    readonly job: string,
    readonly runNumber: number,
    private expiresAt: number,
  ) {}

  /**
   * Takes the lease and creates the run's record; undefined if another run holds it, or if the job has been done
   * after `notDoneAfter` (ms since the epoch).
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

  /** Extends the lease. Throws LeaseLostError if another run has it, or may have it. */
  async renew(): Promise<void> {
    const { unitOfWork, store, clock } = this.parts;
    const expiresAt = clock.now() + LEASE_MS;
    try {
      const renewed = await unitOfWork.write((em) => store.renew(em, this.job, this.runNumber, expiresAt));
      if (!renewed) throw new LeaseLostError(this.job);
      this.expiresAt = expiresAt;
    } catch (error) {
      // If the database does not answer, the lease is valid until it expires.
      if (error instanceof LeaseLostError || clock.now() >= this.expiresAt)
        throw new LeaseLostError(this.job);
    }
  }

  async guard(em: EntityManager): Promise<void> {
    if (!(await this.parts.store.guard(em, this.job, this.runNumber))) throw new LeaseLostError(this.job);
  }

  /** Ends the run's record and releases the job. */
  async end({ doneUntil, ...end }: LeaseEnd): Promise<void> {
    const { unitOfWork, store, clock } = this.parts;
    await unitOfWork.write(async (em) => {
      await store.release(em, this.job, this.runNumber, doneUntil);
      await store.end(em, { ...end, job_id: this.job, fence: this.runNumber, finished_at: clock.now() });
    });
  }
}
