import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Places that are kept free for connections that come next: the system refuses what comes beyond the limit. */
const SPARE_SHARE = 0.05;

/**
 * Makes room when almost all connections are taken: the one that has been without a request for longest is closed, whether
 * it idles between two requests or sends its headers slowly. So no client can keep others out by connections alone. Call
 * it before the server listens.
 */
export function makeRoom(server: Server, limit: number): void {
  const spare = Math.max(1, Math.floor(limit * SPARE_SHARE));
  const idle = new Set<Socket>();
  const asked = new WeakMap<Socket, { requests: number }>();
  let open = 0;
  server.on('connection', (socket) => {
    open += 1;
    idle.add(socket);
    socket.once('close', () => {
      open -= 1;
      idle.delete(socket);
    });
    if (open <= limit - spare) return;
    const [longest] = idle;
    // All others are being answered: there are spare places for the new one.
    if (longest !== socket) longest?.destroy();
  });
  const follow = (unanswered: { requests: number }, socket: Socket, response: ServerResponse): void => {
    unanswered.requests += 1;
    response.on('close', () => {
      unanswered.requests -= 1;
      if (unanswered.requests === 0 && !socket.destroyed) idle.add(socket);
    });
  };
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    idle.delete(socket);
    let unanswered = asked.get(socket);
    if (!unanswered) asked.set(socket, (unanswered = { requests: 0 }));
    follow(unanswered, socket, response);
  });
}
