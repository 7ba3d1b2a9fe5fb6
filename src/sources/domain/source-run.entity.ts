import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** The states of a run, in the order of the numbers they are stored under. */
export const RUN_STATUSES = ['running', 'done', 'failed', 'interrupted'] as const;
export type SourceRunStatus = (typeof RUN_STATUSES)[number];

/** One run of a source: what it saw and did. */
export interface SourceRunRow {
  user_key: number;
  source_key: number;
  /** 1, 2, 3 … for each source. */
  number: number;
  /** See `RUN_STATUSES`. */
  status: number;
  started_at: number;
  finished_at: number | null;
  seen: number;
  created: number;
  changed: number;
  unchanged: number;
  gone: number;
  failed: number;
  /** Why the run failed; null if it did not. */
  failure: string | null;
  /** The first items that failed, with reasons; JSON. */
  failed_items: string | null;
}

export const sourceRunSchema = (column: PortableColumns) =>
  new EntitySchema<SourceRunRow>({
    name: 'source_runs',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_source_runs' }),
      source_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_source_runs' }),
      number: column.int({ primary: true, primaryKeyConstraintName: 'pk_source_runs' }),
      status: column.small(),
      started_at: column.int64(),
      finished_at: column.int64({ nullable: true }),
      seen: column.int(),
      created: column.int(),
      changed: column.int(),
      unchanged: column.int(),
      gone: column.int(),
      failed: column.int(),
      failure: column.text({ nullable: true }),
      failed_items: column.text({ nullable: true }),
    },
  });
