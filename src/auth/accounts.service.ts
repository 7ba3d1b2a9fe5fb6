import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Caller, RequestOrigin } from '../platform/access/caller';
import type { Role } from '../platform/access/permission';
import { AppConfig, ConfigError } from '../platform/config/app-config';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError, notFound } from '../platform/errors/app-error';
import { uuidBytes, uuidText } from '../platform/ids/uuid';
import { AccountCreationService, type Credentials } from './account-creation.service';
import type { UserRow } from './domain/user.entity';
import { RegistrationThrottle } from './registration-throttle';
import { UsersStore } from './users.store';

/** Bytes of a password that is never shown. */
const UNKNOWN_PASSWORD_BYTES = 32;

function registrationClosed(): AppError {
  const detail = 'Registration is closed here. Ask the operator for an account.';
  return new AppError('forbidden', 'registration-closed', detail);
}

function firstAccountExists(): AppError {
  const detail =
    'Registration closed by itself after the first account. The operator creates further ones, or opens it with REGISTRATION=open.';
  return new AppError('forbidden', 'registration-closed', detail);
}

/** What a sign-in page offers: new accounts, whether there has been one, and mails for forgotten passwords. */
interface SignInOffer {
  registration: 'open' | 'closed';
  has_accounts: boolean;
  password_reset_mail: boolean;
}

/** Registers accounts, and creates the administrator that the environment names. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersStore,
    private readonly creation: AccountCreationService,
    private readonly throttle: RegistrationThrottle,
    private readonly config: AppConfig,
  ) {}

  /** What a sign-in page offers. */
  async registration(): Promise<SignInOffer> {
    const has_accounts = await this.unitOfWork.read((em) => this.users.hasAny(em));
    const setting = this.config.get('REGISTRATION');
    return {
      registration: setting === 'first' ? (has_accounts ? 'closed' : 'open') : setting,
      has_accounts,
      password_reset_mail: this.config.get('SMTP_URL') !== undefined,
    };
  }

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

  /** Creates the administrator that the environment names, if there is none yet. Returns whether one was created. */
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
      // Another replica that starts at the same time may have created it since the check.
      if (error.kind === 'conflict' && (await this.hasAdministrator())) return false;
      throw new ConfigError([
        `No administrator could be created from ADMIN_EMAIL and ADMIN_PASSWORD: ${error.errors[0]?.message ?? error.message}`,
      ]);
    }
  }

  /** The account of a signed-in user. */
  async find(id: string): Promise<UserRow> {
    const user = await this.unitOfWork.read((em) => this.users.byId(em, uuidBytes(id)));
    if (!user) throw notFound('user');
    return user;
  }

  /** The account that the service works for in the background; undefined if it is disabled or deleted. */
  async active(key: number): Promise<Caller | undefined> {
    const user = await this.unitOfWork.read((em) => this.users.activeByKey(em, key));
    return user && { key, id: uuidText(user.id), role: user.role };
  }

  private hasAdministrator(): Promise<boolean> {
    return this.unitOfWork.read((em) => this.users.hasRole(em, 'admin'));
  }

  private create(credentials: Credentials, role: Role, origin?: RequestOrigin): Promise<UserRow> {
    return this.creation.create(credentials, role, origin, async (em) => {
      if (this.config.get('REGISTRATION') === 'first') await this.refuseSecond(em, origin);
    });
  }

  /**
   * Only one of several first registrations wins. Accounts that the operator creates (no origin) take the lock too, so
   * that a registration sees them.
   */
  private async refuseSecond(em: EntityManager, origin: RequestOrigin | undefined): Promise<void> {
    await this.users.lockFirstAccount(em);
    if (origin && (await this.users.hasAny(em))) throw firstAccountExists();
  }
}
