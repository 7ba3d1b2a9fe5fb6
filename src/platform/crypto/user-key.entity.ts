import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../database/columns';

/** A user's data key, wrapped by the master key `master_id`. Destroying it makes every byte of the user unreadable. */
export interface UserKeyRow {
  user_key: number;
  /** The 16 bytes of the user's id, which the wrapped key is bound to. */
  user_id: Buffer;
  /** Identifies the master key without revealing it; see `masterKeyId`. */
  master_id: Buffer;
  /** Empty after the key was destroyed. */
  wrapped: Buffer;
  created_at: number;
  /** When it was destroyed, ms; the row stays, so that the audit log can name the account. */
  destroyed_at: number | null;
}

/** A master key that this database has seen. The newest one that is not retired wraps new keys. */
export interface MasterKeyRow {
  id: Buffer;
  created_at: number;
  retired_at: number | null;
}

export const userKeySchema = (column: PortableColumns) =>
  new EntitySchema<UserKeyRow>({
    name: 'user_keys',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_user_keys' }),
      user_id: column.bytes(),
      master_id: column.bytes(),
      created_at: column.int64(),
      wrapped: column.bytes(),
      destroyed_at: column.int64({ nullable: true }),
    },
  });

export const masterKeySchema = (column: PortableColumns) =>
  new EntitySchema<MasterKeyRow>({
    name: 'master_keys',
    columns: {
      id: column.bytes({ primary: true, primaryKeyConstraintName: 'pk_master_keys' }),
      created_at: column.int64(),
      retired_at: column.int64({ nullable: true }),
    },
  });
