import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/**
 * An event of the journal as it is stored. Numbers instead of names keep the row small, because every change writes
 * one.
 */
export interface JournalEventRow {
  /** Grows with every event and may have gaps. The changed row stores it too. */
  seq: number;
  /** Milliseconds since the epoch, from the service's own clock. */
  at: number;
  /** Owner of the data; null for events of the system. */
  user_key: number | null;
  /** Account that did it; null for the service itself and for anonymous requests. */
  actor_key: number | null;
  /** See `ACTION_CODES`. */
  action: number;
  /** The 16 bytes of the subject's id. */
  subject_id: Buffer | null;
  /** The resulting version, for graphs. */
  version: number | null;
  /** See `packRequestId`. */
  request_id: Buffer | null;
  ip: string | null;
  /** Short JSON with further details; never a secret, never content. */
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
