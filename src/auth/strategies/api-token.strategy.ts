import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { AuthenticatedCaller } from '../../platform/access/access.decorators';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { uuidText } from '../../platform/ids/uuid';
import { Log } from '../../platform/logging/log';
import { AccountKeys } from '../account-keys';
import { API_TOKEN_PREFIX, isSecret, parseApiToken } from '../api-token';
import { permissionsOf } from '../domain/scopes';
import { SessionsStore } from '../sessions.store';
import { UsersStore, type ActiveToken } from '../users.store';
import { BearerStrategy } from './bearer.strategy';

/** Precision of an API token's last use, ms: not every request writes. */
const LAST_USE_MS = 60_000;

/** API tokens (`gob_…`) of machines: one read of token and account, then a comparison of the secret's hash. */
@Injectable()
export class ApiTokenStrategy extends PassportStrategy(BearerStrategy, 'api-token') {
  constructor(
    private readonly users: UsersStore,
    private readonly keys: AccountKeys,
    private readonly sessions: SessionsStore,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    super();
  }

  protected override mayTake(token: string): boolean {
    return token.startsWith(API_TOKEN_PREFIX);
  }

  /** The caller that an API token belongs to; false for text that is no API token, and for an invalid or expired one. */
  async validate(token: string): Promise<AuthenticatedCaller | false> {
    const shown = parseApiToken(token);
    if (!shown) return false;
    const { userId, id, secret } = shown;
    const found = await this.unitOfWork.read(async (em) => {
      const key = await this.keys.of(em, userId);
      return key === undefined ? undefined : this.users.byApiToken(em, key, userId, id);
    });
    if (!found || !isSecret(secret, found.secret_sha256)) return false;
    const now = this.clock.now();
    if (found.expires_at !== null && found.expires_at <= now) return false;
    this.recordUse(found, id, now);
    const { key, role, scopes } = found;
    const permissions = permissionsOf(scopes, role);
    return { key, id: uuidText(userId), role, sessionId: null, tokenId: uuidText(id), permissions };
  }

  // The request does not wait for it, and a use that could not be recorded must not fail the request.
  private recordUse({ key, last_used_at }: ActiveToken, id: Buffer, now: number): void {
    if (last_used_at !== null && Math.abs(now - last_used_at) < LAST_USE_MS) return;
    this.unitOfWork
      .write((em) => this.sessions.useToken(em, key, id, now))
      .catch((error: unknown) => this.log.warn('the use of an API token was not recorded', { error }));
  }
}
