import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiOAuth2 } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ApiProblems } from '../http/api-problems.decorator';
import type { Caller, RequestOrigin } from './caller';
import type { Permission } from './permission';

/** Where the guard finds what a route declared. */
export const ACCESS = 'graphomat:access';
export type Access = { public: true } | { permission: Permission };

/** The name of the sign-in scheme in the OpenAPI document. */
export const SIGN_IN_SCHEME = 'password';

/** The route is for signed-in users whose role has `permission`; a route that declares nothing is closed to all. */
export function Allow(permission: Permission): MethodDecorator & ClassDecorator {
  const access: Access = { permission };
  return applyDecorators(SetMetadata(ACCESS, access), ApiOAuth2([], SIGN_IN_SCHEME), ApiProblems(401, 403));
}

/** The route is for everybody, signed in or not. */
export function Public(): MethodDecorator & ClassDecorator {
  const access: Access = { public: true };
  return SetMetadata(ACCESS, access);
}

/** What the guard leaves on a request. */
export interface AuthenticatedRequest extends FastifyRequest {
  user?: Omit<Caller, 'origin'> & {
    /** Null for an API token. */
    sessionId: Buffer | null;
  };
}

/** The signed-in user; only on routes with `@Allow`. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!request.user) throw new Error('@CurrentUser stands on a route without @Allow.');
  return { ...request.user, origin: originOf(request) };
});

/** Request id and address, on routes without a signed-in user. */
export const Origin = createParamDecorator((_: unknown, context: ExecutionContext): RequestOrigin =>
  originOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

function originOf(request: FastifyRequest): RequestOrigin {
  return { requestId: request.id, ip: request.ip };
}
