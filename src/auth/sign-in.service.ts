import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { RequestOrigin } from '../platform/access/caller';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError } from '../platform/errors/app-error';
import { isUuid, uuidBytes, uuidText } from '../platform/ids/uuid';
import type { Credentials } from './accounts.service';
import { comparableEmail } from './domain/credentials';
import type { UserRow } from './domain/user.entity';
import { Passwords } from './passwords';
import { SecurityEvents } from './security-events';
import { SessionsStore } from './sessions.store';
import { SignInThrottle } from './sign-in-throttle';
import { Tokens, type RefreshSubject, type TokenPair } from './tokens';
import { UsersStore } from './users.store';

const SESSION_ID_BYTES = 16;

/** Sessions: they begin with a password, live on by refresh tokens, and end when somebody says so. */
@Injectable()
export class SignInService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersStore,
    private readonly sessions: SessionsStore,
    private readonly passwords: Passwords,
    private readonly tokens: Tokens,
    private readonly events: SecurityEvents,
    private readonly throttle: SignInThrottle,
  ) {}

  /** A pair of tokens for the right credentials; else one and the same 401, after one and the same work. 429 for who guesses. */
  async signIn({ email: given, password }: Credentials, origin: RequestOrigin): Promise<TokenPair> {
    const email = comparableEmail(given);
    const user = await this.unitOfWork.read((em) => this.users.byEmail(em, email));
    await this.throttle.take(email, user, origin);
    const fits = await this.passwords.matches(user?.password_hash, password, origin.ip);
    if (user === undefined || !fits || user.is_active !== 1) {
      // The key has the address, known or not: how long the answer takes must not say whether there is an account.
      await this.events.note('user.sign_in_failed', user, { origin, actorKey: null }, digestOf(email));
      throw wrongCredentials();
    }
    this.throttle.forgive(email);
    return this.begin(user, origin);
  }

  /**
   * A new pair for a refresh token, which is spent by it. One that was spent before ends the whole session: somebody
   * has a copy, and the service cannot tell which of the two is the thief.
   */
  async refresh(token: string, origin: RequestOrigin): Promise<TokenPair> {
    const subject = this.tokens.refresh(token);
    const user = subject && isUuid(subject.userId) ? await this.active(subject.userId) : undefined;
    if (!subject || !user) throw wrongRefreshToken();
    const next = await this.unitOfWork.write(async (em) => {
      const session = await this.sessions.find(em, user.key, subject.sessionId);
      if (!session || subject.generation > session.generation) return undefined;
      const current = subject.generation === session.generation;
      if (current && (await this.sessions.advance(em, session, this.tokens.refreshEndsAt))) {
        await this.events.append(em, 'user.session_renewed', user, { origin });
        return { ...subject, generation: session.generation + 1 };
      }
      await this.sessions.remove(em, user.key, subject.sessionId);
      await this.events.append(em, 'user.refresh_token_reused', user, { origin, actorKey: null });
      return undefined;
    });
    if (!next) throw wrongRefreshToken();
    return this.tokens.issue(user.key, next);
  }

  /** Ends the session of a refresh token. A token that stands for none is answered alike: it is over either way. */
  async signOut(token: string, origin: RequestOrigin): Promise<void> {
    const subject = this.tokens.refresh(token);
    const user = subject && isUuid(subject.userId) ? await this.active(subject.userId) : undefined;
    if (!subject || !user) return;
    await this.unitOfWork.write(async (em) => {
      if (await this.sessions.remove(em, user.key, subject.sessionId))
        await this.events.append(em, 'user.signed_out', user, { origin });
    });
  }

  private async begin(user: UserRow, origin: RequestOrigin): Promise<TokenPair> {
    const subject: RefreshSubject = {
      userId: uuidText(user.id),
      sessionId: randomBytes(SESSION_ID_BYTES),
      generation: 1,
    };
    const pair = await this.tokens.issue(user.key, subject);
    const begun = await this.unitOfWork.write(async (em) => {
      // The password was compared a while ago, in a queue; it may have been changed since.
      if (!(await this.users.confirm(em, user))) return false;
      await this.sessions.insert(em, {
        user_key: user.key,
        id: subject.sessionId,
        generation: subject.generation,
        created_at: this.tokens.now,
        expires_at: this.tokens.refreshEndsAt,
        ip: origin.ip,
      });
      await this.events.append(em, 'user.signed_in', user, { origin });
      return true;
    });
    if (begun) return pair;
    await this.events.note('user.sign_in_failed', user, { origin, actorKey: null });
    throw wrongCredentials();
  }

  private async active(userId: string): Promise<UserRow | undefined> {
    const user = await this.unitOfWork.read((em) => this.users.byId(em, uuidBytes(userId)));
    return user?.is_active === 1 ? user : undefined;
  }
}

function digestOf(email: string): string {
  return createHash('sha256').update(email).digest('base64');
}

function wrongCredentials(): AppError {
  return new AppError('unauthenticated', 'wrong-credentials', 'The e-mail address or the password is wrong.');
}

function wrongRefreshToken(): AppError {
  return new AppError(
    'unauthenticated',
    'wrong-refresh-token',
    'This refresh token does not count (any more); sign in again.',
  );
}
