import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS, type Access, type AuthenticatedRequest } from '../platform/access/access.decorators';
import { PERMISSIONS } from '../platform/access/permission';
import { AppError } from '../platform/errors/app-error';
import { AccountsService } from './accounts.service';
import { Tokens } from './tokens';

const BEARER = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+) *$/i;

/** Closed by default: a route without `@Allow` or `@Public` is refused to everybody. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: Tokens,
    private readonly accounts: AccountsService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!access) throw forbidden();
    if ('public' in access) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const user = await this.callerOf(request.headers.authorization);
    if (!PERMISSIONS[user.role].has(access.permission)) throw forbidden();
    request.user = user;
    return true;
  }

  /** Who the token stands for; one answer for no token, a bad one, a spent one and one whose account is gone. */
  private async callerOf(
    authorization: string | undefined,
  ): Promise<NonNullable<AuthenticatedRequest['user']>> {
    const token = BEARER.exec(authorization ?? '')?.[1];
    const subject = token && this.tokens.subject(token);
    const user = subject && (await this.accounts.caller(subject));
    if (user) return user;
    throw new AppError(
      'unauthenticated',
      'not-signed-in',
      'Sign in first: send a valid access token as "Authorization: Bearer …".',
    );
  }
}

function forbidden(): AppError {
  return new AppError('forbidden', 'forbidden', 'Your role does not allow this.');
}
