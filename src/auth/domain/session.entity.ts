import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** A session. Of its refresh tokens, only the newest is valid. */
export interface SessionRow {
  user_key: number;
  /** 16 random bytes, in each token of the session. */
  id: Buffer;
  /** The number of the valid refresh token. */
  generation: number;
  created_at: number;
  /** When the newest refresh token ends, ms since the epoch. */
  expires_at: number;
  /** The address where it began: known to belong to the user. */
  ip: string;
}

/** An API token for a machine. Only a hash of its secret is stored. */
export interface ApiTokenRow {
  user_key: number;
  id: Buffer;
  name: string;
  /** See `SCOPES`: a bit each. */
  scopes: number;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  secret_sha256: Buffer;
}

export const sessionSchema = (column: PortableColumns) =>
  new EntitySchema<SessionRow>({
    name: 'sessions',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_sessions' }),
      id: column.bytes({ primary: true, primaryKeyConstraintName: 'pk_sessions' }),
      generation: column.int(),
      created_at: column.int64(),
      expires_at: column.int64(),
      ip: column.text(),
    },
    indices: [
      { name: 'ix_sessions_expires_at', columns: ['expires_at'] },
      { name: 'ix_sessions_list', columns: ['user_key', 'created_at', 'id'] },
    ],
  });

export const apiTokenSchema = (column: PortableColumns) =>
  new EntitySchema<ApiTokenRow>({
    name: 'api_tokens',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_api_tokens' }),
      id: column.bytes({ primary: true, primaryKeyConstraintName: 'pk_api_tokens' }),
      name: column.text(),
      scopes: column.small(),
      created_at: column.int64(),
      expires_at: column.int64({ nullable: true }),
      last_used_at: column.int64({ nullable: true }),
      secret_sha256: column.bytes(),
    },
    indices: [{ name: 'ix_api_tokens_expires_at', columns: ['expires_at'] }],
  });
