import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { columnsOf, placeholders } from '../platform/database/columns';
import { Statement } from '../platform/database/statement';
import { TransactionLock } from '../platform/database/transaction-lock';
import type { ApiTokenRow } from './domain/session.entity';
import { userSchema, type UserRow } from './domain/user.entity';

const COLUMNS = columnsOf(userSchema).join(', ');
const LIVING = 'deleted_at IS NULL';
const insert = new Statement(
  `INSERT INTO users (${COLUMNS}) VALUES (${placeholders(columnsOf(userSchema))})`,
);
const byEmail = new Statement<UserRow>(`SELECT ${COLUMNS} FROM users WHERE email = :email AND ${LIVING}`);
const byId = new Statement<UserRow>(`SELECT ${COLUMNS} FROM users WHERE id = :id AND ${LIVING}`);
const activeByKey = new Statement<Pick<UserRow, 'id' | 'role'>>(
  `SELECT id, role FROM users WHERE key = :key AND is_active = 1 AND ${LIVING}`,
);
const anyAtAll = new Statement<{ key: number }>('SELECT key FROM users LIMIT 1');
const anyOfRole = new Statement<{ key: number }>(
  `SELECT key FROM users WHERE role = :role AND ${LIVING} LIMIT 1`,
);
const otherActive = new Statement<{ key: number }>(
  `SELECT key FROM users WHERE role = :role AND is_active = 1 AND ${LIVING} AND key <> :key LIMIT 1`,
);
const list = new Statement<UserRow>(
  `SELECT ${COLUMNS} FROM users WHERE ${LIVING} AND key < :before ORDER BY key DESC LIMIT :limit OFFSET :skip`,
);
const count = new Statement<{ total: number }>(
  `SELECT COUNT(*) AS total FROM (SELECT key FROM users WHERE ${LIVING} LIMIT :up_to) AS counted`,
);
const change = new Statement(
  `UPDATE users SET role = :role, is_active = :is_active, seq = :seq WHERE key = :key AND seq = :expected_seq`,
);
const setPassword = new Statement(
  'UPDATE users SET password_hash = :password_hash, seq = :seq WHERE key = :key AND seq = :expected_seq',
);
// Writes the row without changing it: on PostgreSQL a change of the password waits until the transaction has ended.
const confirm = new Statement(
  `UPDATE users SET seq = seq WHERE key = :key AND password_hash = :password_hash AND is_active = 1 AND ${LIVING}`,
);
const markDeleted = new Statement(
  `UPDATE users SET deleted_at = :deleted_at, is_active = 0, email = :email, password_hash = '', seq = :seq
   WHERE key = :key AND seq = :expected_seq`,
);
const deleted = new Statement<{ key: number; id: Buffer }>(
  'SELECT key, id FROM users WHERE deleted_at IS NOT NULL ORDER BY deleted_at LIMIT :limit',
);
const remove = new Statement('DELETE FROM users WHERE key = :key AND deleted_at IS NOT NULL');
const activeAccount = new Statement<UserRow>(
  `SELECT ${COLUMNS} FROM users WHERE key = :key AND is_active = 1 AND ${LIVING}`,
);
const activeOperators = new Statement<UserRow>(
  `SELECT ${COLUMNS} FROM users WHERE role IN ('operator', 'admin') AND is_active = 1 AND ${LIVING} ORDER BY key LIMIT :limit`,
);

const keyOf = new Statement<{ key: number }>(`SELECT key FROM users WHERE id = :id AND ${LIVING}`);
// The session in the same look-up: one read a request says whether the account and the session are there still.
const bySession = new Statement<Pick<UserRow, 'key' | 'role'>>(
  `SELECT u.key, u.role FROM sessions s JOIN users u ON u.key = s.user_key
   WHERE s.user_key = :user_key AND s.id = :session AND u.id = :id AND u.is_active = 1 AND u.deleted_at IS NULL`,
);
const byApiToken = new Statement<
  Pick<UserRow, 'key' | 'role'> &
    Pick<ApiTokenRow, 'scopes' | 'expires_at' | 'last_used_at' | 'secret_sha256'>
>(
  `SELECT u.key, u.role, t.scopes, t.expires_at, t.last_used_at, t.secret_sha256
   FROM api_tokens t JOIN users u ON u.key = t.user_key
   WHERE t.user_key = :user_key AND t.id = :token AND u.id = :id AND u.is_active = 1 AND u.deleted_at IS NULL`,
);

/** Without it, two administrators who demote each other would each find the other one active. */
const administrators = new TransactionLock('administrators');
/** Without it, two first registrations on two replicas would each find no account. */
const firstAccount = new TransactionLock('first account');

/** What the permissions of a signed-in account depend on. */
export type ActiveAccount = Pick<UserRow, 'key' | 'id' | 'role'>;

/** An account with the API token that was shown. */
export type ActiveToken = NonNullable<Awaited<ReturnType<typeof byApiToken.one>>>;

