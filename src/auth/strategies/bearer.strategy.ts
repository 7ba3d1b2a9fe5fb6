import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport';
import type { AuthenticatedCaller } from '../../platform/access/access.decorators';

/** Called with the caller that a token belongs to; `false` if the token is not valid. */
export type Verified = (error: Error | null, caller?: AuthenticatedCaller | false) => void;

const BEARER = /^Bearer +(\S+) *$/i;

/**
 * Base of the Passport strategies: reads the token from `Authorization: Bearer …` (RFC 6750) and hands it to the
 * strategy's `validate`. A request without a token fails without a look at the database.
 */
export class BearerStrategy extends Strategy {
  constructor(private readonly verify: (token: string, verified: Verified) => void) {
    super();
  }

  /** Whether the token looks like one of this strategy; others are not verified. */
  protected mayTake(_token: string): boolean {
    return true;
  }

  override authenticate(request: unknown): void {
    const { authorization } = (request as FastifyRequest).headers;
    const token = BEARER.exec(authorization ?? '')?.[1];
    if (token === undefined || !this.mayTake(token)) return this.fail(401);
    this.verify(token, (error, caller) => {
      if (error) this.error(error);
      else if (caller) this.success(caller);
      else this.fail(401);
    });
  }
}
