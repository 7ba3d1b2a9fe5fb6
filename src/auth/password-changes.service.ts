import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestOrigin } from '../platform/access/caller';
import { changedMeanwhile, invalid } from '../platform/errors/app-error';
import { passwordFault } from './domain/credentials';
import type { UserRow } from './domain/user.entity';
import { Passwords } from './passwords';
import { PasswordResetsStore } from './password-resets.store';
import { SecurityEvents } from './security-events';
import { SessionsStore } from './sessions.store';
import { UsersStore } from './users.store';

/** A new password that is ready to be stored. */
export interface NewPassword {
  user: UserRow;
  hash: string;
}

/** Sets passwords. Every change ends all sessions of the account and voids open links; API tokens stay. */
@Injectable()
export class PasswordChangesService {
  constructor(
    private readonly users: UsersStore,
    private readonly sessions: SessionsStore,
    private readonly resets: PasswordResetsStore,
    private readonly passwords: Passwords,
    private readonly events: SecurityEvents,
  ) {}

  /** Hashes a new password, outside any transaction. 400 for one that is not acceptable. */
  async prepare(user: UserRow, password: string, { ip }: RequestOrigin): Promise<NewPassword> {
    const fault = passwordFault(password, user.email);
    if (fault) throw invalid([{ field: 'new_password', message: fault }]);
    return { user, hash: await this.passwords.hash(password, ip) };
  }

  /** Stores it inside the caller's transaction. 409 when the account changed since it was read. */
  async apply(
    em: EntityManager,
    { user, hash }: NewPassword,
    action: 'user.password_changed' | 'user.password_reset',
    origin: RequestOrigin,
  ): Promise<void> {
    const seq = await this.events.append(em, action, user, { origin });
    if (!(await this.users.setPassword(em, user, hash, seq))) throw changedMeanwhile('account');
    await this.sessions.removeAll(em, user.key);
    await this.resets.removeOf(em, user.key);
  }
}