/** Rows of accounts. Only the job that removes deleted accounts finds them. */
@Injectable()
export class UsersStore {
  async insert(em: EntityManager, row: UserRow): Promise<void> {
    await insert.run(em, { ...row });
  }

  byEmail(em: EntityManager, email: string): Promise<UserRow | undefined> {
    return byEmail.one(em, { email });
  }

  /** Id and role of an account that can be used; for work that the service does for its owner. */
  activeByKey(em: EntityManager, key: number): Promise<Pick<UserRow, 'id' | 'role'> | undefined> {
    return activeByKey.one(em, { key });
  }

  byId(em: EntityManager, id: Buffer): Promise<UserRow | undefined> {
    return byId.one(em, { id });
  }

  /** The key of the account with this id. */
  async keyOf(em: EntityManager, id: Buffer): Promise<number | undefined> {
    return (await keyOf.one(em, { id }))?.key;
  }

  /** The active account of this key and id, with this living session. */
  bySession(
    em: EntityManager,
    key: number,
    id: Buffer,
    session: Buffer,
  ): Promise<Pick<UserRow, 'key' | 'role'> | undefined> {
    return bySession.one(em, { user_key: key, id, session });
  }

  /** The active account of this key and id, with this API token, whose secret and expiry are not checked yet. */
  byApiToken(em: EntityManager, key: number, id: Buffer, token: Buffer): Promise<ActiveToken | undefined> {
    return byApiToken.one(em, { user_key: key, id, token });
  }

  /** Whether there is any account, deleted ones included. */
  async hasAny(em: EntityManager): Promise<boolean> {
    return (await anyAtAll.one(em)) !== undefined;
  }

  /** Holds off other first accounts until the caller's transaction ends; take it before `hasAny`. */
  lockFirstAccount(em: EntityManager): Promise<void> {
    return firstAccount.exclusive(em, 0);
  }

  async hasRole(em: EntityManager, role: string): Promise<boolean> {
    return (await anyOfRole.one(em, { role })) !== undefined;
  }

  /** Whether another active account than this one has the role. */
  async hasOther(em: EntityManager, role: string, key: number): Promise<boolean> {
    return (await otherActive.one(em, { role, key })) !== undefined;
  }

  /** Accounts below the key `before`, newest first. */
  list(em: EntityManager, before: number, limit: number, skip: number): Promise<UserRow[]> {
    return list.all(em, { before, limit, skip });
  }

  /** Counts the accounts, up to `upTo`. */
  async count(em: EntityManager, upTo: number): Promise<number> {
    return Number((await count.one(em, { up_to: upTo }))?.total ?? 0);
  }

  /** Compare and set: a new role or activity; false when the row was changed since it was read. */
  async change(
    em: EntityManager,
    { key, seq: expected_seq }: UserRow,
    to: Pick<UserRow, 'role' | 'is_active' | 'seq'>,
  ): Promise<boolean> {
    return (await change.run(em, { key, expected_seq, ...to })) === 1;
  }

  /** Compare and set, as `change`. */
  async setPassword(
    em: EntityManager,
    { key, seq: expected_seq }: UserRow,
    hash: string,
    seq: number,
  ): Promise<boolean> {
    return (await setPassword.run(em, { key, expected_seq, password_hash: hash, seq })) === 1;
  }

  /**
   * Whether the account is still active and has the password that was checked, inside the caller's transaction. It stays
   * so until the transaction ends.
   */
  async confirm(em: EntityManager, { key, password_hash }: UserRow): Promise<boolean> {
    return (await confirm.run(em, { key, password_hash })) === 1;
  }

  /** Holds off other changes of administrators until the caller's transaction ends; take it before `hasOther`. */
  lockAdministrators(em: EntityManager): Promise<void> {
    return administrators.exclusive(em, 0);
  }

  /** Makes an account unusable and removes its e-mail address and password; its rows are removed later. */
  async markDeleted(
    em: EntityManager,
    { key, seq: expected_seq }: UserRow,
    to: { email: string; deleted_at: number; seq: number },
  ): Promise<boolean> {
    return (await markDeleted.run(em, { key, expected_seq, ...to })) === 1;
  }

  /** Deleted accounts whose rows still exist. */
  deleted(em: EntityManager, limit: number): Promise<Array<{ key: number; id: Buffer }>> {
    return deleted.all(em, { limit });
  }

  /** The account with this key, if it is not disabled and not deleted. */
  activeAccount(em: EntityManager, key: number): Promise<UserRow | undefined> {
    return activeAccount.one(em, { key });
  }

  /** Operators and administrators that are not disabled and not deleted. */
  activeOperators(em: EntityManager, limit: number): Promise<UserRow[]> {
    return activeOperators.all(em, { limit });
  }

  async remove(em: EntityManager, key: number): Promise<void> {
    await remove.run(em, { key });
  }
}
