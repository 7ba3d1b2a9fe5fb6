import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/**
 * A seal over a range of the journal. Each contains the digest of the previous one; see docs/backup-format.md for
 * the bytes.
 */
export interface SealRow {
  /** 1, 2, 3 … without gaps. */
  number: number;
  /** The seq of the first and the last event in the range; seqs in the range without an event were never used. */
  from_seq: number;
  to_seq: number;
  events: number;
  /** Milliseconds since the epoch. */
  made_at: number;
  /** The digest of the previous seal; 32 zero bytes for the first. */
  previous: Buffer;
  /** HMAC-SHA-256 over the whole range, with the service's own data key. */
  digest: Buffer;
  /** When the events of the range were removed because of their age, ms; null if they are kept. */
  expired_at: number | null;
  /** HMAC-SHA-256 that proves the removal, so that write access to the tables is not enough to expire events. */
  expiry_digest: Buffer | null;
  /** A short tag per event, to name the first wrong one; null once the events have expired. */
  tags: Buffer | null;
}

export const sealSchema = (column: PortableColumns) =>
  new EntitySchema<SealRow>({
    name: 'seals',
    columns: {
      number: column.int64({ primary: true, primaryKeyConstraintName: 'pk_seals' }),
      from_seq: column.int64(),
      to_seq: column.int64(),
      events: column.int(),
      made_at: column.int64(),
      previous: column.bytes(),
      digest: column.bytes(),
      expired_at: column.int64({ nullable: true }),
      expiry_digest: column.bytes({ nullable: true }),
      tags: column.bytes({ nullable: true }),
    },
  });
