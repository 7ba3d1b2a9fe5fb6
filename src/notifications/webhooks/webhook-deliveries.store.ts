import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { columnsOf, placeholders } from '../../platform/database/columns';
import { Statement } from '../../platform/database/statement';
import {
  DELIVERY_STATUSES,
  webhookDeliverySchema,
  type WebhookDeliveryRow,
} from './domain/webhook-delivery.entity';
import type { WebhookPlace } from './domain/webhook-place';

const COLUMNS = columnsOf(webhookDeliverySchema);
const ALL = COLUMNS.join(', ');
const OF_WEBHOOK = 'user_key = :user_key AND webhook_key = :webhook_key';
const PENDING = `status = ${DELIVERY_STATUSES.indexOf('pending')}`;
const FAILED = DELIVERY_STATUSES.indexOf('failed');

const insert = new Statement(`INSERT INTO webhook_deliveries (${ALL}) VALUES (${placeholders(COLUMNS)})`);
const find = new Statement<WebhookDeliveryRow>(
  `SELECT ${ALL} FROM webhook_deliveries WHERE ${OF_WEBHOOK} AND n = :n`,
);
const list = new Statement<WebhookDeliveryRow>(
  `SELECT ${ALL} FROM webhook_deliveries WHERE ${OF_WEBHOOK} AND n < :before ORDER BY n DESC LIMIT :limit OFFSET :skip`,
);
const count = new Statement<{ total: number }>(
  `SELECT COUNT(*) AS total FROM webhook_deliveries WHERE ${OF_WEBHOOK}`,
);
const pending = new Statement<WebhookDeliveryRow>(
  `SELECT ${ALL} FROM webhook_deliveries WHERE ${OF_WEBHOOK} AND ${PENDING} ORDER BY n LIMIT :limit`,
);
const attempted = new Statement(
  `UPDATE webhook_deliveries SET status = :status, due_at = :due_at, attempts = :attempts, last_attempt_at = :last_attempt_at,
   http_status = :http_status, duration_ms = :duration_ms, failure = :failure WHERE ${OF_WEBHOOK} AND n = :n`,
);
const again = new Statement(
  `UPDATE webhook_deliveries SET status = ${DELIVERY_STATUSES.indexOf('pending')}, due_at = :now, give_up_at = :now
   WHERE ${OF_WEBHOOK} AND n = :n AND NOT (${PENDING})`,
);
const atOnce = new Statement(
  `UPDATE webhook_deliveries SET due_at = :now WHERE ${OF_WEBHOOK} AND n = :n AND ${PENDING}`,
);
const allAtOnce = new Statement(
  `UPDATE webhook_deliveries SET due_at = :now WHERE ${OF_WEBHOOK} AND ${PENDING} AND due_at > :now`,
);
const prolong = new Statement(
  `UPDATE webhook_deliveries SET due_at = :now, give_up_at = :give_up_at WHERE ${OF_WEBHOOK} AND ${PENDING}`,
);
const skip = new Statement(
  `UPDATE webhook_deliveries SET status = ${FAILED}, failure = :failure WHERE ${OF_WEBHOOK} AND ${PENDING}`,
);
const removeOld = new Statement(
  `DELETE FROM webhook_deliveries WHERE ${OF_WEBHOOK} AND n <= :up_to AND NOT (${PENDING})`,
);
const remove = new Statement(`DELETE FROM webhook_deliveries WHERE ${OF_WEBHOOK}`);
/** The result of an attempt. */
export type Attempted = Pick<
  WebhookDeliveryRow,
  'n' | 'status' | 'due_at' | 'attempts' | 'last_attempt_at' | 'http_status' | 'duration_ms' | 'failure'
>;

/** Messages that are to be sent to webhooks, and those that were. */
@Injectable()
export class WebhookDeliveriesStore {
  async insert(em: EntityManager, row: WebhookDeliveryRow): Promise<void> {
    await insert.run(em, { ...row });
  }

  find(em: EntityManager, place: WebhookPlace, n: number): Promise<WebhookDeliveryRow | undefined> {
    return find.one(em, { ...keysOf(place), n });
  }

  /** Newest first, below the number `before`. */
  list(
    em: EntityManager,
    place: WebhookPlace,
    { limit, skip: skipped, before }: { limit: number; skip: number; before: number },
  ): Promise<WebhookDeliveryRow[]> {
    return list.all(em, { ...keysOf(place), limit, skip: skipped, before });
  }

  async count(em: EntityManager, place: WebhookPlace): Promise<number> {
    return Number((await count.one(em, keysOf(place)))?.total ?? 0);
  }

  /** The first `limit` deliveries that wait, oldest first. */
  pending(em: EntityManager, place: WebhookPlace, limit: number): Promise<WebhookDeliveryRow[]> {
    return pending.all(em, { ...keysOf(place), limit });
  }

  async attempted(em: EntityManager, place: WebhookPlace, attempt: Attempted): Promise<void> {
    await attempted.run(em, { ...keysOf(place), ...attempt });
  }

  /**
   * Sends a delivery at `now` (ms): one that waits keeps its time limit, one that was delivered or given up gets one
   * more attempt. Returns false if there is no such delivery.
   */
  async again(em: EntityManager, place: WebhookPlace, n: number, now: number): Promise<boolean> {
    const params = { ...keysOf(place), n, now };
    return (await again.run(em, params)) + (await atOnce.run(em, params)) > 0;
  }

  /** Makes all that wait due at `now` (ms). */
  async allAtOnce(em: EntityManager, place: WebhookPlace, now: number): Promise<void> {
    await allAtOnce.run(em, { ...keysOf(place), now });
  }

  /** Gives all that wait a new time limit (ms), and makes them due at `now`. */
  async prolong(em: EntityManager, place: WebhookPlace, now: number, giveUpAt: number): Promise<void> {
    await prolong.run(em, { ...keysOf(place), now, give_up_at: giveUpAt });
  }

  /** Gives up all that wait. */
  async skip(em: EntityManager, place: WebhookPlace, failure: string): Promise<void> {
    await skip.run(em, { ...keysOf(place), failure });
  }

  /** Removes deliveries with numbers up to `upTo` that don't wait. */
  async removeOld(em: EntityManager, place: WebhookPlace, upTo: number): Promise<void> {
    await removeOld.run(em, { ...keysOf(place), up_to: upTo });
  }

  async remove(em: EntityManager, place: WebhookPlace): Promise<void> {
    await remove.run(em, keysOf(place));
  }
}

function keysOf({ user_key, webhook_key }: WebhookPlace): { user_key: number; webhook_key: number } {
  return { user_key, webhook_key };
}
