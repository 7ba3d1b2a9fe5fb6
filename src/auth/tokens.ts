import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { LRUCache } from 'lru-cache';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { TOKEN_ALGORITHM, TOKEN_ISSUER } from './signing-key';

/** The claims of all tokens. Times are seconds since the epoch, as in RFC 7519. */
interface Claims {
  /** The user's UUID. */
  sub: string;
  /** The session, base64url. */
  sid: string;
  /** The account's key, to find its session; only in access tokens, and not in old ones. */
  key?: number;
  /** The kind of token; one is never accepted as the other. */
  typ: 'access' | 'refresh';
  /** A refresh token's number in its session. */
  gen?: number;
  iat: number;
  exp: number;
}

/** The user and the session of a token. */
export interface TokenSubject {
  userId: string;
  sessionId: Buffer;
}

/** The subject of an access token. */
export interface AccessSubject extends TokenSubject {
  /** Null in an old token that does not name it. */
  userKey: number | null;
}

/** The subject of a refresh token. */
export interface RefreshSubject extends TokenSubject {
  generation: number;
}

/** A pair of tokens, with the lifetime of the access token in seconds. */
export interface TokenPair {
  accessToken: string;
  expiresIn: number;
  refreshToken: string;
}

/** Bytes of a session's id. */
const SESSION_BYTES = 16;
/** Replicas' clocks may differ by this much. */
const CLOCK_SKEW_SECONDS = 60;
/** Most access tokens whose checked signature is remembered; about 400 bytes each. */
const KNOWN_TOKENS = 10_000;
const DAY_SECONDS = 86_400;

/** Creates and verifies access and refresh tokens, with key objects made once. */
@Injectable()
export class Tokens {
  private readonly known = new LRUCache<string, Partial<Claims>>({ max: KNOWN_TOKENS });
  private readonly accessLife: number;
  private readonly refreshLife: number;

  constructor(
    private readonly jwt: JwtService,
    private readonly clock: Clock,
    config: AppConfig,
  ) {
    this.accessLife = config.get('ACCESS_TOKEN_EXPIRE_MINUTES') * 60;
    this.refreshLife = config.get('REFRESH_TOKEN_EXPIRE_DAYS') * DAY_SECONDS;
  }

  /** The time tokens are made at, ms since the epoch. */
  get now(): number {
    return this.clock.now();
  }

  /** How long a refresh token lives, ms. */
  get refreshLifeMs(): number {
    return this.refreshLife * 1_000;
  }

  /** When a refresh token that is made now ends, ms since the epoch. */
  get refreshEndsAt(): number {
    return this.clock.now() + this.refreshLifeMs;
  }

  async issue(userKey: number, { userId, sessionId, generation }: RefreshSubject): Promise<TokenPair> {
    const iat = Math.floor(this.clock.now() / 1_000);
    const common = { sub: userId, sid: sessionId.toString('base64url'), iat };
    const access: Claims = { ...common, key: userKey, typ: 'access', exp: iat + this.accessLife };
    const refresh: Claims = { ...common, typ: 'refresh', gen: generation, exp: iat + this.refreshLife };
    return {
      accessToken: await this.jwt.signAsync(access),
      expiresIn: this.accessLife,
      refreshToken: await this.jwt.signAsync(refresh),
    };
  }

  /**
   * The subject of an access token; undefined for a token with another signature, algorithm or issuer, and for one
   * that has expired or is no access token. Does not check the session.
   */
  access(token: string): AccessSubject | undefined {
    const claims = this.remembered(token);
    const subject = claims && this.subjectOf(claims, 'access', this.accessLife);
    if (!subject) return undefined;
    const { userId, sessionId } = subject;
    return { userId, sessionId, userKey: Number.isSafeInteger(claims.key) ? claims.key! : null };
  }

  /** The subject of a refresh token; undefined as for `access`. */
  refresh(token: string): RefreshSubject | undefined {
    const claims = this.verified(token);
    const subject = claims && this.subjectOf(claims, 'refresh', this.refreshLife);
    const generation = claims?.gen;
    return subject && Number.isSafeInteger(generation) ? { ...subject, generation: generation! } : undefined;
  }

  private remembered(token: string): Partial<Claims> | undefined {
    const known = this.known.get(token);
    if (known) return known;
    const claims = this.verified(token);
    if (!claims) return undefined;
    this.known.set(token, claims);
    return claims;
  }

  private verified(token: string): Partial<Claims> | undefined {
    try {
      // The library would read the machine's clock. `subjectOf` checks the times with Clock instead.
      return this.jwt.verify<Partial<Claims>>(token, {
        algorithms: [TOKEN_ALGORITHM],
        issuer: TOKEN_ISSUER,
        ignoreExpiration: true,
      });
    } catch {
      return undefined;
    }
  }

  /** The subject of a token with a valid signature, if it has not expired and is of the wanted kind. */
  private subjectOf(
    claims: Partial<Record<keyof Claims, unknown>>,
    wanted: Claims['typ'],
    life: number,
  ): TokenSubject | undefined {
    const { sub, sid, typ, iat, exp } = claims;
    if (typ !== wanted || typeof sub !== 'string' || typeof sid !== 'string') return undefined;
    if (typeof iat !== 'number' || typeof exp !== 'number') return undefined;
    const now = this.clock.now() / 1_000;
    const lives = exp > now && exp <= now + life + CLOCK_SKEW_SECONDS && iat <= now + CLOCK_SKEW_SECONDS;
    const sessionId = Buffer.from(sid, 'base64url');
    return lives && sessionId.length === SESSION_BYTES ? { userId: sub, sessionId } : undefined;
  }
}
