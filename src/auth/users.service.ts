import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import type { Role } from '../platform/access/permission';
import { Clock } from '../platform/clock/clock';
import { Keyring } from '../platform/crypto/keyring';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { foundById } from '../platform/ids/found-by-id';
import { AppError, changedMeanwhile } from '../platform/errors/app-error';
import { encodeCursor, totalOf, type Page } from '../platform/http/pagination';
import { uuidText } from '../platform/ids/uuid';
import type { UserRow } from './domain/user.entity';
import { SecurityEvents } from './security-events';
import { SessionsStore } from './sessions.store';
import { UsersStore } from './users.store';

/** What an administrator can change of an account. */
export interface UserChange {
  role?: Role | undefined;
  isActive?: boolean | undefined;
}

/** The requested part of the list; `before` is a key from a cursor. */
export interface UsersPart {
  limit: number;
  skip: number;
  before: number | null;
}

/** Administers accounts. Never shows or changes graphs; it only destroys their key. */
@Injectable()
export class UsersService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersStore,
    private readonly sessions: SessionsStore,
    private readonly keyring: Keyring,
    private readonly events: SecurityEvents,
    private readonly clock: Clock,
  ) {}

  /** The accounts, newest first. */
  async list({ limit, skip, before }: UsersPart): Promise<Page<UserRow>> {
    const { rows, total } = await this.unitOfWork.read(async (em) => {
      const rows = await this.users.list(em, before ?? Number.MAX_SAFE_INTEGER, limit + 1, skip);
      const count = (upTo: number) => this.users.count(em, upTo);
      return { rows, total: await totalOf({ limit, skip, after: before }, rows.length, count) };
    });
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return { items, total, next: rows.length > limit && last ? encodeCursor([last.key]) : null };
  }

  find(id: string): Promise<UserRow> {
    return foundById('user', id, (bytes) => this.unitOfWork.read((em) => this.users.byId(em, bytes)));
  }

  /**
   * Changes the role, or disables or enables an account. Takes effect with its next request; disabling ends all its
   * sessions. 409 if no active administrator would be left.
   */
  async change(caller: Caller, id: string, { role, isActive }: UserChange): Promise<UserRow> {
    const user = await this.find(id);
    const next = {
      role: role ?? user.role,
      is_active: isActive === undefined ? user.is_active : Number(isActive),
    };
    if (next.role === user.role && next.is_active === user.is_active) return user;
    return this.unitOfWork.write(async (em) => {
      if (next.role !== 'admin' || next.is_active === 0) await this.requireAnother(em, user);
      const facts = { origin: caller.origin, actorKey: caller.key };
      let seq = user.seq;
      if (next.role !== user.role) {
        const details = { from: user.role, to: next.role };
        seq = await this.events.append(em, 'user.role_changed', user, { ...facts, details });
      }
      if (next.is_active !== user.is_active)
        seq = await this.events.append(
          em,
          next.is_active === 1 ? 'user.enabled' : 'user.disabled',
          user,
          facts,
        );
      if (!(await this.users.change(em, user, { ...next, seq }))) throw changedMeanwhile('account');
      if (next.is_active === 0) await this.sessions.removeAll(em, user.key);
      return { ...user, ...next, seq };
    });
  }

  /**
   * Deletes an account permanently: its data key is destroyed in the same transaction, so that its data cannot be read
   * in any copy; its rows are removed later. Events stay, and never contain the e-mail address.
   * 409 for the last active administrator.
   */
  async remove(caller: Caller, id: string): Promise<void> {
    const user = await this.find(id);
    await this.unitOfWork.write(async (em) => {
      await this.requireAnother(em, user);
      const seq = await this.events.append(em, 'user.deleted', user, {
        origin: caller.origin,
        actorKey: caller.key,
      });
      // Another account may use the address from now on.
      const deleted = { email: `deleted:${uuidText(user.id)}`, deleted_at: this.clock.now(), seq };
      if (!(await this.users.markDeleted(em, user, deleted))) throw changedMeanwhile('account');
      await this.keyring.destroy(em, user.key);
      await this.sessions.removeAll(em, user.key);
      await this.sessions.removeTokens(em, user.key);
    });
  }

  private async requireAnother(em: Parameters<UsersStore['hasOther']>[0], user: UserRow): Promise<void> {
    if (user.role !== 'admin') return;
    await this.users.lockAdministrators(em);
    if (await this.users.hasOther(em, 'admin', user.key)) return;
    throw new AppError(
      'conflict',
      'last-administrator',
      'This is the last active administrator. Create another one first.',
    );
  }
}
