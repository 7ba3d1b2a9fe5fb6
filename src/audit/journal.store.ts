import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../platform/database/statement';
import type { JournalEventRow } from './domain/journal-event.entity';

const insert = new Statement<{ seq: number }>(
  `INSERT INTO journal (at, user_key, actor_key, action, subject_id, version, request_id, ip, details)
   VALUES (:at, :user_key, :actor_key, :action, :subject_id, :version, :request_id, :ip, :details) RETURNING seq`,
);

const setOwner = new Statement(
  'UPDATE journal SET user_key = :seq, actor_key = :actor_key WHERE seq = :seq AND user_key IS NULL',
);
const subjectsSince = new Statement<{ subject_id: Buffer }>(
  `SELECT DISTINCT subject_id FROM journal WHERE user_key = :user_key AND action = :action AND at > :since AND subject_id IS NOT NULL`,
);

const subjectsAfter = new Statement<{ user_key: number; action: number; subject_id: Buffer }>(
  `SELECT DISTINCT user_key, action, subject_id FROM journal
   WHERE seq > :seq AND action IN (:...actions) AND user_key IS NOT NULL AND subject_id IS NOT NULL`,
);
const seqRange = new Statement<{ oldest: number | null; newest: number | null }>(
  'SELECT (SELECT MIN(seq) FROM journal) AS oldest, (SELECT MAX(seq) FROM journal) AS newest',
);

const newest = new Statement<{ at: number }>('SELECT at FROM journal ORDER BY seq DESC LIMIT 1');

/** The rows of the journal. They are appended and never changed after the commit. */
@Injectable()
export class JournalStore {
  async append(em: EntityManager, row: Omit<JournalEventRow, 'seq'>): Promise<number> {
    const inserted = await insert.one(em, { ...row });
    return inserted!.seq;
  }

  /** When the newest event happened, ms since the epoch. */
  async newestAt(em: EntityManager): Promise<number | undefined> {
    return (await newest.one(em))?.at;
  }

  /** Sets the owner of an event in the transaction that appended it. */
  async setOwner(em: EntityManager, seq: number, actorKey: number | null): Promise<void> {
    await setOwner.run(em, { seq, actor_key: actorKey });
  }

  /** Ids of the subjects of an action after `since` (ms), of one user's events. */
  async subjectsSince(em: EntityManager, userKey: number, action: number, since: number): Promise<Buffer[]> {
    const rows = await subjectsSince.all(em, { user_key: userKey, action, since });
    return rows.map(({ subject_id }) => subject_id);
  }

  /** Owner and subject of the given actions recorded after `seq`. */
  subjectsAfter(em: EntityManager, seq: number, actions: readonly number[]) {
    return subjectsAfter.all(em, { seq, actions });
  }

  /** Sequence numbers of the first and the last event; null if there is none. */
  async seqRange(em: EntityManager): Promise<{ oldest: number | null; newest: number | null }> {
    return (await seqRange.one(em))!;
  }
}
