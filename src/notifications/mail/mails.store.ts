import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { columnsOf, placeholders } from '../../platform/database/columns';
import { Statement } from '../../platform/database/statement';
import { mailSchema, type MailRow } from './domain/mail.entity';

const COLUMNS = columnsOf(mailSchema).join(', ');

// A second request for the same mail makes it due now, and lets it be tried for its whole time again.
const put = new Statement(
  `INSERT INTO mails (${COLUMNS}) VALUES (${placeholders(columnsOf(mailSchema))})
   ON CONFLICT (user_key, kind, reference) DO UPDATE SET created_at = excluded.created_at, expires_at = excluded.expires_at,
     next_attempt_at = excluded.next_attempt_at, attempts = 0, failure = NULL, details = excluded.details`,
);
const due = new Statement<MailRow>(
  `SELECT ${COLUMNS} FROM mails WHERE kind = :kind AND next_attempt_at <= :now AND expires_at > :now
   ORDER BY next_attempt_at, user_key LIMIT :limit`,
);
const expired = new Statement<MailRow>(
  `SELECT ${COLUMNS} FROM mails WHERE expires_at <= :now ORDER BY expires_at LIMIT :limit`,
);
// Only the mail that was read: it may have been requested again meanwhile.
const remove = new Statement(
  'DELETE FROM mails WHERE user_key = :user_key AND kind = :kind AND reference = :reference AND created_at = :created_at',
);
const postpone = new Statement(
  `UPDATE mails SET attempts = attempts + 1, next_attempt_at = :next_attempt_at, failure = :failure
   WHERE user_key = :user_key AND kind = :kind AND reference = :reference AND created_at = :created_at`,
);
const removeOf = new Statement('DELETE FROM mails WHERE user_key = :user_key');
const count = new Statement<{ waiting: number }>(
  'SELECT COUNT(*) AS waiting FROM (SELECT 1 AS one FROM mails WHERE kind = :kind LIMIT :up_to) AS counted',
);
const oldest = new Statement<{ since: number | null }>(
  'SELECT MIN(created_at) AS since FROM mails WHERE kind = :kind',
);

/** The mails that wait to be sent. */
@Injectable()
export class MailsStore {
  /** Adds a mail, or makes the same mail due again. Always one write, whatever is there. */
  async put(em: EntityManager, row: MailRow): Promise<void> {
    await put.run(em, { ...row });
  }

  /** Mails of a kind that are due at `now` (ms), the longest waiting first. */
  due(em: EntityManager, kind: number, now: number, limit: number): Promise<MailRow[]> {
    return due.all(em, { kind, now, limit });
  }

  /** Mails whose time is over at `now` (ms). */
  expired(em: EntityManager, now: number, limit: number): Promise<MailRow[]> {
    return expired.all(em, { now, limit });
  }

  /** Removes a mail as it was read; false if it was requested again or removed in the meantime. */
  async remove(em: EntityManager, { user_key, kind, reference, created_at }: MailRow): Promise<boolean> {
    return (await remove.run(em, { user_key, kind, reference, created_at })) === 1;
  }

  /** Notes a failed attempt of a mail as it was read. */
  async postpone(
    em: EntityManager,
    { user_key, kind, reference, created_at }: MailRow,
    nextAttemptAt: number,
    failure: string,
  ): Promise<void> {
    const key = { user_key, kind, reference, created_at };
    await postpone.run(em, { ...key, next_attempt_at: nextAttemptAt, failure });
  }

  async removeOf(em: EntityManager, userKey: number): Promise<void> {
    await removeOf.run(em, { user_key: userKey });
  }

  /** Counts the waiting mails of a kind, up to `upTo`. */
  async count(em: EntityManager, kind: number, upTo: number): Promise<number> {
    return Number((await count.one(em, { kind, up_to: upTo }))?.waiting ?? 0);
  }

  /** When the longest waiting mail of a kind was requested, ms since the epoch; null if none waits. */
  async oldest(em: EntityManager, kind: number): Promise<number | null> {
    const since = (await oldest.one(em, { kind }))?.since ?? null;
    return since === null ? null : Number(since);
  }
}
