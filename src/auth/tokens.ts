import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';

/** What an access token says. Times are seconds since the epoch, as in RFC 7519. */
export interface AccessClaims {
  /** The user's UUID. */
  sub: string;
  /** Tells access tokens from any other token signed with the same key. */
  typ: 'access';
  iat: number;
  exp: number;
}

/** An access token and how long it lives, in seconds. */
export interface AccessToken {
  token: string;
  expiresIn: number;
}

/** Makes access tokens and judges their claims. The signature is checked by the strategy, with the same key object. */
@Injectable()
export class Tokens {
  private readonly lifetime: number;

  constructor(
    private readonly jwt: JwtService,
    private readonly clock: Clock,
    config: AppConfig,
  ) {
    this.lifetime = config.get('ACCESS_TOKEN_EXPIRE_MINUTES') * 60;
  }

  async issue(userId: string): Promise<AccessToken> {
    const now = Math.floor(this.clock.now() / 1000);
    const claims: AccessClaims = { sub: userId, typ: 'access', iat: now, exp: now + this.lifetime };
    return { token: await this.jwt.signAsync(claims), expiresIn: this.lifetime };
  }

  /** Whether the claims of a token with a good signature are those of a living access token. */
  isAlive(claims: Partial<Record<keyof AccessClaims, unknown>>): claims is AccessClaims {
    const { sub, typ, iat, exp } = claims;
    if (typ !== 'access' || typeof sub !== 'string' || typeof iat !== 'number' || typeof exp !== 'number')
      return false;
    const now = this.clock.now() / 1000;
    return exp > now && exp <= now + this.lifetime + CLOCK_SKEW_SECONDS && iat <= now + CLOCK_SKEW_SECONDS;
  }
}

/** Replicas' clocks may differ by this much. */
const CLOCK_SKEW_SECONDS = 60;
