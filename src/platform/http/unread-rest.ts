import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** A rest that is not larger than this is read and dropped, so that the connection can be used again, bytes. */
const DROPPED_BYTES = 65_536;
/** Connections on which a client may go on sending after the answer, so that it gets to read it. Others are closed at once. */
const LINGERING_MAX = 256;
const LINGER_MS = 2_000;

/**
 * Closes connections whose request was answered before its body was read (refused by a guard, too large, unknown
 * address), and those that ask for another protocol. Closing at once can make the client lose the answer, because the
 * system resets a connection with unread data (RFC 9112, section 9.6). So for a short time, and for a bounded number of
 * connections and bytes, what still comes is dropped.
 */
export class UnreadRest {
  private readonly lingering = new Set<Socket>();

  /** `discardedBytes`: dropped on one connection at most. */
  constructor(private readonly discardedBytes: number) {}

  attach(server: FastifyInstance): void {
    server.addHook('onSend', (request, reply, _payload, done) => {
      this.prepare(request, reply);
      done();
    });
    server.addHook('preClose', (done) => {
      for (const socket of this.lingering) socket.destroy();
      done();
    });
  }

  /** To be called before the answer's headers are sent. */
  prepare({ raw }: FastifyRequest, reply: FastifyReply): void {
    // Node 20 leaves requests unanswered that follow one with "Upgrade" and a body.
    if (raw.headers.upgrade !== undefined) void reply.header('connection', 'close');
    if (!isRestLarge(raw)) return;
    void reply.header('connection', 'close');
    this.lingerOnClose(raw.socket);
  }

  /** Node closes a connection after its last answer by `destroySoon`. */
  private lingerOnClose(socket: Socket): void {
    const close = socket.destroySoon.bind(socket);
    socket.destroySoon = () => {
      if (this.lingering.size >= LINGERING_MAX || socket.destroyed) close();
      else this.linger(socket);
    };
  }

  private linger(socket: Socket): void {
    this.lingering.add(socket);
    const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
    socket.once('close', () => {
      clearTimeout(timer);
      this.lingering.delete(socket);
    });
    let discarded = 0;
    // What comes now is no request, even where it looks like one: Node's parser gets nothing more.
    socket.removeAllListeners('data');
    socket.on('data', (chunk: Buffer) => {
      discarded += chunk.length;
      if (discarded > this.discardedBytes) socket.destroy();
    });
    socket.resume();
    socket.end();
  }
}

function isRestLarge({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > DROPPED_BYTES;
}
