import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { foundById } from '../platform/ids/found-by-id';
import { AppError } from '../platform/errors/app-error';
import { uuidText } from '../platform/ids/uuid';
import { comparableEmail } from './domain/credentials';
import type { UserRow } from './domain/user.entity';
import { PasswordResetsStore } from './password-resets.store';
import { makeResetToken } from './reset-token';
import { SecurityEvents } from './security-events';
import { UsersStore } from './users.store';

/** A link to set a new password once, until `expiresAt` (ms since the epoch). */
export interface PasswordLink {
  link: string;
  expiresAt: number;
}

/** A link with the address that it is sent to. */
export interface MailedPasswordLink extends PasswordLink {
  email: string;
}

/** How long a link is valid, ms. */
const LINK_MS = 30 * 60_000;
/** The console's page for it. The token is in the fragment, which browsers do not send to a server. */
const PAGE = '/#/password-reset?token=';

/** Creates one-time links for users who forgot their password. */
@Injectable()
export class PasswordLinksService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersStore,
    private readonly resets: PasswordResetsStore,
    private readonly events: SecurityEvents,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /** Creates a link for an account, for an administrator. 404 for an unknown account, 409 for a disabled one. */
  async makeFor(caller: Caller, id: string): Promise<PasswordLink> {
    const user = await foundById('user', id, (bytes) =>
      this.unitOfWork.read((em) => this.users.byId(em, bytes)),
    );
    return this.make(user, caller);
  }

  /** Creates a link for the account with this e-mail address, on the machine; undefined if there is none. */
  async makeForEmail(email: string): Promise<PasswordLink | undefined> {
    const user = await this.unitOfWork.read((em) => this.users.byEmail(em, comparableEmail(email)));
    return user && this.make(user, null);
  }

  /** Creates a link for a mail to the owner of the account; undefined if it was disabled or deleted. */
  async makeForMail(userKey: number): Promise<MailedPasswordLink | undefined> {
    const user = await this.unitOfWork.read((em) => this.users.activeAccount(em, userKey));
    return user && { ...(await this.make(user, null, 'mail')), email: user.email };
  }

  private async make(
    user: UserRow,
    caller: Caller | null,
    by = caller ? 'administrator' : 'tool',
  ): Promise<PasswordLink> {
    if (user.is_active !== 1)
      throw new AppError('conflict', 'account-disabled', 'The account is disabled. Enable it first.');
    const { text, secretSha256 } = makeResetToken(uuidText(user.id));
    const now = this.clock.now();
    const expiresAt = now + LINK_MS;
    const facts = caller ? { actorKey: caller.key, origin: caller.origin } : { actorKey: null };
    await this.unitOfWork.write(async (em) => {
      const row = { user_key: user.key, created_at: now, expires_at: expiresAt, secret_sha256: secretSha256 };
      await this.resets.put(em, row);
      await this.events.append(em, 'user.password_link_made', user, { ...facts, details: { by } });
    });
    return { link: `${this.beginning()}${PAGE}${text}`, expiresAt };
  }

  /** PUBLIC_URL, or where the service listens. */
  private beginning(): string {
    return this.config.get('PUBLIC_URL') ?? ownAddress(this.config.get('HOST'), this.config.get('PORT'));
  }
}

/** Where a browser on this machine reaches the service. The addresses for "all" are none that a browser can open. */
function ownAddress(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
