import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { TurnEnd } from '../async/turn-end';
import type { AppError } from '../errors/app-error';
import { Answer, JsonText } from './answer';
import type { AnswersInFlight } from './answers-in-flight';
import { matchesEtag } from './etag';
import { answerProblem } from './problem.filter';

/**
 * Larger answers are sent part by part: putting 9 MB together takes 3 to 6 ms in which no other request is served, and
 * 0.9 MB for each of many readers takes memory that is collected several times a second. With 100 KB, the threads that
 * collect it take a third of the CPU time.
 */
const WHOLE_BYTES = 64 * 1024;

/**
 * Sets an Answer's headers, answers 304 where the client has it already, and sends JSON text as it is. Done here,
 * where Nest hands over what a handler returned, and not in an interceptor: with a single one of these Nest builds
 * an observable pipeline for every request, a tenth of what a GET costs. Answers to reads are sent together (decision
 * 0072); those to writes become ready together anyway, after their commit.
 */
export class AnsweringAdapter extends FastifyAdapter {
  private readonly turn = new TurnEnd();

  constructor(
    private readonly inFlight: AnswersInFlight,
    options: FastifyServerOptions,
  ) {
    super(options);
  }

  override reply(response: ServerResponse | FastifyReply, value: unknown, status?: number): FastifyReply {
    // Nest answers with Node's own response where Fastify has not seen the request yet.
    if (!('request' in response)) return super.reply(response, value, status);
    const answer = value instanceof Answer ? (value as Answer) : new Answer(value);
    // A stream that waited could fail before anything listens to it.
    if (!isRead(response.request) || answer.body instanceof Readable)
      return this.send(response, answer, status);
    const sent = this.turn.reached().then(() => this.send(response, answer, status));
    // Nest awaits it, as it awaits Fastify's reply.
    return sent as unknown as FastifyReply;
  }

  private send(reply: FastifyReply, { body, headers }: Answer, status?: number): FastifyReply {
    if (isKnown(reply, headers['etag'])) return super.reply(reply.headers(headers), undefined, 304);
    const refusal = this.inFlight.refusal(reply.request, body instanceof JsonText ? body.length : 0);
    if (refusal) return refuse(reply, refusal, body);
    void reply.headers(headers);
    return super.reply(reply, bodyOf(body, reply), status);
  }
}

function refuse(reply: FastifyReply, refusal: AppError, body: unknown): FastifyReply {
  if (body instanceof Readable) body.destroy();
  answerProblem(refusal, reply.request, reply);
  return reply;
}

function bodyOf(value: unknown, reply: FastifyReply): unknown {
  if (!(value instanceof JsonText)) return value;
  void reply.type('application/json; charset=utf-8');
  if (value.length <= WHOLE_BYTES) return value.bytes;
  void reply.header('content-length', value.length);
  return Readable.from(value.parts);
}

/** Whether the client says that it has this state already. */
function isKnown({ request }: FastifyReply, etag: string | undefined): boolean {
  const known = request.headers['if-none-match'];
  return etag !== undefined && known !== undefined && isRead(request) && matchesEtag(known, etag);
}

function isRead({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}
