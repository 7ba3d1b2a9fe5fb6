import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { ACCESS, type Access, type AuthenticatedRequest } from '../platform/access/access.decorators';
import { PERMISSIONS } from '../platform/access/permission';
import { AppError } from '../platform/errors/app-error';

/** Closed by default: a route without `@Allow` or `@Public` is refused to everybody. */
@Injectable()
export class AccessGuard extends AuthGuard('access') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!access) throw forbidden();
    if ('public' in access) return true;
    await super.canActivate(context);
    const { user } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (!user || !PERMISSIONS[user.role].has(access.permission)) throw forbidden();
    return true;
  }

  /** What passport found; one answer for no token, a bad one and a spent one, and a database error as itself. */
  override handleRequest<T>(error: unknown, user: T | false): T {
    if (error instanceof Error) throw error;
    if (!user)
      throw new AppError(
        'unauthenticated',
        'not-signed-in',
        'Sign in first: send a valid access token as "Authorization: Bearer …".',
      );
    return user;
  }
}

function forbidden(): AppError {
  return new AppError('forbidden', 'forbidden', 'Your role does not allow this.');
}
