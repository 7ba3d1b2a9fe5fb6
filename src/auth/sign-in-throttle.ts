import { Injectable } from '@nestjs/common';
import type { RequestOrigin } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { tooManyRequests } from '../platform/errors/app-error';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { Log } from '../platform/logging/log';
import { networkOf } from '../platform/http/network-of';
import { RateWindow } from './domain/rate-window';
import type { UserRow } from './domain/user.entity';
import { SecurityEvents } from './security-events';
import { SessionsStore } from './sessions.store';

/**
 * Slows down guessing: THROTTLE_LOGIN_PER_MINUTE attempts for each network, and as many failed ones for each account
 * from networks that the account is not known to use. Where a living session of the account was begun, signing in goes
 * on however much strangers guess: they can't lock its owner out. Counted in memory, by each process for itself.
 */
@Injectable()
export class SignInThrottle {
  private readonly networks: RateWindow;
  private readonly accounts: RateWindow;
  private readonly passwords: RateWindow;

  constructor(
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
    private readonly sessions: SessionsStore,
    private readonly events: SecurityEvents,
    private readonly log: Log,
    config: AppConfig,
  ) {
    const limit = config.get('THROTTLE_LOGIN_PER_MINUTE');
    this.networks = new RateWindow(limit);
    this.accounts = new RateWindow(limit);
    this.passwords = new RateWindow(limit);
  }

  /** Counts an attempt before its password is checked. Throws 429, the same for unknown accounts. */
  async take(email: string, user: UserRow | undefined, origin: RequestOrigin): Promise<void> {
    this.takeNetwork(user, origin);
    const account = this.accounts.hit(email, this.clock.now());
    if (account === 0 || (user && (await this.isKnown(user, origin)))) return;
    this.refuse(user, origin, account, 'account');
  }

  /** Counts an attempt of a network. Throws 429 if there are too many. `user`: the account it is for. */
  takeNetwork(user: UserRow | undefined, origin: RequestOrigin): void {
    const wait = this.networks.hit(networkOf(origin.ip), this.clock.now());
    if (wait > 0) this.refuse(user, origin, wait, 'network');
  }

  /**
   * Counts an attempt to name the current password of a signed-in account. Throws 429 after too many: a thief with a
   * stolen session must not find out the password.
   */
  takeCurrentPassword(user: UserRow, origin: RequestOrigin): void {
    const wait = this.passwords.hit(String(user.key), this.clock.now());
    if (wait > 0) this.refuse(user, origin, wait, 'account');
  }

  /** The current password was right: the attempt no longer counts. */
  forgiveCurrentPassword(user: UserRow): void {
    this.passwords.forgive(String(user.key), this.clock.now());
  }

  /** The attempt was right: it no longer counts against the account. */
  forgive(email: string): void {
    this.accounts.forgive(email, this.clock.now());
  }

  private isKnown({ key }: UserRow, { ip }: RequestOrigin): Promise<boolean> {
    return this.unitOfWork.read((em) => this.sessions.isKnownAddress(em, key, ip));
  }

  private refuse(
    user: UserRow | undefined,
    origin: RequestOrigin,
    seconds: number,
    by: 'network' | 'account',
  ): never {
    // Not awaited: how long the answer takes must not say whether there is an account.
    this.events
      .note('user.sign_in_throttled', user, { origin, actorKey: null, details: { by } })
      .catch((error: unknown) => this.log.error('a throttled sign-in could not be recorded', { error }));
    throw tooManyRequests(seconds);
  }
}
