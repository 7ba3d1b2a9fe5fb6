import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { columnsOf, placeholders } from '../platform/database/columns';
import { Statement } from '../platform/database/statement';
import { apiTokenSchema, sessionSchema, type ApiTokenRow, type SessionRow } from './domain/session.entity';

const SESSION = columnsOf(sessionSchema);
const insertSession = new Statement(
  `INSERT INTO sessions (${SESSION.join(', ')}) VALUES (${placeholders(SESSION)})`,
);
const findSession = new Statement<SessionRow>(
  `SELECT ${SESSION.join(', ')} FROM sessions WHERE user_key = :user_key AND id = :id`,
);
const advance = new Statement(
  `UPDATE sessions SET generation = generation + 1, expires_at = :expires_at
   WHERE user_key = :user_key AND id = :id AND generation = :generation`,
);
const removeSession = new Statement('DELETE FROM sessions WHERE user_key = :user_key AND id = :id');
const removeSessions = new Statement('DELETE FROM sessions WHERE user_key = :user_key');
const knownAddress = new Statement<{ known: number }>(
  'SELECT 1 AS known FROM sessions WHERE user_key = :user_key AND ip = :ip LIMIT 1',
);
const openSessions = new Statement<SessionRow>(
  `SELECT ${SESSION.join(', ')} FROM sessions WHERE user_key = :user_key AND expires_at > :now
   ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :skip`,
);
const countOpenSessions = new Statement<{ total: number }>(
  'SELECT COUNT(*) AS total FROM sessions WHERE user_key = :user_key AND expires_at > :now',
);
const removeOtherSessions = new Statement('DELETE FROM sessions WHERE user_key = :user_key AND id <> :kept');
const expireSessions = new Statement('DELETE FROM sessions WHERE expires_at <= :now');

const TOKEN = columnsOf(apiTokenSchema);
const insertToken = new Statement(
  `INSERT INTO api_tokens (${TOKEN.join(', ')}) VALUES (${placeholders(TOKEN)})`,
);
const listTokens = new Statement<ApiTokenRow>(
  `SELECT ${TOKEN.join(', ')} FROM api_tokens WHERE user_key = :user_key ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :skip`,
);
const countTokens = new Statement<{ total: number }>(
  'SELECT COUNT(*) AS total FROM api_tokens WHERE user_key = :user_key',
);
const removeToken = new Statement('DELETE FROM api_tokens WHERE user_key = :user_key AND id = :id');
const removeTokens = new Statement('DELETE FROM api_tokens WHERE user_key = :user_key');
const useToken = new Statement(
  'UPDATE api_tokens SET last_used_at = :now WHERE user_key = :user_key AND id = :id',
);
const expireTokens = new Statement('DELETE FROM api_tokens WHERE expires_at <= :now');

/** The rows of sessions and API tokens. Every statement uses the owner's key. */
@Injectable()
export class SessionsStore {
  async insert(em: EntityManager, row: SessionRow): Promise<void> {
    await insertSession.run(em, { ...row });
  }

  find(em: EntityManager, userKey: number, id: Buffer): Promise<SessionRow | undefined> {
    return findSession.one(em, { user_key: userKey, id });
  }

  /** Compare and set: makes the next refresh token the valid one; false if another one already is. */
  async advance(
    em: EntityManager,
    { user_key, id, generation }: SessionRow,
    expiresAt: number,
  ): Promise<boolean> {
    return (await advance.run(em, { user_key, id, generation, expires_at: expiresAt })) === 1;
  }

  async remove(em: EntityManager, userKey: number, id: Buffer): Promise<boolean> {
    return (await removeSession.run(em, { user_key: userKey, id })) === 1;
  }

  /** Ends all sessions of a user; returns their number. */
  removeAll(em: EntityManager, userKey: number): Promise<number> {
    return removeSessions.run(em, { user_key: userKey });
  }

  /** Sessions of a user that have not expired by `now` (ms), newest first. */
  open(
    em: EntityManager,
    userKey: number,
    now: number,
    { limit, skip }: { limit: number; skip: number },
  ): Promise<SessionRow[]> {
    return openSessions.all(em, { user_key: userKey, now, limit, skip });
  }

  async countOpen(em: EntityManager, userKey: number, now: number): Promise<number> {
    return Number((await countOpenSessions.one(em, { user_key: userKey, now }))?.total ?? 0);
  }

  /** Ends all sessions of a user except for one; returns their number. */
  removeOthers(em: EntityManager, userKey: number, kept: Buffer): Promise<number> {
    return removeOtherSessions.run(em, { user_key: userKey, kept });
  }

  /** Whether an open session of the user began at this address. */
  async isKnownAddress(em: EntityManager, userKey: number, ip: string): Promise<boolean> {
    return (await knownAddress.one(em, { user_key: userKey, ip })) !== undefined;
  }

  async insertToken(em: EntityManager, row: ApiTokenRow): Promise<void> {
    await insertToken.run(em, { ...row });
  }

  /** A user's API tokens, newest first. */
  tokens(em: EntityManager, userKey: number, limit: number, skip: number): Promise<ApiTokenRow[]> {
    return listTokens.all(em, { user_key: userKey, limit, skip });
  }

  async countTokens(em: EntityManager, userKey: number): Promise<number> {
    return Number((await countTokens.one(em, { user_key: userKey }))?.total ?? 0);
  }

  async removeToken(em: EntityManager, userKey: number, id: Buffer): Promise<boolean> {
    return (await removeToken.run(em, { user_key: userKey, id })) === 1;
  }

  async removeTokens(em: EntityManager, userKey: number): Promise<void> {
    await removeTokens.run(em, { user_key: userKey });
  }

  async useToken(em: EntityManager, userKey: number, id: Buffer, now: number): Promise<void> {
    await useToken.run(em, { user_key: userKey, id, now });
  }

  /** Removes the sessions and API tokens of all users that have expired by `now` (ms); returns their number. */
  async expire(em: EntityManager, now: number): Promise<number> {
    return (await expireSessions.run(em, { now })) + (await expireTokens.run(em, { now }));
  }
}
