import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import passport, { type Strategy } from 'passport';
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
  private readonly strategies: readonly Strategy[];

  constructor(
    private readonly reflector: Reflector,
    apiTokens: ApiTokenStrategy,
    sessions: JwtStrategy,
  ) {
    this.strategies = [apiTokens, sessions];
  }

  canActivate(context: ExecutionContext): true | Promise<true> {
    const access = accessOf(this.reflector, context);
    if (!access || 'public' in access) return true;
    const http = context.switchToHttp();
    return this.authenticate(http.getRequest<AuthenticatedRequest>(), http.getResponse());
  }

  private authenticate(request: AuthenticatedRequest, response: unknown): Promise<true> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null | undefined, caller?: AuthenticatedCaller | false | null) => {
        if (error) return reject(error);
        if (caller) request.user = caller;
        resolve(true);
      };
      const handler = passport.authenticate(this.ofThisRequest(), { session: false }, done) as (
        request: unknown,
        response: unknown,
        next: (error?: Error) => void,
      ) => void;
      handler(request, response, done);
    });
  }

  /**
   * Passport writes the callbacks of a request into the strategy it is given, and copies only strategies that it knows
   * by name. With a shared object, a request would be answered for the caller of another one.
   */
  private ofThisRequest(): string[] {
    // Passport takes strategies as well as their names; its types know the names only.
    return this.strategies.map((strategy) => Object.create(strategy) as Strategy) as unknown as string[];
  }
}
