import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../database/columns';

/** A job: its current run, and up to which time it has been done. */
export interface JobRow {
  id: string;
  /** Number of its newest run. */
  fence: number;
  /** Until when the newest run holds the job, ms since the epoch; 0 if it is released. */
  expires_at: number;
  /** The schedule is done up to this time, ms since the epoch. */
  done_until: number;
}

/** Status of a run. `interrupted`: ended by a shutdown or a crash; the job starts again. */
export const RUN_STATUSES = ['running', 'done', 'failed', 'interrupted'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** The record of one run. */
export interface JobRunRow {
  job_id: string;
  fence: number;
  status: RunStatus;
  started_at: number;
  finished_at: number | null;
  error: string | null;
  /** Short JSON: the run's own summary. */
  summary: string | null;
}

export const jobSchema = (column: PortableColumns) =>
  new EntitySchema<JobRow>({
    name: 'jobs',
    columns: {
      id: column.plainText({ primary: true, primaryKeyConstraintName: 'pk_jobs' }),
      fence: column.int64(),
      expires_at: column.int64(),
      done_until: column.int64(),
    },
  });

export const jobRunSchema = (column: PortableColumns) =>
  new EntitySchema<JobRunRow>({
    name: 'job_runs',
    columns: {
      job_id: column.plainText({ primary: true, primaryKeyConstraintName: 'pk_job_runs' }),
      fence: column.int64({ primary: true, primaryKeyConstraintName: 'pk_job_runs' }),
      status: column.text(),
      started_at: column.int64(),
      finished_at: column.int64({ nullable: true }),
      error: column.text({ nullable: true }),
      summary: column.text({ nullable: true }),
    },
  });
