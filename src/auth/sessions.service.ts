import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestOrigin } from '../platform/access/caller';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError } from '../platform/errors/app-error';
import { isUuid, uuidBytes, uuidText } from '../platform/ids/uuid';
import type { SessionRow } from './domain/session.entity';
import type { UserRow } from './domain/user.entity';
import { SecurityEvents } from './security-events';
import { SessionsStore } from './sessions.store';
import { Tokens, type RefreshSubject, type TokenPair } from './tokens';
import { UsersStore } from './users.store';

const SESSION_ID_BYTES = 16;
/** How long a browser may repeat a refresh with the previous cookie, ms. */
const REPEAT_MS = 10_000;

/** Sessions: refresh tokens continue them, a sign-out ends them. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersStore,
    private readonly sessions: SessionsStore,
    private readonly tokens: Tokens,
    private readonly events: SecurityEvents,
  ) {}

  /** Starts a session of `user`; undefined if the account has changed since its row was read. */
  async begin(user: UserRow, origin: RequestOrigin): Promise<TokenPair | undefined> {
    const subject: RefreshSubject = {
      userId: uuidText(user.id),
      sessionId: randomBytes(SESSION_ID_BYTES),
      generation: 1,
    };
    const pair = await this.tokens.issue(user.key, subject);
    const begun = await this.unitOfWork.write(async (em) => {
      // The password may have been changed since it was compared, which can wait in a queue.
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
    return begun ? pair : undefined;
  }

  /**
   * Exchanges a refresh token for a new pair. A token that was used before ends the whole session: a second client
   * has a copy, and the service cannot tell which of the two is the thief.
   */
  refresh(token: string, origin: RequestOrigin): Promise<TokenPair> {
    return this.renew(token, origin, 0);
  }

  /**
   * The same for a token from a cookie. Two tabs, or a page that is reloaded before the response arrives, send the same
   * cookie twice, so the token that was spent last is accepted for 10 s more and gives the pair that follows it.
   */
  refreshInBrowser(token: string, origin: RequestOrigin): Promise<TokenPair> {
    return this.renew(token, origin, REPEAT_MS);
  }

  private async renew(token: string, origin: RequestOrigin, repeatMs: number): Promise<TokenPair> {
    const subject = this.tokens.refresh(token);
    const user = subject && isUuid(subject.userId) ? await this.active(subject.userId) : undefined;
    if (!subject || !user) throw wrongRefreshToken();
    const generation = await this.unitOfWork.write(async (em) => {
      const outcome = await this.spend(em, user, subject, repeatMs);
      if (outcome === 'renewed') await this.events.append(em, 'user.session_renewed', user, { origin });
      if (outcome === 'renewed' || outcome === 'repeated') return subject.generation + 1;
      if (outcome === 'unknown') return undefined;
      await this.sessions.remove(em, user.key, subject.sessionId);
      await this.events.append(em, 'user.refresh_token_reused', user, { origin, actorKey: null });
      return undefined;
    });
    if (generation === undefined) throw wrongRefreshToken();
    return this.tokens.issue(user.key, { ...subject, generation });
  }

  private async spend(
    em: EntityManager,
    { key }: UserRow,
    { sessionId, generation }: RefreshSubject,
    repeatMs: number,
  ): Promise<'renewed' | 'repeated' | 'reused' | 'unknown'> {
    const found = await this.sessions.find(em, key, sessionId);
    if (!found || generation > found.generation) return 'unknown';
    const isCurrent = generation === found.generation;
    if (isCurrent && (await this.sessions.advance(em, found, this.tokens.refreshEndsAt))) return 'renewed';
    // On PostgreSQL, another request can have spent the token, or ended the session, since the first look.
    const session = await this.sessions.find(em, key, sessionId);
    if (!session) return 'unknown';
    return this.isRepeated(generation, session, repeatMs) ? 'repeated' : 'reused';
  }

  /** Whether the token was the last one to be spent, and that was at most `repeatMs` ago. */
  private isRepeated(generation: number, session: SessionRow, repeatMs: number): boolean {
    const spentMsAgo = this.tokens.refreshEndsAt - session.expires_at;
    return repeatMs > 0 && generation === session.generation - 1 && spentMsAgo >= 0 && spentMsAgo <= repeatMs;
  }

  /** Ends the session of a refresh token. An unknown token gets the same response: the session is ended either way. */
  async signOut(token: string, origin: RequestOrigin): Promise<void> {
    const subject = this.tokens.refresh(token);
    const user = subject && isUuid(subject.userId) ? await this.active(subject.userId) : undefined;
    if (!subject || !user) return;
    await this.unitOfWork.write(async (em) => {
      if (await this.sessions.remove(em, user.key, subject.sessionId))
        await this.events.append(em, 'user.signed_out', user, { origin });
    });
  }

  private async active(userId: string): Promise<UserRow | undefined> {
    const user = await this.unitOfWork.read((em) => this.users.byId(em, uuidBytes(userId)));
    return user?.is_active === 1 ? user : undefined;
  }
}

function wrongRefreshToken(): AppError {
  return new AppError(
    'unauthenticated',
    'wrong-refresh-token',
    'The refresh token is invalid or was already used. Sign in again.',
  );
}
