import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { columnsOf } from '../../platform/database/columns';
import { Statement } from '../../platform/database/statement';
import { webhookStateSchema, type WebhookStateRow } from './domain/webhook-state.entity';
import type { WebhookRow } from './domain/webhook.entity';
import { LONGEST_WAIT_MS } from './domain/retry';
import type { WebhookPlace } from './domain/webhook-place';

const ALL = columnsOf(webhookStateSchema).join(', ');
const ONE = 'user_key = :user_key AND webhook_key = :webhook_key';

const seen = new Statement<{ seen_seq: number }>('SELECT seen_seq FROM webhook_feed WHERE id = 1');
const setSeen = new Statement('UPDATE webhook_feed SET seen_seq = :seq WHERE id = 1 AND seen_seq < :seq');
const anyActive = new Statement<{ n: number }>('SELECT 1 AS n FROM webhook_states WHERE active = 1 LIMIT 1');
// Also where `due_at` is set: the end of a turn compares `news_seq` with what the turn has read.
const markOfUsers = new Statement(
  `UPDATE webhook_states SET news_seq = :seq, due_at = COALESCE(due_at, :now)
   WHERE user_key IN (:...user_keys) AND active = 1`,
);
const markOperational = new Statement(
  `UPDATE webhook_states SET news_seq = :seq, due_at = COALESCE(due_at, :now) WHERE operational = 1 AND active = 1`,
);
const stateless = new Statement<WebhookRow>(
  `SELECT user_key, key, enabled, events FROM webhooks w WHERE deleted_at IS NULL AND NOT EXISTS
   (SELECT 1 FROM webhook_states s WHERE s.user_key = w.user_key AND s.webhook_key = w.key) LIMIT :limit`,
);
// A time further ahead than any wait was written by a clock that was set back since.
const due = new Statement<WebhookStateRow>(
  `SELECT ${ALL} FROM webhook_states WHERE slow = :slow AND due_at IS NOT NULL
   AND (due_at <= :now OR due_at > :implausible) AND active = 1 ORDER BY due_at LIMIT :limit`,
);
const oldestDue = new Statement<{ at: number | null }>(
  'SELECT MIN(due_at) AS at FROM webhook_states WHERE due_at IS NOT NULL AND active = 1',
);
const failing = new Statement<{ n: number }>(
  'SELECT COUNT(*) AS n FROM (SELECT 1 FROM webhook_states WHERE failures > 0 AND active = 1 LIMIT :up_to) AS counted',
);
const filled = new Statement(
  `UPDATE webhook_states SET cursor_seq = :to, deliveries = deliveries + :added
   WHERE ${ONE} AND active = 1 AND cursor_seq = :from AND deliveries = :deliveries`,
);
const attempted = new Statement(
  `UPDATE webhook_states SET slow = :slow, failures = :failures, failing_since = :failing_since,
   last_attempt_at = :last_attempt_at, last_success_at = COALESCE(:last_success_at, last_success_at) WHERE ${ONE} AND active = 1`,
);
// A request that came during the turn has set another time, which stays. Events that came during the turn are due.
const endTurn = new Statement(
  `UPDATE webhook_states SET due_at = CASE WHEN due_at <> :as_begun THEN due_at
   WHEN CAST(:next AS BIGINT) IS NULL AND news_seq > cursor_seq THEN :now ELSE :next END WHERE ${ONE} AND active = 1`,
);

/** The state of a webhook after an attempt. */
export type StateAfter = Pick<
  WebhookStateRow,
  'slow' | 'failures' | 'failing_since' | 'last_attempt_at' | 'last_success_at'
>;

/** How far webhooks are: the part that the job reads and writes, for webhooks of all users. */
@Injectable()
export class WebhookQueueStore {
  /** The number of the journal up to which webhooks know that there is news. */
  async seen(em: EntityManager): Promise<number> {
    return (await seen.one(em))?.seen_seq ?? 0;
  }

  async setSeen(em: EntityManager, seq: number): Promise<void> {
    await setSeen.run(em, { seq });
  }

  async anyActive(em: EntityManager): Promise<boolean> {
    return (await anyActive.one(em)) !== undefined;
  }

  /** Makes the webhooks of these users due: there are events up to `seq`. */
  async markOfUsers(em: EntityManager, userKeys: readonly number[], seq: number, now: number): Promise<void> {
    if (userKeys.length > 0) await markOfUsers.run(em, { user_keys: userKeys, seq, now });
  }

  async markOperational(em: EntityManager, seq: number, now: number): Promise<void> {
    await markOperational.run(em, { seq, now });
  }

  /** Webhooks without a state: they come from copies. */
  stateless(
    em: EntityManager,
    limit: number,
  ): Promise<Array<Pick<WebhookRow, 'user_key' | 'key' | 'enabled' | 'events'>>> {
    return stateless.all(em, { limit });
  }

  /** Webhooks of all users that are due, the longest due first; those of slow receivers, or the others. */
  due(em: EntityManager, isSlow: boolean, now: number, limit: number): Promise<WebhookStateRow[]> {
    return due.all(em, { slow: isSlow ? 1 : 0, now, implausible: now + LONGEST_WAIT_MS, limit });
  }

  /** When the longest due webhook was due, ms since the epoch; null if none is. */
  async oldestDue(em: EntityManager): Promise<number | null> {
    return (await oldestDue.one(em))?.at ?? null;
  }

  /** Webhooks whose last attempt failed, counted up to `upTo`. */
  async failing(em: EntityManager, upTo: number): Promise<number> {
    return Number((await failing.one(em, { up_to: upTo }))?.n ?? 0);
  }

  /** Records that deliveries exist up to `to`. Returns false if the webhook was changed since `state` was read. */
  async filled(em: EntityManager, state: WebhookStateRow, to: number, added: number): Promise<boolean> {
    const { user_key, webhook_key, cursor_seq: from, deliveries } = state;
    return (await filled.run(em, { user_key, webhook_key, from, deliveries, to, added })) === 1;
  }

  /** Returns false if the webhook is not active any more. */
  async attempted(
    em: EntityManager,
    { user_key, webhook_key }: WebhookPlace,
    { slow, failures, failing_since, last_attempt_at, last_success_at }: StateAfter,
  ): Promise<boolean> {
    const after = { slow, failures, failing_since, last_attempt_at, last_success_at };
    return (await attempted.run(em, { user_key, webhook_key, ...after })) === 1;
  }

  /** Ends a turn that began when `as_begun` was due; `next`: when something is to do again, ms, or null. */
  async endTurn(
    em: EntityManager,
    { user_key, webhook_key }: WebhookPlace,
    turn: { as_begun: number; next: number | null; now: number },
  ): Promise<void> {
    await endTurn.run(em, { user_key, webhook_key, ...turn });
  }
}
