import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  accessOf,
  type AuthenticatedCaller,
  type AuthenticatedRequest,
} from '../../platform/access/access.decorators';
import type { Permission } from '../../platform/access/permission';
import { AppError } from '../../platform/errors/app-error';
import { scopesFor } from '../domain/scopes';
import { SecurityEvents } from '../security-events';

/**
 * Last of the three global guards, and role-based: a route with `@Allow(permission)` is for callers whose role (and
 * API token) has that permission, a route with `@Public` for everybody. Closed by default: a route with neither is
 * refused. A refusal of a signed-in caller is recorded in the audit log.
 */
@Injectable()
export class PermissionsGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly events: SecurityEvents,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<never> {
    const access = accessOf(this.reflector, context);
    if (!access) throw forbidden();
    if ('public' in access) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (!request.user) throw notSignedIn();
    if (request.user.permissions.has(access.permission)) return true;
    return this.refuse(request.user, request, access.permission);
  }

  private async refuse(
    user: AuthenticatedCaller,
    request: AuthenticatedRequest,
    permission: Permission,
  ): Promise<never> {
    await this.events.refused(user, request, permission);
    throw user.sessionId === null ? forbiddenToToken(permission) : forbidden();
  }
}

// One answer for a missing, invalid, expired or revoked token, and for a token of a deleted account.
function notSignedIn(): AppError {
  return new AppError(
    'unauthenticated',
    'not-signed-in',
    'Sign in first: send a valid access token as "Authorization: Bearer …".',
  );
}

/** Names the scope that is missing; for what no API token may do, the way that is left. */
function forbiddenToToken(permission: Permission): AppError {
  const scopes = scopesFor(permission).map((scope) => `"${scope}"`);
  const way =
    scopes.length > 0
      ? `This API token needs the scope ${scopes.join(' or ')}. Create a token that has it.`
      : 'API tokens cannot do this. Sign in with e-mail address and password (POST /auth/login), and send that access token.';
  return new AppError('forbidden', 'forbidden', way);
}

function forbidden(): AppError {
  return new AppError('forbidden', 'forbidden', 'Your role does not allow this.');
}
