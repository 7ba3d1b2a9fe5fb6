import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { AuthenticatedRequest } from '../platform/access/access.decorators';
import { AccountsService } from './accounts.service';
import { SigningKeys, TOKEN_ALGORITHM, TOKEN_ISSUER } from './signing-key';
import { Tokens, type AccessClaims } from './tokens';

/** Checks a bearer token: signature, algorithm and issuer by the library, times and account here. */
@Injectable()
export class AccessStrategy extends PassportStrategy(Strategy, 'access') {
  constructor(
    keys: SigningKeys,
    private readonly tokens: Tokens,
    private readonly accounts: AccountsService,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      // The library takes a KeyObject, its types do not know it yet.
      secretOrKeyProvider: (_request: unknown, token: string, done) =>
        done(null, keys.forToken(token) as unknown as Buffer),
      algorithms: [TOKEN_ALGORITHM],
      issuer: TOKEN_ISSUER,
      // The library reads the machine's clock; times are judged by Clock instead, in `isAlive`.
      ignoreExpiration: true,
    });
  }

  /** The caller the token stands for; false when it is spent or the account is not active any more. */
  async validate(claims: Partial<AccessClaims>): Promise<AuthenticatedRequest['user'] | false> {
    return this.tokens.isAlive(claims) ? ((await this.accounts.caller(claims.sub)) ?? false) : false;
  }
}
