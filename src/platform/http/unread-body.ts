import type { IncomingMessage } from 'node:http';
import { errorCodes, type FastifyRequest } from 'fastify';
import { connectionLost, readBody } from './body-reader';
import type { BodyRoom } from './body-room';

/** Room that a body gets before it has said how long it is, and each time that it has used it up, bytes. */
const FIRST_BYTES = 65_536;
const STEP_BYTES = 1024 * 1024;

interface BodyParts {
  /** Whether it is an `application/x-www-form-urlencoded` form and not JSON. */
  readonly isForm: boolean;
  readonly room: BodyRoom;
  /** Tells a client that sent `Expect: 100-continue` to go on. */
  readonly sayContinue: () => void;
}

/**
 * A request's body while it is still on its way. The guards decide by the headers alone; only then the body is read,
 * within its route's limit and the budget for all bodies.
 */
export class UnreadBody {
  readonly isForm: boolean;
  private reading: Promise<Buffer> | undefined;

  constructor(
    private readonly request: FastifyRequest,
    private readonly payload: IncomingMessage,
    private readonly parts: BodyParts,
  ) {
    this.isForm = parts.isForm;
  }

  /**
   * The bytes, which then also are the request's `body`. Rejects with 413 for a body that is longer than its route
   * allows, 400 for one that breaks off or is not as long as it says, 408 for one that comes too slowly, 429 and 503
   * for one that finds no room.
   */
  read(): Promise<Buffer> {
    return (this.reading ??= this.readAll());
  }

  /** Returns what it holds of the budgets. */
  release(): void {
    this.parts.room.release();
  }

  private async readAll(): Promise<Buffer> {
    const limit = this.request.routeOptions.bodyLimit ?? Infinity;
    const length = Number(this.request.headers['content-length'] ?? NaN);
    if (length > limit) throw new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE();
    const owner = ownerOf(this.request);
    await this.reserve(owner, Number.isNaN(length) ? FIRST_BYTES : length);
    this.parts.sayContinue();
    const grown = Number.isNaN(length) ? this.growing(owner, limit) : () => undefined;
    const bytes = await readBody(this.payload, { length, limit, grown });
    this.request.body = bytes;
    return bytes;
  }

  private async reserve(owner: string, bytes: number): Promise<void> {
    if (this.payload.destroyed) throw connectionLost();
    if (this.parts.room.reserveNow(owner, bytes)) return;
    const gone = new AbortController();
    const leave = () => gone.abort(connectionLost());
    this.payload.once('close', leave);
    try {
      await this.parts.room.reserve(owner, bytes, gone.signal);
    } finally {
      this.payload.off('close', leave);
    }
  }

  /** Called with how many bytes have come, before they are kept. */
  private growing(owner: string, limit: number): (received: number) => void {
    let room = FIRST_BYTES;
    return (received) => {
      while (received > room) {
        const step = Math.min(STEP_BYTES, limit - room);
        this.parts.room.grow(owner, step);
        room += step;
      }
    };
  }
}

/** Who pays for the room: the signed-in user, else the address. */
function ownerOf(request: FastifyRequest): string {
  const { user } = request as FastifyRequest & { user?: { id: string } };
  return user?.id ?? request.ip;
}
