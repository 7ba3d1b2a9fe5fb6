import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ownMember } from '../hardening/own-member';

/**
 * A request header's value; undefined when it was not sent. Nest's own `@Headers` would add a required parameter
 * to the OpenAPI document in addition to the one that `@ApiHeader` describes.
 */
export const RequestHeader = createParamDecorator(
  (name: string, context: ExecutionContext): string | undefined => {
    const all = context.switchToHttp().getRequest<FastifyRequest>().headers;
    const value = ownMember(all, name);
    return Array.isArray(value) ? value.join(', ') : value;
  },
);
