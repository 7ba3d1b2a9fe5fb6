import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { columnsOf } from '../database/columns';
import { Statement } from '../database/statement';
import { jobRunSchema, type JobRow, type JobRunRow } from './job.entity';

const RUN_COLUMNS = columnsOf(jobRunSchema).join(', ');

const register = new Statement(
  'INSERT INTO jobs (id, fence, expires_at, done_until) VALUES (:id, 0, 0, :now) ON CONFLICT (id) DO NOTHING',
);
const find = new Statement<JobRow>('SELECT id, fence, expires_at, done_until FROM jobs WHERE id = :id');
const forgetFuture = new Statement(
  'UPDATE jobs SET done_until = :now WHERE id = :id AND done_until > :implausible',
);
const take = new Statement<{ fence: number }>(
  `UPDATE jobs SET fence = fence + 1, expires_at = :expires_at
   WHERE id = :id AND done_until <= :not_done_after AND (expires_at <= :now OR expires_at > :implausible) RETURNING fence`,
);
const renew = new Statement('UPDATE jobs SET expires_at = :expires_at WHERE id = :id AND fence = :fence');
// Writes the row without changing it: on PostgreSQL, taking over must wait until the transaction has ended.
const guard = new Statement('UPDATE jobs SET fence = fence WHERE id = :id AND fence = :fence');
const release = new Statement('UPDATE jobs SET expires_at = 0 WHERE id = :id AND fence = :fence');
const finish = new Statement(
  'UPDATE jobs SET expires_at = 0, done_until = :done_until WHERE id = :id AND fence = :fence',
);
const begin = new Statement(
  `INSERT INTO job_runs (job_id, fence, status, started_at) VALUES (:job_id, :fence, 'running', :started_at)`,
);
const interruptOlder = new Statement(
  `UPDATE job_runs SET status = 'interrupted', finished_at = :now WHERE job_id = :job_id AND fence < :fence AND status = 'running'`,
);
const forgetOld = new Statement('DELETE FROM job_runs WHERE job_id = :job_id AND fence <= :up_to');
const end = new Statement(
  `UPDATE job_runs SET status = :status, finished_at = :finished_at, error = :error, summary = :summary
   WHERE job_id = :job_id AND fence = :fence AND status = 'running'`,
);
const runs = new Statement<JobRunRow>(
  `SELECT ${RUN_COLUMNS} FROM job_runs WHERE job_id = :job_id ORDER BY fence DESC LIMIT :limit`,
);

const newest = new Statement<NewestRuns>(
  `SELECT job_id, MAX(started_at) AS begun, MAX(CASE WHEN status = 'done' THEN finished_at END) AS succeeded,
   (SELECT status FROM job_runs e WHERE e.job_id = r.job_id AND e.status <> 'running' ORDER BY e.fence DESC LIMIT 1) AS status
   FROM job_runs r GROUP BY job_id`,
);

/** Times (ms) of a job's last start and last success, and the status of its newest completed run. */
export interface NewestRuns {
  job_id: string;
  begun: number;
  succeeded: number | null;
  status: JobRunRow['status'] | null;
}

/** How a run ended, for its record. */
export type RunEnd = Pick<JobRunRow, 'job_id' | 'fence' | 'status' | 'error' | 'summary'> & {
  finished_at: number;
};

/** The rows of the jobs and the records of their runs. */
@Injectable()
export class JobsStore {
  /** Adds a new job; times of its schedule before `now` (ms) are not caught up. */
  async register(em: EntityManager, id: string, now: number): Promise<void> {
    await register.run(em, { id, now });
  }

  find(em: EntityManager, id: string): Promise<JobRow | undefined> {
    return find.one(em, { id });
  }

  /**
   * Resets a job that is done up to a time beyond `implausible`, which a wrong clock has set: it continues from
   * `now`.
   */
  async forgetFuture(em: EntityManager, id: string, now: number, implausible: number): Promise<void> {
    await forgetFuture.run(em, { id, now, implausible });
  }

  /**
   * Takes the lease if it is free (released, expired, or implausibly far in the future) and the job is not done
   * after `not_done_after`. Returns the new run's number, or undefined.
   */
  async take(
    em: EntityManager,
    lease: { id: string; now: number; expires_at: number; implausible: number; not_done_after: number },
  ): Promise<number | undefined> {
    return (await take.one(em, lease))?.fence;
  }

  /** Extends the lease; false if another run has it. */
  async renew(em: EntityManager, id: string, runNumber: number, expiresAt: number): Promise<boolean> {
    return (await renew.run(em, { id, fence: runNumber, expires_at: expiresAt })) === 1;
  }

  /**
   * Whether the run is still the newest one of its job. No other run can take over until the caller's transaction
   * has ended.
   */
  async guard(em: EntityManager, id: string, runNumber: number): Promise<boolean> {
    return (await guard.run(em, { id, fence: runNumber })) === 1;
  }

  /** Releases the job; with `doneUntil` (ms) its schedule is done up to this time. */
  async release(em: EntityManager, id: string, runNumber: number, doneUntil: number | null): Promise<void> {
    if (doneUntil === null) await release.run(em, { id, fence: runNumber });
    else await finish.run(em, { id, fence: runNumber, done_until: doneUntil });
  }

  /**
   * Adds the record of a run; marks earlier runs that never ended as interrupted, and removes records up to `upTo`.
   */
  async begin(em: EntityManager, id: string, runNumber: number, now: number, upTo: number): Promise<void> {
    await interruptOlder.run(em, { job_id: id, fence: runNumber, now });
    await forgetOld.run(em, { job_id: id, up_to: upTo });
    await begin.run(em, { job_id: id, fence: runNumber, started_at: now });
  }

  async end(em: EntityManager, run: RunEnd): Promise<void> {
    await end.run(em, { ...run });
  }

  /** The newest runs of a job, newest first. */
  runs(em: EntityManager, id: string, limit: number): Promise<JobRunRow[]> {
    return runs.all(em, { job_id: id, limit });
  }

  /** Start, success and status of each job that ever ran. */
  newest(em: EntityManager): Promise<NewestRuns[]> {
    return newest.all(em);
  }
}
