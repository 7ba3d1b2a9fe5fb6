import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { RequestOrigin } from '../platform/access/caller';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError } from '../platform/errors/app-error';
import type { Credentials } from './account-creation.service';
import { comparableEmail } from './domain/credentials';
import { Passwords } from './passwords';
import { SecurityEvents } from './security-events';
import { SessionsService } from './sessions.service';
import { SignInThrottle } from './sign-in-throttle';
import type { TokenPair } from './tokens';
import { UsersStore } from './users.store';

/** Signs users in with their password. */
@Injectable()
export class SignInService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersStore,
    private readonly sessions: SessionsService,
    private readonly passwords: Passwords,
    private readonly events: SecurityEvents,
    private readonly throttle: SignInThrottle,
  ) {}

  /**
   * Returns a pair of tokens for the right credentials. 401 for wrong ones, with the same work and the same response
   * for an unknown account. 429 after too many attempts.
   */
  async signIn({ email: given, password }: Credentials, origin: RequestOrigin): Promise<TokenPair> {
    const email = comparableEmail(given);
    const user = await this.unitOfWork.read((em) => this.users.byEmail(em, email));
    await this.throttle.take(email, user, origin);
    const fits = await this.passwords.matches(user?.password_hash, password, origin.ip);
    if (user !== undefined && fits && user.is_active === 1) {
      this.throttle.forgive(email);
      const pair = await this.sessions.begin(user, origin);
      if (pair) return pair;
    }
    // The key has the address, known or not: how long the answer takes must not say whether there is an account.
    await this.events.note('user.sign_in_failed', user, { origin, actorKey: null }, digestOf(email));
    throw wrongCredentials();
  }
}

function digestOf(email: string): string {
  return createHash('sha256').update(email).digest('base64');
}

function wrongCredentials(): AppError {
  return new AppError('unauthenticated', 'wrong-credentials', 'The e-mail address or the password is wrong.');
}
