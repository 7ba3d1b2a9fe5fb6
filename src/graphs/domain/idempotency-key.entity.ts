import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** The graph that a client's `Idempotency-Key` created, so that a retry does not create another one. */
export interface IdempotencyKeyRow {
  user_key: number;
  key_sha256: Buffer;
  /** SHA-256 of the request body. The same key with another body is an error of the client. */
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
