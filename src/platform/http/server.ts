import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../clock/clock';
import type { AppConfig } from '../config/app-config';
import type { Log } from '../logging/log';
import { AppError } from '../errors/app-error';
import type { Traffic } from '../metrics/traffic';
import { AnsweringAdapter } from './answering-adapter';
import { AnswersInFlight } from './answers-in-flight';
import { connectionLimit } from './connection-limit';
import { makeRoom } from './connection-room';
import { answerBrokenHttp, answerProblem, answeredCode } from './problem.filter';
import { answerInTurn } from './pipelining';
import { SMALL_BODY_BYTES } from './body-room';
import { RequestBodies } from './request-bodies';
import { requestId } from './request-id';
import { UnreadRest } from './unread-rest';

/** Characters of a path's part at most; longer ones name nothing. */
const MAX_PARAM_LENGTH = 500;
/** How long a client may take to send a request, ms. */
const REQUEST_TIMEOUT_MS = 120_000;
/** How long its headers may take, ms, and how often that is looked at: they fit into a few packets. */
const HEADERS_LIMITS = { headersTimeout: 20_000, connectionsCheckingInterval: 5_000 };

/** While the server closes, ms. */
const CLOSE_IDLE_EVERY_MS = 100;

/** Fastify as the service needs it: raw bodies, request ids, one log line a request. */
export function createAdapter(config: AppConfig, clock: Clock, log: Log): FastifyAdapter {
  const rest = new UnreadRest(config.get('MAX_BODY_BYTES'));
  const inFlight = new AnswersInFlight(config.get('ANSWER_STALL_SECONDS') * 1_000);
  const adapter = new AnsweringAdapter(inFlight, {
    bodyLimit: config.get('MAX_BODY_BYTES'),
    requestTimeout: REQUEST_TIMEOUT_MS,
    trustProxy: trustedProxies(config.get('TRUST_PROXY')),
    requestIdHeader: false,
    genReqId: (request: IncomingMessage) => requestId(request.headers['x-request-id'], clock.now()),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      rest.prepare(request, reply);
      answerProblem(error, request, reply);
    },
    clientErrorHandler: answerBrokenHttp(clock),
    forceCloseConnections: 'idle',
    // A request on a connection that was kept is answered as any other, and the connection is closed with it; else
    // Fastify refuses it with a 503 of its own, which is no problem of ours and says nothing of trying again.
    return503OnClosing: false,
  });
  const server = adapter.getInstance<FastifyInstance>();
  server.server.maxConnections = connectionLimit();
  // Node reads both when the server listens.
  Object.assign(server.server, HEADERS_LIMITS);
  answerInTurn(server.server);
  makeRoom(server.server, server.server.maxConnections);
  // First: whatever a later step refuses carries its request id.
  followRequests(server, log, config.get('SLOW_REQUEST_MS'));
  inFlight.attach(server);
  rest.attach(server);
  readBodiesLate(server, config);
  limitSmallBodies(server, config.get('API_V1_STR'));
  dropSilentConnections(server);
  closeIdleConnections(server);
  return adapter;
}

// A body stays on the wire until the guards have let its request pass; then InputPipe reads it.
function readBodiesLate(server: FastifyInstance, config: AppConfig): void {
  const largest = config.get('MAX_BODY_BYTES');
  const bodies = new RequestBodies(config.get('MAX_BODIES_IN_FLIGHT_BYTES'), largest);
  bodies.attach(server);
  const loginPath = `${config.get('API_V1_STR')}/auth/login`;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json(?:;|$)/, (request, payload, done) =>
    done(null, bodies.accept(request, payload, false)),
  );
  // Mail programs send a form for one click (RFC 8058, 3.1), whose content is not read.
  const oneClickPath = `${config.get('API_V1_STR')}/notifications/weekly-summary/unsubscribe`;
  server.addContentTypeParser('application/x-www-form-urlencoded', (request, payload, done) => {
    const { url = '' } = request.routeOptions;
    if ([loginPath, oneClickPath].includes(url)) done(null, bodies.accept(request, payload, true));
    else done(unsupported('Send the body as application/json; a form is taken for signing in only.'));
  });
  server.addContentTypeParser('multipart/form-data', (request, payload, done) => {
    if (request.routeOptions.url === oneClickPath) done(null, bodies.accept(request, payload, true));
    else done(unsupported('Send the body as application/json.'));
  });
  const importPath = `${config.get('API_V1_STR')}/import`;
  server.addContentTypeParser('application/zip', (request, payload, done) => {
    if (request.routeOptions.url === importPath) done(null, bodies.acceptFile(payload));
    else done(unsupported('Send the body as application/json; a zip archive is taken for imports only.'));
  });
  server.addHook('onRequest', (request, _reply, done) => {
    const encoding = request.headers['content-encoding'];
    if (encoding === undefined || encoding === 'identity') done();
    else done(unsupported('Send the body as it is, without Content-Encoding.'));
  });
}

function unsupported(sentence: string): AppError {
  return new AppError('unsupported_media', 'unsupported-media-type', sentence);
}

/** Only graphs and imports have large bodies. */
function limitSmallBodies(server: FastifyInstance, prefix: string): void {
  server.addHook('onRoute', (route) => {
    const isLarge = route.url.startsWith(`${prefix}/graphs`) || route.url === `${prefix}/import`;
    if (!isLarge) route.bodyLimit = SMALL_BODY_BYTES;
  });
}

function followRequests(server: FastifyInstance, log: Log, slowMs: number): void {
  server.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    logRequest(log, request, reply, slowMs);
    done();
  });
}

/** Counts each request's time and outcome; to be called before the server listens. */
export function countTraffic(server: FastifyInstance, traffic: Traffic): void {
  server.addHook('onResponse', (request, reply, done) => {
    traffic.record({
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      ms: reply.elapsedTime,
      code: answeredCode(reply),
    });
    done();
  });
}

function logRequest(log: Log, request: FastifyRequest, reply: FastifyReply, slowMs: number): void {
  const slow = slowMs > 0 && reply.elapsedTime > slowMs;
  const line = {
    request_id: request.id,
    method: request.method,
    route: request.routeOptions.url ?? 'unknown',
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    bytes: Number(reply.getHeader('content-length') ?? 0),
    user_id: (request as FastifyRequest & { user?: { id: string } }).user?.id,
  };
  log.request(line, slow);
}

// Node counts a connection that has never sent a request as busy, so one such client would hold up every stop.
function dropSilentConnections(server: FastifyInstance): void {
  const silent = new Set<Socket>();
  server.server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.server.on('request', ({ socket }) => silent.delete(socket));
  server.addHook('preClose', (done) => {
    for (const socket of silent) socket.destroy();
    done();
  });
}

/**
 * While the server closes, connections are closed as soon as their last answer is sent. Node and Fastify close those
 * that are idle when it begins; one that was being answered then would stay open until its client goes.
 */
function closeIdleConnections(server: FastifyInstance): void {
  server.addHook('preClose', (done) => {
    const timer = setInterval(() => server.server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS).unref();
    server.server.once('close', () => clearInterval(timer));
    done();
  });
}

/** A number of hops counts from the service outwards: what stands further left in X-Forwarded-For, a client wrote. */
function trustedProxies(setting: false | number | string[]) {
  return typeof setting === 'number' ? (_address: string, hop: number) => hop < setting : setting;
}
