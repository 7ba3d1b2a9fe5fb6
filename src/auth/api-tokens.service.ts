import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError, invalid, notFound } from '../platform/errors/app-error';
import { isUuid, uuidBytes, uuidText } from '../platform/ids/uuid';
import { makeApiToken } from './api-token';
import { scopeBits, scopesOf, type Scope } from './domain/scopes';
import type { ApiTokenRow } from './domain/session.entity';
import { SecurityEvents } from './security-events';
import { SessionsStore } from './sessions.store';

/** A new API token. Times in ms since the epoch. */
export interface NewApiToken {
  name: string;
  scopes: readonly Scope[];
  expiresAt: number | null;
}

/** An API token as its owner sees it; never its secret. */
export interface ApiToken extends NewApiToken {
  id: string;
  createdAt: number;
  lastUsedAt: number | null;
}

/** Most tokens of one account. */
const TOKENS_MAX = 100;

/** API tokens for machines, with scopes and an expiry. The secret is shown once and only its hash is stored. */
@Injectable()
export class ApiTokensService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: SessionsStore,
    private readonly events: SecurityEvents,
    private readonly clock: Clock,
  ) {}

  /** Creates a token. `secret` is the text to show once. 409 if the account has too many. */
  async make(caller: Caller, wanted: NewApiToken): Promise<{ token: ApiToken; secret: string }> {
    const now = this.clock.now();
    if (wanted.expiresAt !== null && wanted.expiresAt <= now)
      throw invalid([{ field: 'expires_at', message: 'must be in the future' }]);
    const { text, id, secretSha256 } = makeApiToken(caller.id, now);
    const row: ApiTokenRow = {
      user_key: caller.key,
      id,
      name: wanted.name,
      scopes: scopeBits(wanted.scopes),
      created_at: now,
      expires_at: wanted.expiresAt,
      last_used_at: null,
      secret_sha256: secretSha256,
    };
    await this.unitOfWork.write(async (em) => {
      if ((await this.store.countTokens(em, caller.key)) >= TOKENS_MAX) throw tooManyTokens();
      await this.store.insertToken(em, row);
      await this.note(em, 'user.api_token_made', caller, id, { scopes: wanted.scopes.join(' ') });
    });
    return { token: tokenOf(row), secret: text };
  }

  /** The caller's tokens, newest first, with their number. */
  list(caller: Caller, limit: number, skip: number): Promise<{ items: ApiToken[]; total: number }> {
    return this.unitOfWork.read(async (em) => ({
      items: (await this.store.tokens(em, caller.key, limit, skip)).map(tokenOf),
      total: await this.store.countTokens(em, caller.key),
    }));
  }

  /** Revokes a token. Takes effect with the next request. 404 for a token of another user. */
  async revoke(caller: Caller, id: string): Promise<void> {
    if (!isUuid(id)) throw notFound('API token');
    const bytes = uuidBytes(id);
    await this.unitOfWork.write(async (em) => {
      if (!(await this.store.removeToken(em, caller.key, bytes))) throw notFound('API token');
      await this.note(em, 'user.api_token_revoked', caller, bytes);
    });
  }

  private note(
    em: Parameters<SecurityEvents['append']>[0],
    action: 'user.api_token_made' | 'user.api_token_revoked',
    { key, id, origin }: Caller,
    tokenId: Buffer,
    more: Record<string, string> = {},
  ): Promise<number> {
    const details = { token_id: uuidText(tokenId), ...more };
    return this.events.append(em, action, { key, id: uuidBytes(id) }, { origin, details });
  }
}

function tokenOf(row: ApiTokenRow): ApiToken {
  return {
    id: uuidText(row.id),
    name: row.name,
    scopes: scopesOf(row.scopes),
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}

function tooManyTokens(): AppError {
  return new AppError(
    'conflict',
    'too-many-api-tokens',
    `An account has ${TOKENS_MAX} API tokens at most. Revoke one first.`,
  );
}
