import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { columnsOf, placeholders } from '../../platform/database/columns';
import { Statement } from '../../platform/database/statement';
import type { WebhookPlace } from './domain/webhook-place';
import { webhookStateSchema, type WebhookStateRow } from './domain/webhook-state.entity';

const COLUMNS = columnsOf(webhookStateSchema);
const ALL = COLUMNS.join(', ');
const ONE = 'user_key = :user_key AND webhook_key = :webhook_key';

const insert = new Statement(`INSERT INTO webhook_states (${ALL}) VALUES (${placeholders(COLUMNS)})`);
const find = new Statement<WebhookStateRow>(`SELECT ${ALL} FROM webhook_states WHERE ${ONE}`);
const ofUser = new Statement<WebhookStateRow>(`SELECT ${ALL} FROM webhook_states WHERE user_key = :user_key`);
const set = new Statement(
  `UPDATE webhook_states SET active = :active, operational = :operational, due_at = :due_at, slow = 0, failures = 0,
   failing_since = NULL, cursor_seq = CASE WHEN :cursor_seq > cursor_seq THEN :cursor_seq ELSE cursor_seq END WHERE ${ONE}`,
);
const wake = new Statement(`UPDATE webhook_states SET due_at = :due_at WHERE ${ONE} AND active = 1`);
const stop = new Statement(`UPDATE webhook_states SET active = 0, due_at = NULL WHERE ${ONE}`);
const takeNumber = new Statement<{ deliveries: number }>(
  `UPDATE webhook_states SET deliveries = deliveries + 1 WHERE ${ONE} RETURNING deliveries`,
);
const remove = new Statement(`DELETE FROM webhook_states WHERE ${ONE}`);
const removeOfUser = new Statement('DELETE FROM webhook_states WHERE user_key = :user_key');

/** What a change of its settings does to the state of a webhook. */
export interface StateChange {
  active: number;
  operational: number;
  due_at: number | null;
  /** Events up to this number are skipped; 0: none. */
  cursor_seq: number;
}

/** How far webhooks are: the part that their owners see and change. */
@Injectable()
export class WebhookStatesStore {
  async insert(em: EntityManager, row: WebhookStateRow): Promise<void> {
    await insert.run(em, { ...row });
  }

  find(em: EntityManager, { user_key, webhook_key }: WebhookPlace): Promise<WebhookStateRow | undefined> {
    return find.one(em, { user_key, webhook_key });
  }

  ofUser(em: EntityManager, userKey: number): Promise<WebhookStateRow[]> {
    return ofUser.all(em, { user_key: userKey });
  }

  async set(
    em: EntityManager,
    { user_key, webhook_key }: WebhookPlace,
    { active, operational, due_at, cursor_seq }: StateChange,
  ): Promise<void> {
    await set.run(em, { user_key, webhook_key, active, operational, due_at, cursor_seq });
  }

  /** Lets the job look at an active webhook at `dueAt`. */
  async wake(em: EntityManager, { user_key, webhook_key }: WebhookPlace, dueAt: number): Promise<void> {
    await wake.run(em, { user_key, webhook_key, due_at: dueAt });
  }

  /** Stops deliveries; what waits stays. */
  async stop(em: EntityManager, { user_key, webhook_key }: WebhookPlace): Promise<void> {
    await stop.run(em, { user_key, webhook_key });
  }

  /** The number for one more delivery; undefined if the webhook was removed. */
  async takeNumber(em: EntityManager, { user_key, webhook_key }: WebhookPlace): Promise<number | undefined> {
    return (await takeNumber.one(em, { user_key, webhook_key }))?.deliveries;
  }

  async remove(em: EntityManager, { user_key, webhook_key }: WebhookPlace): Promise<void> {
    await remove.run(em, { user_key, webhook_key });
  }

  async removeOfUser(em: EntityManager, userKey: number): Promise<void> {
    await removeOfUser.run(em, { user_key: userKey });
  }
}
