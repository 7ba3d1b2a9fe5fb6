import type { IncomingMessage } from 'node:http';
import { errorCodes } from 'fastify';
import { AppError } from '../errors/app-error';
import { allocateShared } from '../workers/shared-bytes';

/**
 * Larger bodies are scanned, hashed and encoded by worker threads. They are read straight into memory that those see,
 * too: to put 9 MB together at the end, and copy them there, takes 10 to 30 ms in which no other request is served.
 */
const SHARED_FROM_BYTES = 262_144;
/** A client that sends less than this in this time is too slow: it holds memory that others need. Bytes and ms. */
const PROGRESS_BYTES = 65_536;
const PROGRESS_MS = 20_000;

/** How a body is to be read. */
export interface BodyReading {
  /** Bytes that the request says it has; NaN when it does not say. */
  readonly length: number;
  /** Bytes at most. */
  readonly limit: number;
  /** Called with how many bytes have come, before they are kept; what it throws ends the reading. */
  readonly grown: (received: number) => void;
  /** The time in which a client must make progress, ms. */
  readonly progressMs?: number;
}

/**
 * Reads a request's body as the bytes that come. Rejects with 413 when it is longer than the limit, 400 when it is not
 * as long as it says or breaks off, 408 when it comes too slowly.
 */
export function readBody(payload: IncomingMessage, reading: BodyReading): Promise<Buffer> {
  const { length, limit, grown, progressMs = PROGRESS_MS } = reading;
  if (payload.destroyed) return Promise.reject(connectionLost());
  if (payload.complete && payload.readableFlowing === null)
    return new Promise((resolve) => resolve(readAtOnce(payload, reading)));
  const body = length > SHARED_FROM_BYTES ? new SharedBody(length) : new CollectedBody();
  return new Promise((resolve, reject) => {
    const stopWatching = watchProgress(body, progressMs, () => finish(tooSlow()));
    const finish = (error: Error | null) => {
      stopWatching();
      payload.off('data', take).off('end', end).off('error', fail).off('close', lost);
      if (error) reject(error);
      else resolve(body.bytes());
    };
    const take = (chunk: Buffer) => {
      const received = body.received + chunk.length;
      if (received > limit) return finish(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
      if (received > length) return finish(wrongLength());
      try {
        grown(received);
        body.add(chunk);
      } catch (error) {
        finish(error as Error);
      }
    };
    const end = () => finish(body.received < length ? wrongLength() : null);
    const fail = (error: Error) => finish(Object.assign(error, { statusCode: 400 }));
    const lost = () => finish(connectionLost());
    payload.on('data', take).on('end', end).on('error', fail).on('close', lost);
    payload.resume();
  });
}

/** A body that has come with its headers, as small ones do: there is nothing to wait for, or to watch. */
function readAtOnce(payload: IncomingMessage, { length, limit, grown }: BodyReading): Buffer {
  const bytes = (payload.read() as Buffer | null) ?? Buffer.alloc(0);
  if (bytes.length > limit) throw new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE();
  if (bytes.length !== length && !Number.isNaN(length)) throw wrongLength();
  grown(bytes.length);
  return bytes;
}

/** The client went away; what is answered reaches no one. */
export function connectionLost(): Error {
  return Object.assign(new Error('The connection was closed before the body was complete.'), {
    statusCode: 400,
  });
}

function watchProgress(body: { received: number }, ms: number, tooSlow: () => void): () => void {
  let before = 0;
  const timer = setInterval(() => {
    if (body.received - before < PROGRESS_BYTES) tooSlow();
    before = body.received;
  }, ms);
  return () => clearInterval(timer.unref());
}

function tooSlow(): Error {
  const sentence = `The body came too slowly (less than ${PROGRESS_BYTES / 1024} KiB in ${PROGRESS_MS / 1000} s).`;
  return new AppError('too_slow', 'body-too-slow', sentence);
}

function wrongLength(): Error {
  return new errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH();
}

/** A body of any length. */
class CollectedBody {
  received = 0;
  private readonly chunks: Buffer[] = [];

  add(chunk: Buffer): void {
    this.received += chunk.length;
    this.chunks.push(chunk);
  }

  bytes(): Buffer {
    const [first] = this.chunks;
    // Node has copied each chunk out of the socket's memory.
    return this.chunks.length === 1 && first ? first : Buffer.concat(this.chunks, this.received);
  }
}

/** A body whose length is known, in memory that worker threads share. */
class SharedBody {
  received = 0;
  private readonly whole: Buffer;

  constructor(length: number) {
    this.whole = allocateShared(length);
  }

  add(chunk: Buffer): void {
    this.whole.set(chunk, this.received);
    this.received += chunk.length;
  }

  bytes(): Buffer {
    return this.whole;
  }
}
