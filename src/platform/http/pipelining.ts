import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Requests that may wait on one connection before nothing more is read from it. */
const WAITING_MAX = 32;

/** The requests of one connection that wait for the one before them. */
interface Line {
  readonly waiting: { start: () => void; response: ServerResponse }[];
}

/**
 * Answers the requests of one connection one after the other. Node starts all that have arrived, hundreds at once when a
 * client sends them without waiting for answers, and everyone else's requests then wait behind them.
 */
export function answerInTurn(server: FastifyInstance): void {
  const lines = new WeakMap<Socket, Line>();
  server.addHook('onRequest', ({ raw: { socket } }, { raw: response }, done) => {
    const line = lines.get(socket);
    if (line) {
      line.waiting.push({ start: done, response });
      if (line.waiting.length >= WAITING_MAX) pauseReading(socket);
      return;
    }
    const own: Line = { waiting: [] };
    lines.set(socket, own);
    follow(response);
    done();

    function follow(current: ServerResponse): void {
      current.once('close', () => {
        const next = own.waiting.shift();
        if (!next || socket.destroyed) return void lines.delete(socket);
        if (own.waiting.length === 0) resumeReading(socket);
        follow(next.response);
        next.start();
      });
    }
  });
}

// Node's own back pressure for pipelined answers: it stops its parser with this mark, and starts it at "drain".
function pauseReading(socket: Socket & { _paused?: boolean }): void {
  socket._paused = true;
  socket.pause();
}

function resumeReading(socket: Socket & { _paused?: boolean }): void {
  if (socket._paused) socket.emit('drain');
}
