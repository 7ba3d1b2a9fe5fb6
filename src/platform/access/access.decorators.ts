import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiBearerAuth, ApiOAuth2 } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ApiProblems } from '../http/api-problems.decorator';
import type { Caller, RequestCaller, RequestOrigin } from './caller';
import { Permission, TOKEN_PERMISSIONS } from './permission';

/** The metadata key of `@Allow` and `@Public`, for the guards. */
export const ACCESS = 'graphomat:access';
export type Access = { public: true } | { permission: Permission };

/** The name of the sign-in scheme in the OpenAPI document. */
export const SIGN_IN_SCHEME = 'password';
/** The name of the scheme for API tokens. */
export const API_TOKEN_SCHEME = 'api-token';

/** Opens the route to signed-in users whose role has `permission`. A route without a declaration is closed. */
export function Allow(permission: Permission): MethodDecorator & ClassDecorator {
  const access: Access = { permission };
  // The later decorator comes first in the document.
  const schemes = [
    ...(TOKEN_PERMISSIONS.has(permission) ? [ApiBearerAuth(API_TOKEN_SCHEME)] : []),
    ApiOAuth2([], SIGN_IN_SCHEME),
  ];
  return applyDecorators(SetMetadata(ACCESS, access), ...schemes, ApiProblems(401, 403));
}

/** Opens the route to everyone, signed in or not. */
export function Public(): MethodDecorator & ClassDecorator {
  const access: Access = { public: true };
  return SetMetadata(ACCESS, access);
}

/** The declaration of the handler or its controller; undefined if there is none. */
export function accessOf(reflector: Reflector, context: ExecutionContext): Access | undefined {
  return reflector.getAllAndOverride<Access | undefined>(ACCESS, [context.getHandler(), context.getClass()]);
}

/** The owner of a valid token, and what the role and the token permit. */
export interface AuthenticatedCaller extends Omit<Caller, 'origin'> {
  /** Null for an API token. */
  sessionId: Buffer | null;
  /** The id of an API token; missing for a session. */
  tokenId?: string;
  permissions: ReadonlySet<Permission>;
}

/** A request after `AuthenticationGuard`; without a valid token `user` is missing. */
export interface AuthenticatedRequest extends FastifyRequest {
  user?: AuthenticatedCaller;
}

/** The signed-in user; only on routes with `@Allow`. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): RequestCaller => {
  const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!request.user) throw new Error('@CurrentUser needs @Allow on the route.');
  const { key, id, role, tokenId } = request.user;
  const origin = originOf(request);
  return { key, id, role, origin: tokenId === undefined ? origin : { ...origin, tokenId } };
});

/** The id of the caller's session; only on routes whose permission no API token has. */
export const CurrentSession = createParamDecorator((_: unknown, context: ExecutionContext): Buffer => {
  const { user } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!user?.sessionId) throw new Error('@CurrentSession needs a route that only sessions can use.');
  return user.sessionId;
});

/** Whether the caller may read graphs: a token that only sends them gets no content back; only on routes with `@Allow`. */
export const MayRead = createParamDecorator((_: unknown, context: ExecutionContext): boolean => {
  const { user } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  return user?.permissions.has(Permission.GraphsRead) ?? false;
});

/** Request id and address, on routes without a signed-in user. */
export const Origin = createParamDecorator((_: unknown, context: ExecutionContext): RequestOrigin =>
  originOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

function originOf(request: FastifyRequest): RequestOrigin {
  return { requestId: request.id, ip: request.ip };
}
