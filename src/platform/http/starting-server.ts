import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../clock/clock';
import { uuidv7 } from '../ids/uuid';
import { problemType } from './problem';

/** A client that asks while the service starts tries again after this time, s. */
const RETRY_AFTER_SECONDS = 5;

const ALIVE = { status: 'ok', info: {}, error: {}, details: {} };
const START = { start: { status: 'down', reason: 'the service is starting' } };
const NOT_READY = { status: 'error', info: {}, error: START, details: START };
const STARTING = {
  type: problemType('starting'),
  title: 'Service Unavailable',
  status: 503,
  detail: 'The service is starting. Try again shortly.',
};

/**
 * Answers at the service's address while the service starts, because migrations of a large database take minutes:
 * `/health/live` with 200, so that nothing ends a process that is at work, and everything else with 503.
 */
export class StartingServer {
  private constructor(private readonly server: Server) {}

  /** Listens at the address. Throws Node's error if it can't. */
  static async listen(port: number, host: string, clock: Clock): Promise<StartingServer> {
    const server = createServer((request, response) => answer(request, response, clock));
    server.listen(port, host);
    await once(server, 'listening');
    return new StartingServer(server);
  }

  /** Leaves the address to the service. A request that was not answered yet fails. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

function answer(request: IncomingMessage, response: ServerResponse, clock: Clock): void {
  const [path] = (request.url ?? '').split('?');
  if (path === '/health/live') return send(response, 200, 'application/json', ALIVE);
  if (path === '/health' || path === '/health/ready')
    return send(response, 503, 'application/json', NOT_READY);
  const id = uuidv7(clock.now());
  response.setHeader('x-request-id', id);
  send(response, 503, 'application/problem+json', { ...STARTING, instance: path, request_id: id });
}

// Each answer ends its connection, so that the next request meets the service as soon as that listens.
function send(response: ServerResponse, status: number, type: string, body: object): void {
  const text = JSON.stringify(body);
  if (status === 503) response.setHeader('retry-after', RETRY_AFTER_SECONDS);
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(text);
}
