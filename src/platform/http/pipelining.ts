import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that may wait on one connection before nothing more is read from it. */
const WAITING_MAX = 32;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The requests of one connection: whether one is being answered, and those that wait for it. */
interface Line {
  isBusy: boolean;
  readonly waiting: { request: IncomingMessage; response: ServerResponse }[];
}

/**
 * Answers the requests of one connection one after the other. Node starts all that have arrived, hundreds at once when a
 * client sends them without waiting for answers, and everyone else's requests then wait behind them. A request that
 * waits costs what Node's parser costs: Fastify sees it when its turn comes. Call it before the server listens.
 */
export function answerInTurn(server: Server): void {
  const handlers = server.listeners('request') as Handler[];
  const handle: Handler = (request, response) => {
    for (const handler of handlers) handler.call(server, request, response);
  };
  const lines = new WeakMap<Socket, Line>();
  const later = oneInATurn();
  const start = (line: Line, { request, response }: Line['waiting'][number]): void => {
    const { socket } = request;
    line.isBusy = true;
    response.on('close', () => {
      const next = line.waiting.shift();
      if (!next || socket.destroyed) return void (line.isBusy = false);
      if (line.waiting.length === 0) resumeReading(socket);
      later(() => (socket.destroyed ? void (line.isBusy = false) : start(line, next)));
    });
    handle(request, response);
  };
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    let line = lines.get(request.socket);
    if (!line) lines.set(request.socket, (line = { isBusy: false, waiting: [] }));
    if (!line.isBusy) return start(line, { request, response });
    line.waiting.push({ request, response });
    if (line.waiting.length >= WAITING_MAX) pauseReading(request.socket);
  });
}

/**
 * Starts what it is given in order, one in each turn of the event loop: requests that waited on their connections, however
 * many connections there are, take one request's time of a turn, and those of clients that wait for answers come between.
 */
function oneInATurn(): (start: () => void) => void {
  const ready: Array<() => void> = [];
  let scheduled = false;
  const schedule = (): void => {
    if (scheduled || ready.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      ready.shift()?.();
      schedule();
    });
  };
  return (start) => {
    ready.push(start);
    schedule();
  };
}

// Node's own back pressure for pipelined answers: it stops its parser with this mark, and starts it at "drain".
function pauseReading(socket: Socket & { _paused?: boolean }): void {
  socket._paused = true;
  socket.pause();
}

function resumeReading(socket: Socket & { _paused?: boolean }): void {
  if (socket._paused) socket.emit('drain');
}
