import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../platform/database/statement';
import type { PasswordResetRow } from './domain/password-reset.entity';

const put = new Statement(
  `INSERT INTO password_resets (user_key, created_at, expires_at, secret_sha256) VALUES (:user_key, :created_at, :expires_at, :secret_sha256)
   ON CONFLICT (user_key) DO UPDATE SET created_at = excluded.created_at, expires_at = excluded.expires_at, secret_sha256 = excluded.secret_sha256`,
);
const find = new Statement<PasswordResetRow>(
  'SELECT user_key, created_at, expires_at, secret_sha256 FROM password_resets WHERE user_key = :user_key',
);
const spend = new Statement(
  'DELETE FROM password_resets WHERE user_key = :user_key AND secret_sha256 = :secret_sha256',
);
const removeOf = new Statement('DELETE FROM password_resets WHERE user_key = :user_key');
const expire = new Statement('DELETE FROM password_resets WHERE expires_at <= :now');

/** Open links for forgotten passwords. */
@Injectable()
export class PasswordResetsStore {
  /** Adds a link; it replaces an earlier one of the same account. */
  async put(em: EntityManager, row: PasswordResetRow): Promise<void> {
    await put.run(em, { ...row });
  }

  find(em: EntityManager, userKey: number): Promise<PasswordResetRow | undefined> {
    return find.one(em, { user_key: userKey });
  }

  /** Uses up a link; false when it was used or replaced in the meantime. */
  async spend(em: EntityManager, { user_key, secret_sha256 }: PasswordResetRow): Promise<boolean> {
    return (await spend.run(em, { user_key, secret_sha256 })) === 1;
  }

  async removeOf(em: EntityManager, userKey: number): Promise<void> {
    await removeOf.run(em, { user_key: userKey });
  }

  /** Removes links that have expired by `now` (ms); returns how many. */
  expire(em: EntityManager, now: number): Promise<number> {
    return expire.run(em, { now });
  }
}
