import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BodyBudget, type BodyLimits } from './body-budget';
import { BodyRoom } from './body-room';
import { UnreadBody } from './unread-body';
import { UnreadFile } from './unread-file';

const MIB = 1024 * 1024;
/** For bodies up to `SMALL_BODY_BYTES`. */
const SMALL_BODIES: BodyLimits = {
  total: 32 * MIB,
  ofOwner: 4 * MIB,
  waiting: 256,
  waitingOfOwner: 64,
  waitMs: 10_000,
};
/** Each owner's share of the budget for large bodies: a quarter, but always enough for one body. */
const OWNER_SHARE = 1 / 4;
const LARGE_BODIES = { waiting: 256, waitingOfOwner: 16, waitMs: 10_000 };

/** Set once it has a body that may be read. */
type RequestWithBody = FastifyRequest & { unreadBody: UnreadBody | null };

/**
 * The bodies of the requests that are being answered. A body is read only when a handler's pipe asks for it, which is
 * after the guards. It counts against a budget, in all and for each user, until its request has been answered.
 */
export class RequestBodies {
  private readonly small = new BodyBudget(SMALL_BODIES);
  private readonly large: BodyBudget;
  private readonly askedFirst = new WeakMap<IncomingMessage, ServerResponse>();

  /** `totalBytes`: of large bodies at the same time; `largestBytes`: of one body. */
  constructor(totalBytes: number, largestBytes: number) {
    const total = Math.max(totalBytes, largestBytes);
    const ofOwner = Math.max(Math.floor(total * OWNER_SHARE), largestBytes);
    this.large = new BodyBudget({ ...LARGE_BODIES, total, ofOwner });
  }

  /** A content type parser that reads nothing. */
  accept(request: FastifyRequest, payload: IncomingMessage, isForm: boolean): UnreadBody {
    const room = new BodyRoom(this.small, this.large);
    const sayContinue = () => this.askedFirst.get(payload)?.writeContinue();
    const body = new UnreadBody(request, payload, { isForm, room, sayContinue });
    (request as RequestWithBody).unreadBody = body;
    return body;
  }

  /** The same for a body that is a file. */
  acceptFile(payload: IncomingMessage): UnreadFile {
    return new UnreadFile(payload, () => this.askedFirst.get(payload)?.writeContinue());
  }

  /** Follows the server's requests: returns what they hold, and tells clients that ask first when to send a body. */
  attach(server: FastifyInstance): void {
    // Node would tell the client to send its body at once. Here, it is asked to send it when the body is about to be read.
    server.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      this.askedFirst.set(request, response);
      server.server.emit('request', request, response);
    });
    server.decorateRequest('unreadBody', null);
    server.addHook('onSend', (request, reply, _payload, done) => {
      this.releaseAfter(request, reply);
      done();
    });
  }

  // The handler has ended by now, but its answer may hold bytes of the body until it has been sent.
  private releaseAfter(request: FastifyRequest, { raw }: FastifyReply): void {
    const body = (request as RequestWithBody).unreadBody;
    if (!body) return;
    if (raw.closed) body.release();
    else raw.on('close', () => body.release());
  }
}
