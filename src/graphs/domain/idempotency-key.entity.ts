import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** What a client's `Idempotency-Key` has made, so that a retry does not make it again. */
export interface IdempotencyKeyRow {
  user_key: number;
  key_sha256: Buffer;
  /** SHA-256 of the request's body: the same key with another body is a mistake. */
  request_sha256: Buffer;
  graph_id: Buffer;
  created_at: number;
}

export const idempotencyKeySchema = (column: PortableColumns) =>
  new EntitySchema<IdempotencyKeyRow>({
    name: 'idempotency_keys',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_idempotency_keys' }),
      key_sha256: column.bytes({ primary: true, primaryKeyConstraintName: 'pk_idempotency_keys' }),
      request_sha256: column.bytes(),
      graph_id: column.bytes(),
      created_at: column.int64(),
    },
    indices: [{ name: 'ix_idempotency_keys_created_at', columns: ['created_at'] }],
  });
