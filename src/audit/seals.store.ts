import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { columnsOf, placeholders } from '../platform/database/columns';
import { Statement } from '../platform/database/statement';
import { ACTION_CODES } from './domain/actions';
import type { JournalEventRow } from './domain/journal-event.entity';
import { sealSchema, type SealRow } from './domain/seal.entity';

const COLUMNS = columnsOf(sealSchema).join(', ');

const insert = new Statement(
  `INSERT INTO seals (${COLUMNS}) VALUES (${placeholders(columnsOf(sealSchema))})`,
);
const newest = new Statement<SealRow>(`SELECT ${COLUMNS} FROM seals ORDER BY number DESC LIMIT 1`);
const above = new Statement<SealRow>(
  `SELECT ${COLUMNS} FROM seals WHERE number > :after ORDER BY number LIMIT :limit`,
);
const byNumber = new Statement<SealRow>(`SELECT ${COLUMNS} FROM seals WHERE number = :number`);
const rebuilt = new Statement<{ seq: number }>(
  'SELECT seq FROM journal WHERE action = :action AND at >= :since LIMIT 1',
);
const oldestKept = new Statement<SealRow>(
  `SELECT ${COLUMNS} FROM seals WHERE expired_at IS NULL ORDER BY number LIMIT 1`,
);
const expire = new Statement(
  'UPDATE seals SET expired_at = :expired_at, expiry_digest = :expiry_digest, tags = NULL WHERE number = :number AND expired_at IS NULL',
);
const events = new Statement<JournalEventRow>(
  `SELECT seq, at, user_key, actor_key, action, subject_id, version, request_id, ip, details FROM journal
   WHERE seq > :after AND seq <= :until ORDER BY seq LIMIT :limit`,
);
const newestEventAt = new Statement<{ at: number | null }>(
  'SELECT MAX(at) AS at FROM journal WHERE seq > :after AND seq <= :until',
);
const removeEvents = new Statement(
  `DELETE FROM journal WHERE seq IN (
     SELECT seq FROM journal WHERE seq > :after AND seq <= :until ORDER BY seq LIMIT :limit)`,
);
const countAfter = new Statement<{ events: number }>(
  'SELECT COUNT(*) AS events FROM journal WHERE seq > :after',
);

/** The rows of the seals, and the journal in the order of its numbers, of all users. */
@Injectable()
export class SealsStore {
  async insert(em: EntityManager, row: SealRow): Promise<void> {
    await insert.run(em, { ...row });
  }

  newest(em: EntityManager): Promise<SealRow | undefined> {
    return newest.one(em);
  }

  find(em: EntityManager, number: number): Promise<SealRow | undefined> {
    return byNumber.one(em, { number });
  }

  /** Whether the journal records a rebuild from copies since a time (ms). */
  async rebuiltSince(em: EntityManager, since: number): Promise<boolean> {
    return (await rebuilt.one(em, { action: ACTION_CODES['vault.rebuilt'], since })) !== undefined;
  }

  /** The next seals above a number. */
  above(em: EntityManager, after: number, limit: number): Promise<SealRow[]> {
    return above.all(em, { after, limit });
  }

  /** The oldest seal whose events still exist. */
  oldestKept(em: EntityManager): Promise<SealRow | undefined> {
    return oldestKept.one(em);
  }

  /** Records that the events of a seal were removed; false if that was already recorded. */
  async expire(em: EntityManager, number: number, expiredAt: number, digest: Buffer): Promise<boolean> {
    return (await expire.run(em, { number, expired_at: expiredAt, expiry_digest: digest })) === 1;
  }

  /** The next events with `after` < seq ≤ `until`. */
  events(em: EntityManager, after: number, until: number, limit: number): Promise<JournalEventRow[]> {
    return events.all(em, { after, until, limit });
  }

  /** When the newest event with `after` < seq ≤ `until` happened, ms; null if there is none. */
  async newestEventAt(em: EntityManager, after: number, until: number): Promise<number | null> {
    const at = (await newestEventAt.one(em, { after, until }))?.at ?? null;
    return at === null ? null : Number(at);
  }

  /** Removes the first events with `after` < seq ≤ `until`; returns how many. */
  removeEvents(em: EntityManager, after: number, until: number, limit: number): Promise<number> {
    return removeEvents.run(em, { after, until, limit });
  }

  async countAfter(em: EntityManager, after: number): Promise<number> {
    return Number((await countAfter.one(em, { after }))?.events ?? 0);
  }
}
