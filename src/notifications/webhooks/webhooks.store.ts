import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { assignments, columnsOf, placeholders } from '../../platform/database/columns';
import { Statement } from '../../platform/database/statement';
import { webhookSchema, type WebhookRow } from './domain/webhook.entity';

const COLUMNS = columnsOf(webhookSchema);
const ALL = COLUMNS.join(', ');
const SETTINGS = COLUMNS.filter((column) => !['user_key', 'key', 'id', 'created_at'].includes(column));
const ONE = 'user_key = :user_key AND key = :key';

const insert = new Statement(`INSERT INTO webhooks (${ALL}) VALUES (${placeholders(COLUMNS)})`);
const find = new Statement<WebhookRow>(
  `SELECT ${ALL} FROM webhooks WHERE user_key = :user_key AND id = :id AND deleted_at IS NULL`,
);
const byKey = new Statement<WebhookRow>(`SELECT ${ALL} FROM webhooks WHERE ${ONE} AND deleted_at IS NULL`);
const list = new Statement<WebhookRow>(
  `SELECT ${ALL} FROM webhooks WHERE user_key = :user_key AND deleted_at IS NULL ORDER BY key DESC LIMIT :limit OFFSET :skip`,
);
const count = new Statement<{ total: number }>(
  'SELECT COUNT(*) AS total FROM webhooks WHERE user_key = :user_key AND deleted_at IS NULL',
);
const change = new Statement(
  `UPDATE webhooks SET ${assignments(SETTINGS)} WHERE ${ONE} AND seq = :expected_seq`,
);
const removeOfUser = new Statement('DELETE FROM webhooks WHERE user_key = :user_key');

/** The rows of webhooks: what their owners have set. */
@Injectable()
export class WebhooksStore {
  async insert(em: EntityManager, row: WebhookRow): Promise<void> {
    await insert.run(em, { ...row });
  }

  /** A webhook of the user that was not removed. */
  find(em: EntityManager, userKey: number, id: Buffer): Promise<WebhookRow | undefined> {
    return find.one(em, { user_key: userKey, id });
  }

  byKey(em: EntityManager, userKey: number, key: number): Promise<WebhookRow | undefined> {
    return byKey.one(em, { user_key: userKey, key });
  }

  list(em: EntityManager, userKey: number, limit: number, skip: number): Promise<WebhookRow[]> {
    return list.all(em, { user_key: userKey, limit, skip });
  }

  async count(em: EntityManager, userKey: number): Promise<number> {
    return Number((await count.one(em, { user_key: userKey }))?.total ?? 0);
  }

  /** Compare and set. Returns false if the row's seq is not `expectedSeq` any more. */
  async change(em: EntityManager, row: WebhookRow, expectedSeq: number): Promise<boolean> {
    return (await change.run(em, { ...row, expected_seq: expectedSeq })) === 1;
  }

  async removeOfUser(em: EntityManager, userKey: number): Promise<void> {
    await removeOfUser.run(em, { user_key: userKey });
  }
}
