import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../platform/database/statement';
import type { IdempotencyKeyRow } from './domain/idempotency-key.entity';

const SAME_KEY = 'user_key = :user_key AND key_sha256 = :key_sha256';
const find = new Statement<IdempotencyKeyRow>(
  `SELECT user_key, key_sha256, request_sha256, graph_id, created_at FROM idempotency_keys WHERE ${SAME_KEY} AND created_at > :since`,
);
const forget = new Statement(`DELETE FROM idempotency_keys WHERE ${SAME_KEY} AND created_at <= :since`);
const insert = new Statement(
  `INSERT INTO idempotency_keys (user_key, key_sha256, request_sha256, graph_id, created_at)
   VALUES (:user_key, :key_sha256, :request_sha256, :graph_id, :created_at)`,
);

const removeAll = new Statement('DELETE FROM idempotency_keys WHERE user_key = :user_key');

/** The rows of the idempotency keys. */
@Injectable()
export class IdempotencyStore {
  /** Finds the graph that the key created after `since` (ms). */
  find(
    em: EntityManager,
    userKey: number,
    keySha256: Buffer,
    since: number,
  ): Promise<IdempotencyKeyRow | undefined> {
    return find.one(em, { user_key: userKey, key_sha256: keySha256, since });
  }

  /** Stores a key and replaces one from before `since` (ms). A newer one is a unique violation. */
  async put(em: EntityManager, row: IdempotencyKeyRow, since: number): Promise<void> {
    await forget.run(em, { user_key: row.user_key, key_sha256: row.key_sha256, since });
    await insert.run(em, { ...row });
  }

  /** Removes all keys of a user. */
  async removeAll(em: EntityManager, userKey: number): Promise<void> {
    await removeAll.run(em, { user_key: userKey });
  }
}
