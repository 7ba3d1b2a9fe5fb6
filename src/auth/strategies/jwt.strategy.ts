import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { AuthenticatedCaller } from '../../platform/access/access.decorators';
import { PERMISSIONS } from '../../platform/access/permission';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { isUuid, uuidBytes } from '../../platform/ids/uuid';
import { AccountKeys } from '../account-keys';
import { Tokens } from '../tokens';
import { UsersStore } from '../users.store';
import { BearerStrategy } from './bearer.strategy';

/**
 * Access tokens of sessions. Our own verifier remembers checked signatures and takes the time from `Clock`;
 * passport-jwt would check each signature again (35 µs) and read the wall clock. One read of session and account
 * follows, so that a revoked session ends with the next request.
 */
@Injectable()
export class JwtStrategy extends PassportStrategy(BearerStrategy, 'jwt') {
  constructor(
    private readonly tokens: Tokens,
    private readonly users: UsersStore,
    private readonly keys: AccountKeys,
    private readonly unitOfWork: UnitOfWork,
  ) {
    super();
  }

  /** The caller that an access token belongs to; false for a token that is invalid, expired or revoked. */
  async validate(token: string): Promise<AuthenticatedCaller | false> {
    const subject = this.tokens.access(token);
    if (!subject || !isUuid(subject.userId)) return false;
    const { userId, userKey, sessionId } = subject;
    const id = uuidBytes(userId);
    const user = await this.unitOfWork.readQuickly(async (em) => {
      const key = userKey ?? (await this.keys.of(em, id));
      return key === undefined ? undefined : this.users.bySession(em, key, id, sessionId);
    });
    if (!user) return false;
    const { key, role } = user;
    return { key, id: userId, role, sessionId, permissions: PERMISSIONS[role] };
  }
}
