import { Injectable } from '@nestjs/common';
import type { AuthenticatedRequest } from '../platform/access/access.decorators';
import { PERMISSIONS, type Permission } from '../platform/access/permission';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { isUuid, uuidBytes, uuidText } from '../platform/ids/uuid';
import { Log } from '../platform/logging/log';
import { AccountKeys } from './account-keys';
import { isSecret, parseApiToken, type ShownToken } from './api-token';
import { permissionsOf } from './domain/scopes';
import { SessionsStore } from './sessions.store';
import { Tokens } from './tokens';
import { UsersStore, type TokenStanding } from './users.store';

/** Who is calling, and what the token that was shown allows. */
export interface Standing {
  user: NonNullable<AuthenticatedRequest['user']>;
  may(permission: Permission): boolean;
}

const BEARER = /^Bearer +(\S+) *$/i;
/** How exactly the last use of an API token is known, ms: not each request writes. */
const LAST_USE_MS = 60_000;

/** Finds out who a request comes from: one read, so that what was revoked counts from the next request. */
@Injectable()
export class Callers {
  constructor(
    private readonly tokens: Tokens,
    private readonly users: UsersStore,
    private readonly keys: AccountKeys,
    private readonly sessions: SessionsStore,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Who an `Authorization` header stands for; undefined for none, a bad one, and one that counts no more. */
  async find(authorization: string | undefined): Promise<Standing | undefined> {
    const text = BEARER.exec(authorization ?? '')?.[1];
    if (text === undefined) return undefined;
    const shown = parseApiToken(text);
    return shown ? this.byApiToken(shown) : this.bySession(text);
  }

  private async bySession(text: string): Promise<Standing | undefined> {
    const subject = this.tokens.access(text);
    if (!subject || !isUuid(subject.userId)) return undefined;
    const { userId, userKey, sessionId } = subject;
    const id = uuidBytes(userId);
    const user = await this.unitOfWork.read(async (em) => {
      const key = userKey ?? (await this.keys.of(em, id));
      return key === undefined ? undefined : this.users.bySession(em, key, id, sessionId);
    });
    if (!user) return undefined;
    const allowed = PERMISSIONS[user.role];
    return {
      user: { key: user.key, id: userId, role: user.role, sessionId },
      may: (permission) => allowed.has(permission),
    };
  }

  private async byApiToken({ userId, id, secret }: ShownToken): Promise<Standing | undefined> {
    const found = await this.unitOfWork.read(async (em) => {
      const key = await this.keys.of(em, userId);
      return key === undefined ? undefined : this.users.byApiToken(em, key, userId, id);
    });
    if (!found || !isSecret(secret, found.secret_sha256)) return undefined;
    const now = this.clock.now();
    if (found.expires_at !== null && found.expires_at <= now) return undefined;
    this.noteUse(found, id, now);
    const allowed = permissionsOf(found.scopes, found.role);
    return {
      user: { key: found.key, id: uuidText(userId), role: found.role, sessionId: null },
      may: (permission) => allowed.has(permission),
    };
  }

  // Beside the request: it need not wait, and a use that is not noted must not fail it.
  private noteUse({ key, last_used_at }: TokenStanding, id: Buffer, now: number): void {
    if (last_used_at !== null && Math.abs(now - last_used_at) < LAST_USE_MS) return;
    this.unitOfWork
      .write((em) => this.sessions.useToken(em, key, id, now))
      .catch((error: unknown) => this.log.warn('the use of an API token was not noted', { error }));
  }
}
