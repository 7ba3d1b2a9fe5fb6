import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';

type IsOther = (userId: string) => boolean;

/**
 * The requests that are being worked on: from their headers until their answer is ready to be sent. A request has no
 * user until it is authenticated, and those of strangers never have one: heavy reads don't wait for these.
 */
@Injectable()
export class RequestsInProgress {
  /** No sets, see `InFlight`. */
  private readonly requests: FastifyRequest[] = [];
  private waiting: Array<() => void> = [];

  /** To be called before the server listens. */
  attach(server: FastifyInstance): void {
    server.addHook('onRequest', (request, reply, done) => {
      this.begin(request);
      reply.raw.on('close', () => this.end(request));
      done();
    });
    server.addHook('onSend', (request, _reply, payload, done) => {
      this.end(request);
      done(null, payload);
    });
  }

  begin(request: FastifyRequest): void {
    this.requests.push(request);
  }

  end(request: FastifyRequest): void {
    const at = this.requests.indexOf(request);
    if (at < 0) return;
    const last = this.requests.pop()!;
    if (last !== request) this.requests[at] = last;
    for (const look of [...this.waiting]) look();
  }

  /** Resolves as soon as no request of other users is in progress, after `ms` at the latest. */
  async othersDone(isOther: IsOther, ms: number): Promise<void> {
    if (!this.has(isOther)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting = this.waiting.filter((one) => one !== look);
        resolve();
      };
      const look = (): void => {
        if (!this.has(isOther)) done();
      };
      const timer = setTimeout(done, ms);
      this.waiting.push(look);
    });
  }

  private has(isOther: IsOther): boolean {
    for (const request of this.requests) {
      const userId = userOf(request);
      if (userId !== undefined && isOther(userId)) return true;
    }
    return false;
  }
}

function userOf(request: FastifyRequest): string | undefined {
  return (request as FastifyRequest & { user?: { id: string } }).user?.id;
}
