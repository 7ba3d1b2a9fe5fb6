import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import passport from 'passport';
import {
  accessOf,
  type AuthenticatedCaller,
  type AuthenticatedRequest,
} from '../../platform/access/access.decorators';
import { ApiTokenStrategy } from '../strategies/api-token.strategy';
import { JwtStrategy } from '../strategies/jwt.strategy';

/**
 * First of the three global guards: finds out who is calling and leaves it on `request.user`. It refuses no request:
 * the throttle has to count requests with a bad token as well, and `PermissionsGuard` answers them with 401.
 *
 * Passport gets the strategies themselves and not their names, because names are global to the process, and tests run
 * several services in one (decision 0034).
 */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  // Passport takes strategies as well as their names; its types know the names only.
  private readonly strategies: string[];

  constructor(
    private readonly reflector: Reflector,
    apiTokens: ApiTokenStrategy,
    sessions: JwtStrategy,
  ) {
    this.strategies = [apiTokens, sessions] as unknown as string[];
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = accessOf(this.reflector, context);
    if (!access || 'public' in access) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const caller = await this.authenticate(request, context.switchToHttp().getResponse());
    if (caller) request.user = caller;
    return true;
  }

  private authenticate(request: unknown, response: unknown): Promise<AuthenticatedCaller | false> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null | undefined, caller?: AuthenticatedCaller | false | null) =>
        error ? reject(error) : resolve(caller || false);
      const handler = passport.authenticate(this.strategies, { session: false }, done) as (
        request: unknown,
        response: unknown,
        next: (error?: Error) => void,
      ) => void;
      handler(request, response, done);
    });
  }
}
