import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { Answer, JsonText } from './answer';
import { matchesEtag } from './etag';

/** Sets an Answer's headers, answers 304 where the client has it already, and sends JSON text as it is. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    return next
      .handle()
      .pipe(map((value: unknown) => this.send(value, http.getRequest(), http.getResponse())));
  }

  private send(value: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
    if (!(value instanceof Answer)) return this.body(value, reply);
    void reply.headers(value.headers);
    const etag = value.headers['etag'];
    const known = request.headers['if-none-match'];
    if (etag !== undefined && known !== undefined && isRead(request) && matchesEtag(known, etag)) {
      void reply.status(304);
      return undefined;
    }
    return this.body(value.body, reply);
  }

  private body(value: unknown, reply: FastifyReply): unknown {
    if (!(value instanceof JsonText)) return value;
    void reply.type('application/json; charset=utf-8');
    return value.bytes;
  }
}

function isRead(request: FastifyRequest): boolean {
  return request.method === 'GET' || request.method === 'HEAD';
}
