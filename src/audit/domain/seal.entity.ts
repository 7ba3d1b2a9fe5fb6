import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** A seal over a range of the journal. Each holds the one before it; see docs/backup-format.md for the bytes. */
export interface SealRow {
  /** 1, 2, 3 … without a gap. */
  number: number;
  /** The first and the last event's seq in the range; seqs between them that no event has were never used. */
  from_seq: number;
  to_seq: number;
  events: number;
  /** Milliseconds since the epoch. */
  made_at: number;
  /** The digest of the seal before; 32 zero bytes for the first. */
  previous: Buffer;
  /** HMAC-SHA-256 over all of the range, with the service's own data key. */
  digest: Buffer;
  /** When the range's events were removed for their age, ms; null while they are there. */
  expired_at: number | null;
  /** HMAC-SHA-256 that says so: who can only write tables can't make events expire. */
  expiry_digest: Buffer | null;
  /** A short tag for each event, to name the first that is wrong; null once the events have expired. */
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
