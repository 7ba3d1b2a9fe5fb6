import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** A sign-in that lives on by its refresh tokens: a family of which only the newest counts. */
export interface SessionRow {
  user_key: number;
  /** 16 random bytes, in each token of the session. */
  id: Buffer;
  /** The number of the refresh token that counts. */
  generation: number;
  created_at: number;
  /** When the newest refresh token ends, ms since the epoch. */
  expires_at: number;
  /** Where it was begun: an address that is known not to be a stranger's. */
  ip: string;
}

/** An API token for a machine. Of its secret only a hash is kept. */
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
    indices: [{ name: 'ix_sessions_expires_at', columns: ['expires_at'] }],
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
