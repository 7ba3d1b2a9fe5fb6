import { ArgumentsHost, Catch, HttpException, Injectable, type ExceptionFilter } from '@nestjs/common';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../clock/clock';
import { AppError, notFound, type ErrorKind } from '../errors/app-error';
import { uuidv7 } from '../ids/uuid';
import { Log } from '../logging/log';
import { PROBLEMS, problemType, type Problem } from './problem';

const KIND_BY_STATUS = new Map<number, ErrorKind>(
  (Object.entries(PROBLEMS) as Array<[ErrorKind, { status: number }]>).map(([kind, { status }]) => [
    status,
    kind,
  ]),
);

/** Turns every error into problem+json, once, for all routes. What is not foreseen becomes a 500 without details. */
@Injectable()
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = toAppError(thrown);
    this.report(error, thrown, request);
    if (reply.sent) return;
    send(error, request, reply);
  }

  private report(error: AppError, thrown: unknown, request: FastifyRequest): void {
    const fields = { request_id: request.id, code: error.code };
    if (error.kind === 'internal')
      this.log.error('request failed unexpectedly', { ...fields, error: thrown });
    else if (error.kind === 'unavailable')
      this.log.warn('request answered with 503', { ...fields, error: error.cause });
  }
}

/** For what fails before any route is found: an address that cannot be decoded, a part of it that is too long. */
export function answerProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const code = (thrown as { code?: string }).code;
  const error = code === 'FST_ERR_MAX_PARAM_LENGTH' ? notFound('address') : toAppError(thrown);
  void reply.header('x-request-id', request.id);
  send(error, request, reply);
}

/** For what is not HTTP, or comes too slowly: answers on the bare socket, in the form of every other error. */
export function answerBrokenHttp(clock: Clock): (error: NodeJS.ErrnoException, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const { status, title, code, detail } = BROKEN_HTTP.get(error.code ?? '') ?? NOT_HTTP;
    const id = uuidv7(clock.now());
    const body = JSON.stringify({
      type: problemType(code),
      title,
      status,
      detail,
      instance: '/',
      request_id: id,
    });
    const head = [
      `HTTP/1.1 ${status} ${title}`,
      'content-type: application/problem+json; charset=utf-8',
      `x-request-id: ${id}`,
    ];
    socket.end(
      [...head, `content-length: ${Buffer.byteLength(body)}`, 'connection: close', '', body].join('\r\n'),
    );
    // A client that never closes its side would keep the connection.
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
}

/** How long a client has to read why its request was none, ms. */
const LINGER_MS = 2_000;

const NOT_HTTP = {
  status: 400,
  title: 'Bad Request',
  code: 'invalid-request',
  detail: 'The request is not valid HTTP.',
};
const BROKEN_HTTP = new Map([
  [
    'HPE_HEADER_OVERFLOW',
    {
      status: 431,
      title: 'Request Header Fields Too Large',
      code: 'headers-too-large',
      detail: 'The headers are too large.',
    },
  ],
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    {
      status: 408,
      title: 'Request Timeout',
      code: 'request-too-slow',
      detail: 'The request came too slowly.',
    },
  ],
]);

const answeredCodes = new WeakMap<FastifyReply, string>();

/** The code of the problem that a request was answered with; null when it was none. */
export function answeredCode(reply: FastifyReply): string | null {
  return answeredCodes.get(reply) ?? null;
}

function send(error: AppError, request: FastifyRequest, reply: FastifyReply): void {
  answeredCodes.set(reply, error.code);
  const body = problemOf(error, request);
  if (error.kind === 'unauthenticated') void reply.header('www-authenticate', 'Bearer');
  if (error.retryAfter !== undefined) void reply.header('retry-after', String(error.retryAfter));
  void reply.status(body.status).type('application/problem+json; charset=utf-8').send(JSON.stringify(body));
}

function problemOf(error: AppError, request: FastifyRequest): Problem {
  const { status, title } = PROBLEMS[error.kind];
  return {
    type: problemType(error.code),
    title,
    status,
    detail: error.message,
    instance: request.url.split('?')[0] ?? '/',
    request_id: request.id,
    ...(error.errors.length > 0 && { errors: error.errors }),
  };
}

/** The AppError behind whatever was thrown: our own, Nest's, Fastify's, or an unforeseen one. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const status = statusOf(thrown);
  const kind = status === undefined ? undefined : KIND_BY_STATUS.get(status);
  if (kind && kind !== 'internal') return clientError(kind, thrown);
  if (status !== undefined && status >= 400 && status < 500) return clientError('invalid', thrown);
  return new AppError(
    'internal',
    'internal-error',
    'Something went wrong on our side; the operator can find it by the request_id.',
    {
      cause: thrown,
    },
  );
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const { statusCode } = (thrown ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}

const SENTENCES: Partial<Record<ErrorKind, [code: string, sentence: string]>> = {
  not_found: ['not-found', 'There is nothing at this address.'],
  too_large: ['body-too-large', 'The body is larger than MAX_BODY_BYTES allows.'],
  unsupported_media: ['unsupported-media-type', 'Send the body as application/json.'],
  unauthenticated: [
    'not-signed-in',
    'Sign in first: send a valid access token as "Authorization: Bearer …".',
  ],
  forbidden: ['forbidden', 'Your role does not allow this.'],
  too_many: ['too-many-requests', 'Too many requests; wait a little.'],
};

function clientError(kind: ErrorKind, thrown: unknown): AppError {
  const [code, sentence] = SENTENCES[kind] ?? [
    kind === 'invalid' ? 'invalid-request' : kind.replaceAll('_', '-'),
    'The request is not valid.',
  ];
  return new AppError(kind, code, sentence, { cause: thrown });
}
