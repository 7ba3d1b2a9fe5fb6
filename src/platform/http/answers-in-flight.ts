import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors/app-error';
import { networkOf } from './network-of';

/** Bytes of answers that wait for their readers, in all and of one user or network. */
const LIMITS = { total: 256 * 1024 * 1024, ofOwner: 64 * 1024 * 1024 };
/** Of what is still free, an owner may have as much as this part of it. */
const SHARE = 1 / 2;
/** Smaller answers fit into the buffers of the connection. */
const COUNTED_FROM = 16 * 1024;
const RETRY_SECONDS = 5;

/**
 * Bounds what clients can make the service hold by reading slowly or not at all. A connection on which no byte of an
 * answer moves for `stallMs` is closed. No user has more unread answers than 64 MiB, and than half of what is then left of
 * 256 MiB: the more there is unread, the less each may add, so that some slow readers leave room for everyone else. Further
 * reads are answered with 429, or 503 to a user who has no unread answers and asks for more than a small one; writes are
 * always answered.
 */
export class AnswersInFlight {
  private readonly owners = new Map<string, number>();
  private used = 0;

  constructor(
    private readonly stallMs: number,
    private readonly limits = LIMITS,
  ) {}

  attach(server: FastifyInstance): void {
    server.addHook('onSend', (request, reply, payload, done) => {
      // Node sets its own limit for the next request once the answer is sent.
      request.raw.socket.setTimeout(this.stallMs);
      this.count(request, reply, sizeOf(payload, reply));
      done(null, payload);
    });
  }

  /** Why an answer of at least `bytes` can't be sent now; undefined if it can. */
  refusal(request: FastifyRequest, bytes: number): AppError | undefined {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    const ofOwner = this.owners.get(ownerOf(request)) ?? 0;
    if (ofOwner === 0 && bytes < COUNTED_FROM) return undefined;
    // The first answer of all is sent whatever its size.
    if (this.used === 0 || ofOwner + bytes <= this.roomOfOwner(ofOwner)) return undefined;
    return ofOwner > 0 ? tooMany(ofOwner) : busy();
  }

  /** As much as an owner's unread answers may be together; a single one may exceed the limit of an owner. */
  private roomOfOwner(ofOwner: number): number {
    const free = this.limits.total - this.used;
    return Math.min(ofOwner > 0 ? this.limits.ofOwner : Infinity, free * SHARE);
  }

  private count(request: FastifyRequest, reply: FastifyReply, bytes: number): void {
    if (bytes < COUNTED_FROM || reply.raw.closed) return;
    const owner = ownerOf(request);
    this.owners.set(owner, (this.owners.get(owner) ?? 0) + bytes);
    this.used += bytes;
    reply.raw.once('close', () => {
      const left = (this.owners.get(owner) ?? 0) - bytes;
      if (left > 0) this.owners.set(owner, left);
      else this.owners.delete(owner);
      this.used -= bytes;
    });
  }
}

function ownerOf(request: FastifyRequest): string {
  return (request as FastifyRequest & { user?: { id: string } }).user?.id ?? networkOf(request.ip);
}

/** 0 for a stream of unknown length: it holds one item at a time. */
function sizeOf(payload: unknown, reply: FastifyReply): number {
  if (typeof payload === 'string') return payload.length;
  if (payload instanceof Uint8Array) return payload.byteLength;
  return Number(reply.getHeader('content-length') ?? 0);
}

function tooMany(bytes: number): AppError {
  const sentence = `Answers of ${bytes} bytes are waiting to be read by you. Read them, then try again.`;
  return new AppError('too_many', 'too-many-unread-answers', sentence, { retryAfter: RETRY_SECONDS });
}

function busy(): AppError {
  const sentence = 'Too many answers are waiting to be read at the moment. Try again shortly.';
  return new AppError('unavailable', 'answers-busy', sentence, { retryAfter: RETRY_SECONDS });
}
