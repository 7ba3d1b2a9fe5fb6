import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';
import type { Role } from '../../platform/access/permission';

/** An account. `key` is the sequence number of the event that made it: unique, never used again, and short. */
export interface UserRow {
  key: number;
  id: Buffer;
  seq: number;
  created_at: number;
  is_active: number;
  /** When it was deleted, ms; its rows are removed later. Null if it is not deleted. */
  deleted_at: number | null;
  role: Role;
  /** Lower case, as compared. */
  email: string;
  /** argon2id in PHC format. */
  password_hash: string;
}

export const userSchema = (column: PortableColumns) =>
  new EntitySchema<UserRow>({
    name: 'users',
    columns: {
      key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_users' }),
      id: column.bytes(),
      seq: column.int64(),
      created_at: column.int64(),
      is_active: column.small(),
      deleted_at: column.int64({ nullable: true }),
      role: column.text(),
      email: column.plainText(),
      password_hash: column.text(),
    },
    indices: [
      { name: 'ux_users_id', columns: ['id'], unique: true },
      { name: 'ux_users_email', columns: ['email'], unique: true },
      { name: 'ix_users_seq', columns: ['seq'] },
      { name: 'ix_users_deleted_at', columns: ['deleted_at'] },
    ],
  });
