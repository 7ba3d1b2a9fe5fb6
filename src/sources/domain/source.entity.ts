import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/**
 * A connection to a tool. `key` is the sequence number of the event that created it. A removed source keeps its row,
 * without credentials: a new source with the same address takes it over, and its items with it.
 *
 * `seq` changes with what a person sets. The state of the schedule changes without it, because copies need not follow
 * it: after a rebuild, a source is due at once.
 */
export interface SourceRow {
  user_key: number;
  key: number;
  id: Buffer;
  seq: number;
  created_at: number;
  deleted_at: number | null;
  /** See `SOURCE_KINDS`. */
  kind: number;
  enabled: number;
  every_minutes: number;
  name: string;
  /** The address in its normal form; for a folder its path. */
  url: string;
  /** The options that were given, JSON. */
  options: string;
  /** SHA-256 of the hook token's secret. */
  hook_sha256: Buffer;
  /** Sealed with the user's data key; empty without credentials. */
  credentials: Buffer;
  /** When the next run is due, ms since the epoch; null: never. */
  next_attempt_at: number | null;
  /** The number of the job's run that works on it; null: none. */
  claimed_by: number | null;
  last_attempt_at: number | null;
  last_success_at: number | null;
  /** Failures since the last success. */
  failures: number;
  /** Why the last run failed; null after a success. */
  failure: string | null;
  /** How many runs there were; the number of the newest run. */
  runs: number;
  /** What the last successful run found. */
  items: number;
  changed: number;
  gone: number;
  /** Graphs whose documents contain literal secrets. */
  with_secrets: number;
}

export const sourceSchema = (column: PortableColumns) =>
  new EntitySchema<SourceRow>({
    name: 'sources',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_sources' }),
      key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_sources' }),
      id: column.bytes(),
      seq: column.int64(),
      created_at: column.int64(),
      deleted_at: column.int64({ nullable: true }),
      kind: column.small(),
      enabled: column.small(),
      every_minutes: column.int(),
      name: column.text(),
      url: column.plainText(),
      options: column.text(),
      hook_sha256: column.bytes(),
      credentials: column.bytes(),
      next_attempt_at: column.int64({ nullable: true }),
      claimed_by: column.int64({ nullable: true }),
      last_attempt_at: column.int64({ nullable: true }),
      last_success_at: column.int64({ nullable: true }),
      failures: column.int(),
      failure: column.text({ nullable: true }),
      runs: column.int(),
      items: column.int(),
      changed: column.int(),
      gone: column.int(),
      with_secrets: column.int({ default: 0 }),
    },
    indices: [
      { name: 'ux_sources_id', columns: ['user_key', 'id'], unique: true },
      { name: 'ix_sources_seq', columns: ['seq'] },
      { name: 'ix_sources_next_attempt_at', columns: ['next_attempt_at'] },
      { name: 'ix_sources_failing', columns: ['failures'], where: '"failures" > 0' },
    ],
  });
