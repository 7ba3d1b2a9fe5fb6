import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** An open link for a forgotten password; at most one per account. Only a hash of its secret is stored. */
export interface PasswordResetRow {
  user_key: number;
  created_at: number;
  /** Milliseconds since the epoch. */
  expires_at: number;
  secret_sha256: Buffer;
}

export const passwordResetSchema = (column: PortableColumns) =>
  new EntitySchema<PasswordResetRow>({
    name: 'password_resets',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_password_resets' }),
      created_at: column.int64(),
      expires_at: column.int64(),
      secret_sha256: column.bytes(),
    },
    indices: [{ name: 'ix_password_resets_expires_at', columns: ['expires_at'] }],
  });
