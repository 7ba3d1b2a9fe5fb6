import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** One event of the journal as it is stored. Numbers for names keep the row small: one is written with every change. */
export interface JournalEventRow {
  /** Grows with every event; may have gaps. The changed row keeps it. */
  seq: number;
  /** Milliseconds since the epoch, from the service's own clock. */
  at: number;
  /** Whose data it is about; null for the system's own events. */
  user_key: number | null;
  /** Who did it; null for the service itself and for strangers. */
  actor_key: number | null;
  /** See `ACTION_CODES`. */
  action: number;
  /** The 16 bytes of the id of what it is about. */
  subject_id: Buffer | null;
  /** The version that came of it, for graphs. */
  version: number | null;
  /** See `packRequestId`. */
  request_id: Buffer | null;
  ip: string | null;
  /** Short JSON with what else matters; never a secret, never content. */
  details: string | null;
}

export const journalSchema = (column: PortableColumns) =>
  new EntitySchema<JournalEventRow>({
    name: 'journal',
    columns: {
      seq: column.int64({ primary: true, generated: 'increment', primaryKeyConstraintName: 'pk_journal' }),
      at: column.int64(),
      user_key: column.int64({ nullable: true }),
      actor_key: column.int64({ nullable: true }),
      action: column.small(),
      subject_id: column.bytes({ nullable: true }),
      version: column.int({ nullable: true }),
      request_id: column.bytes({ nullable: true }),
      ip: column.text({ nullable: true }),
      details: column.text({ nullable: true }),
    },
    indices: [{ name: 'ix_journal_user', columns: ['user_key', 'seq'] }],
  });
