import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService } from '../audit/journal.service';
import type { RequestOrigin } from '../platform/access/caller';
import type { Role } from '../platform/access/permission';
import { Clock } from '../platform/clock/clock';
import { Keyring, StaleMasterKeyError } from '../platform/crypto/keyring';
import { isUniqueViolation } from '../platform/database/database-errors';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError, invalid } from '../platform/errors/app-error';
import { uuidBytes, uuidText, uuidv7 } from '../platform/ids/uuid';
import { comparableEmail, passwordFault } from './domain/credentials';
import type { UserRow } from './domain/user.entity';
import { Passwords } from './passwords';
import { UsersStore } from './users.store';

/** What a new account signs in with. */
export interface Credentials {
  email: string;
  password: string;
}

/** Creates accounts, each with a data key of its own. */
@Injectable()
export class AccountCreationService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersStore,
    private readonly passwords: Passwords,
    private readonly keyring: Keyring,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /**
   * Creates an account. `check` runs first in the same transaction; if it throws, no account is created. 400 for a
   * refused password, 409 if the e-mail address is taken.
   */
  async create(
    { email, password }: Credentials,
    role: Role,
    origin: RequestOrigin | undefined,
    check: (em: EntityManager) => Promise<void>,
  ): Promise<UserRow> {
    const fault = passwordFault(password, email);
    if (fault) throw invalid([{ field: 'password', message: fault }]);
    const now = this.clock.now();
    const id = uuidBytes(uuidv7(now));
    const password_hash = await this.passwords.hash(password, origin?.ip ?? '');
    const row = {
      id,
      created_at: now,
      is_active: 1,
      deleted_at: null,
      role,
      email: comparableEmail(email),
      password_hash,
    };
    try {
      return await this.insert(row, origin, check).catch((error: unknown) => {
        if (error instanceof StaleMasterKeyError) return this.insert(row, origin, check);
        throw error;
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new AppError('conflict', 'email-taken', 'An account with this e-mail address already exists.', {
        cause: error,
      });
    }
  }

  private insert(
    row: Omit<UserRow, 'key' | 'seq'>,
    origin: RequestOrigin | undefined,
    check: (em: EntityManager) => Promise<void>,
  ): Promise<UserRow> {
    const dataKey = this.keyring.make(row.id);
    const { role, created_at: at } = row;
    return this.unitOfWork.write(
      async (em) => {
        await check(em);
        const subjectId = uuidText(row.id);
        const event = {
          action: 'user.registered',
          at,
          subjectId,
          details: { role },
        } as const;
        const seq = await this.journal.appendFirst(em, origin ? { ...event, origin } : event);
        const user: UserRow = { ...row, key: seq, seq };
        await this.users.insert(em, user);
        await this.keyring.put(em, user.key, dataKey);
        return user;
      },
      { grows: true },
    );
  }
}
