import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS, type Access, type AuthenticatedRequest } from '../platform/access/access.decorators';
import { AppError } from '../platform/errors/app-error';
import { Callers } from './callers';
import { RequestThrottle } from './request-throttle';
import { SecurityEvents } from './security-events';

/** Closed by default: a route without `@Allow` or `@Public` is refused to everybody. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly callers: Callers,
    private readonly throttle: RequestThrottle,
    private readonly events: SecurityEvents,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!access) throw forbidden();
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if ('public' in access) {
      this.throttle.take(request.ip, request.routeOptions.url);
      return true;
    }
    const caller = await this.callers.find(request.headers.authorization);
    if (!caller) {
      this.throttle.take(request.ip, request.routeOptions.url);
      throw notSignedIn();
    }
    request.user = caller.user;
    this.throttle.take(caller.user.id, request.routeOptions.url);
    if (caller.may(access.permission)) return true;
    await this.events.refused(caller.user, request, access.permission);
    throw forbidden();
  }
}

// One answer for no token, a bad one, a spent one and one whose account is gone.
function notSignedIn(): AppError {
  return new AppError(
    'unauthenticated',
    'not-signed-in',
    'Sign in first: send a valid access token as "Authorization: Bearer …".',
  );
}

function forbidden(): AppError {
  return new AppError('forbidden', 'forbidden', 'Your role does not allow this.');
}
