import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../platform/database/statement';
import type { AuditRow } from './audit-log.store';

const EVENT = `SELECT j.seq, j.at, j.user_key, j.actor_key, j.action, j.subject_id, j.version, j.details, a.user_id AS actor_id
  FROM journal j LEFT JOIN user_keys a ON a.user_key = j.actor_key`;
const IN_PART = 'j.seq > :after AND j.seq <= :up_to ORDER BY j.seq LIMIT :limit';

const newest = new Statement<{ seq: number | null }>('SELECT MAX(seq) AS seq FROM journal');
const owners = new Statement<{ user_key: number | null }>(
  'SELECT DISTINCT user_key FROM journal WHERE seq > :after AND seq <= :up_to AND action IN (:...actions)',
);
const ofUser = new Statement<FedRow>(`${EVENT} WHERE j.user_key = :user_key AND ${IN_PART}`);
const ofService = new Statement<FedRow>(`${EVENT} WHERE j.user_key IS NULL AND ${IN_PART}`);
const oneOfUser = new Statement<FedRow>(`${EVENT} WHERE j.seq = :seq AND j.user_key = :user_key`);
const oneOfService = new Statement<FedRow>(`${EVENT} WHERE j.seq = :seq AND j.user_key IS NULL`);

/** An event without its origin. */
export type FedRow = Omit<AuditRow, 'user_id' | 'request_id' | 'ip'>;

/** Events after `after` up to `upTo`. */
export interface FeedPart {
  after: number;
  upTo: number;
}

/** The journal for readers that follow it by its numbers. `userKey` null: events of the service itself. */
@Injectable()
export class JournalFeedStore {
  async newest(em: EntityManager): Promise<number> {
    return (await newest.one(em))?.seq ?? 0;
  }

  async owners(
    em: EntityManager,
    { after, upTo }: FeedPart,
    actions: readonly number[],
  ): Promise<Array<number | null>> {
    const rows = await owners.all(em, { after, up_to: upTo, actions });
    return rows.map(({ user_key }) => user_key);
  }

  /** The first `limit` events of a part, oldest first. */
  events(
    em: EntityManager,
    userKey: number | null,
    { after, upTo }: FeedPart,
    limit: number,
  ): Promise<FedRow[]> {
    const part = { after, up_to: upTo, limit };
    return userKey === null ? ofService.all(em, part) : ofUser.all(em, { ...part, user_key: userKey });
  }

  find(em: EntityManager, userKey: number | null, seq: number): Promise<FedRow | undefined> {
    return userKey === null ? oneOfService.one(em, { seq }) : oneOfUser.one(em, { seq, user_key: userKey });
  }
}
