import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService } from '../audit/journal.service';
import type { RequestOrigin } from '../platform/access/caller';
import type { Role } from '../platform/access/permission';
import { Clock } from '../platform/clock/clock';
import { AppConfig, ConfigError } from '../platform/config/app-config';
import { Keyring, StaleMasterKeyError } from '../platform/crypto/keyring';
import { isUniqueViolation } from '../platform/database/database-errors';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError, invalid, notFound } from '../platform/errors/app-error';
import { uuidBytes, uuidText, uuidv7 } from '../platform/ids/uuid';
import { comparableEmail, passwordFault } from './domain/credentials';
import type { UserRow } from './domain/user.entity';
import { Passwords } from './passwords';
import { RegistrationThrottle } from './registration-throttle';
import { UsersStore } from './users.store';

/** Bytes of a password that is never shown. */
const UNKNOWN_PASSWORD_BYTES = 32;

/** What a new account signs in with. */
export interface Credentials {
  email: string;
  password: string;
}

/** The account was changed by somebody else between reading and writing it. */
export function changedMeanwhile(): AppError {
  return new AppError(
    'conflict',
    'account-changed',
    'The account was changed at the same moment; try again.',
  );
}

function registrationClosed(): AppError {
  const detail = 'Registration is closed here. Ask the operator for an account.';
  return new AppError('forbidden', 'registration-closed', detail);
}

function firstAccountExists(): AppError {
  const detail =
    'Registration closed by itself after the first account. The operator creates further ones, or opens it with REGISTRATION=open.';
  return new AppError('forbidden', 'registration-closed', detail);
}

/** Accounts: registration, and the administrator of the environment. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersStore,
    private readonly passwords: Passwords,
    private readonly throttle: RegistrationThrottle,
    private readonly keyring: Keyring,
    private readonly journal: JournalService,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /**
   * Creates an account. 403 when registration is closed, or was closed by the first account; 409 when the e-mail
   * address is taken, 429 for a network that creates too many.
   */
  async register(credentials: Credentials, origin: RequestOrigin): Promise<UserRow> {
    const registration = this.config.get('REGISTRATION');
    if (registration === 'closed') throw registrationClosed();
    if (registration === 'first' && (await this.unitOfWork.read((em) => this.users.hasAny(em))))
      throw firstAccountExists();
    this.throttle.take(origin);
    return this.create(credentials, 'user', origin);
  }

  /** Creates an account for somebody else, whatever REGISTRATION says; it needs a link to set its password. */
  async add(email: string, role: Role): Promise<UserRow> {
    const password = randomBytes(UNKNOWN_PASSWORD_BYTES).toString('base64url');
    return this.create({ email, password }, role);
  }

  /** Makes the administrator that the environment names, when there is none yet. Returns whether one was made. */
  async ensureAdministrator(): Promise<boolean> {
    const email = this.config.get('ADMIN_EMAIL');
    const password = this.config.get('ADMIN_PASSWORD');
    if (!email || !password) return false;
    if (await this.hasAdministrator()) return false;
    try {
      await this.create({ email, password }, 'admin');
      return true;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // Another replica that starts at the same time may have made it between the look and the insert.
      if (error.kind === 'conflict' && (await this.hasAdministrator())) return false;
      throw new ConfigError([
        `ADMIN_EMAIL and ADMIN_PASSWORD make no administrator: ${error.errors[0]?.message ?? error.message}`,
      ]);
    }
  }

  /** The account of a signed-in user. */
  async find(id: string): Promise<UserRow> {
    const user = await this.unitOfWork.read((em) => this.users.byId(em, uuidBytes(id)));
    if (!user) throw notFound('user');
    return user;
  }

  private hasAdministrator(): Promise<boolean> {
    return this.unitOfWork.read((em) => this.users.hasRole(em, 'admin'));
  }

  private async create(
    { email, password }: Credentials,
    role: Role,
    origin?: RequestOrigin,
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
      return await this.insert(row, origin).catch((error: unknown) => {
        if (error instanceof StaleMasterKeyError) return this.insert(row, origin);
        throw error;
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new AppError('conflict', 'email-taken', 'There is an account with this e-mail address already.', {
        cause: error,
      });
    }
  }

  /**
   * Only one of several first registrations wins. Accounts that the operator creates (no origin) take the lock too, so
   * that a registration sees them.
   */
  private async refuseSecond(em: EntityManager, origin: RequestOrigin | undefined): Promise<void> {
    await this.users.lockFirstAccount(em);
    if (origin && (await this.users.hasAny(em))) throw firstAccountExists();
  }

  private insert(row: Omit<UserRow, 'key' | 'seq'>, origin: RequestOrigin | undefined): Promise<UserRow> {
    const dataKey = this.keyring.make(row.id);
    const { role, created_at: at } = row;
    return this.unitOfWork.write(async (em) => {
      if (this.config.get('REGISTRATION') === 'first') await this.refuseSecond(em, origin);
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
    });
  }
}
