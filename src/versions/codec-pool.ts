import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { AppError } from '../platform/errors/app-error';
import { type BufferGarbage } from '../platform/memory/buffer-garbage';
import { WorkerPool, WorkerRefusedError, type WorkerJob } from '../platform/workers/worker-pool';
import { countShared } from '../platform/workers/shared-bytes';
import { type Workers } from '../platform/workers/workers';
import * as codec from './domain/codec';
import { CorruptVersionError } from './domain/corrupt-version.error';
import type { DecodeJob, EncodeAgainJob, EncodeJob, Fault, PackedRow, RebaseJob } from './codec.worker';
import type { EncodedFrame, RebasedFrame, StoredVersion } from './domain/codec';

const KIB = 1024;
/**
 * Base + document: encoded quickly in 0.3 to 0.5 ms. Sending them to a worker costs this thread half of that, and a
 * third of the writes per second when the cores are busy (`npm run bench -- --only http`, PUT of 100 KB).
 */
const ENCODE_INLINE_BYTES = 256 * KIB;
/** The same for a strong or tight encoding, which takes about 20 times as long. */
const ENCODE_AGAIN_INLINE_BYTES = 8 * KIB;
/**
 * All documents of a chain together: decoded in at most 4 ms. In a worker the median is the same, but one in a
 * hundred waits 15 ms for a core.
 */
const DECODE_INLINE_BYTES = 64 * 1024 * KIB;
/** Allocating memory for a larger document alone takes milliseconds. */
const DECODED_INLINE_BYTES = 1024 * KIB;
const HASH_INLINE_BYTES = 1024 * KIB;
const HEAD_INLINE_BYTES = 256 * KIB;
const THREADS = 2;
const QUEUE_MAX = 256;
/** Of one user, so that others find room: their jobs take turns with this user's. */
const QUEUE_OF_OWNER_MAX = 64;
const RETRY_SECONDS = 2;
/** Jobs of the service itself. */
const SERVICE = '';

/** Too many large documents wait for a worker. Nothing was done; a retry may succeed. */
export class CodecBusyError extends AppError {
  constructor() {
    const sentence =
      'Too many large graphs are being written or read. Nothing was written. Try again shortly.';
    super('unavailable', 'codec-busy', sentence, { retryAfter: RETRY_SECONDS });
    this.name = 'CodecBusyError';
  }
}

function tooMany(): AppError {
  const sentence = `Too many of your large graphs are being written or read; nothing was written. Try again in ${RETRY_SECONDS} s, with fewer at once.`;
  return new AppError('too_many', 'too-many-large-graphs', sentence, { retryAfter: RETRY_SECONDS });
}

/**
 * The codec for callers that must not block. Small jobs run at once on the calling thread, large ones in at most two
 * worker threads, which start with the first large job and end after 30 s without one. `owner`, a user's id, takes turns with
 * other owners.
 *
 * Memory: at most two jobs run. Each needs zstd's tables (about 4 times the document at ingest) and a copy of data
 * outside shared memory. The up to 256 queued jobs hold only the caller's buffers, which the caller must not change
 * before the result. Frames to decode are packed into one buffer, which is transferred; a decoded document is
 * returned in shared memory. Request bodies are in shared memory too, so large documents cross threads without a copy.
 *
 * Every method rejects with `CodecBusyError` if too many jobs are queued, with 429 if too many of their owner are, and with `WorkerUnavailableError` if no
 * thread can be started.
 */
export class CodecPool {
  private readonly pool: WorkerPool;
  private readonly jobs = new Set<Promise<unknown>>();
  private readonly turns = new Map<string, Promise<void>>();

  constructor(
    workers?: Workers,
    private readonly garbage?: BufferGarbage,
  ) {
    const where = { name: 'codec', directory: __dirname, file: 'codec.worker' };
    const limits = { waiting: QUEUE_MAX, waitingOfOwner: QUEUE_OF_OWNER_MAX };
    this.pool = new WorkerPool({ ...where, ...limits, threads: THREADS }, workers);
  }

  /**
   * `encode` of the codec. While other jobs wait for a worker it uses `encodeQuickly`: under load some frames are
   * larger, and repacking compensates later.
   */
  async encode(
    bytes: Uint8Array,
    base: Uint8Array | null,
    worth = 1,
    owner = SERVICE,
  ): Promise<EncodedFrame> {
    const quickly = this.waiting > 0;
    if (total(bytes, base) > ENCODE_INLINE_BYTES)
      return this.encodeAside({ bytes, base, worth, quickly }, owner);
    const quick = codec.encodeQuickly(bytes, base, worth);
    if (quickly || !codec.isWorthMore(quick, bytes)) return quick;
    const under = quick.patched ? base : null;
    const frame = await this.encodeAgain(
      { bytes, base: under, currentBytes: quick.frame.byteLength, effort: 'strong' },
      owner,
    );
    return frame ? { ...quick, frame } : quick;
  }

  /** `rebase` of the codec: repacks a stored version on the best of several bases, the first of which is its own. */
  async rebase(
    bytes: Uint8Array,
    bases: readonly (Uint8Array | null)[],
    currentBytes: number,
  ): Promise<RebasedFrame | null> {
    const work = bases.reduce((sum, base) => sum + total(bytes, base), 0);
    if (work <= ENCODE_AGAIN_INLINE_BYTES) return codec.rebase(bytes, bases, currentBytes);
    const job: RebaseJob = { bytes, bases, currentBytes };
    const rebased = await this.run<{ base: number; frame: Uint8Array } | null>('rebase', job, SERVICE);
    return rebased && { base: rebased.base, frame: asBuffer(rebased.frame) };
  }

  /** `encodeHead` of the codec. */
  async encodeHead(bytes: Uint8Array, owner = SERVICE): Promise<Buffer> {
    if (bytes.byteLength <= HEAD_INLINE_BYTES) return codec.encodeHead(bytes);
    return asBuffer(await this.run<Uint8Array>('encodeHead', bytes, owner));
  }

  /** `decodeHead` of the codec. Rejects with `CorruptVersionError`. */
  async decodeHead(head: Omit<StoredVersion, 'base'>, owner = SERVICE): Promise<Buffer> {
    if (head.bytes <= HEAD_INLINE_BYTES) return codec.decodeHead(head);
    return answered(await this.run<Uint8Array | Fault>('decodeHead', head, owner));
  }

  /** `decodeChain` of the codec. Rejects with `CorruptVersionError`. */
  async decodeChain(rows: readonly StoredVersion[], version: number, owner = SERVICE): Promise<Buffer> {
    this.garbage?.count(buffersOf(rows));
    const work = rows.reduce((sum, row) => sum + row.bytes, 0);
    const small = rows.every((row) => row.bytes <= DECODED_INLINE_BYTES);
    if (small && work <= DECODE_INLINE_BYTES) return codec.decodeChain(rows, version);
    const job = packed(rows, version);
    return answered(await this.run<Uint8Array | Fault>('decodeChain', job, owner, [job.frames.buffer]));
  }

  /** SHA-256 of a document, 32 bytes. */
  async sha256(bytes: Uint8Array, owner = SERVICE): Promise<Buffer> {
    if (bytes.byteLength <= HASH_INLINE_BYTES) return codec.sha256(bytes);
    return asBuffer(await this.run<Uint8Array>('sha256', bytes, owner));
  }

  /** Waits for running and queued jobs, then stops the workers. A later call starts them again. */
  async close(): Promise<void> {
    await Promise.allSettled(this.jobs);
    await this.pool.close();
  }

  private async encodeAside(job: EncodeJob, owner: string): Promise<EncodedFrame> {
    const { frame, patched } = await this.run<{ frame: Uint8Array; patched: boolean }>('encode', job, owner);
    return { frame: asBuffer(frame), patched };
  }

  private async encodeAgain(job: EncodeAgainJob, owner: string): Promise<Buffer | null> {
    const { bytes, base, currentBytes, effort } = job;
    if (total(bytes, base) <= ENCODE_AGAIN_INLINE_BYTES)
      return codec.encodeAgain(bytes, base, currentBytes, effort);
    const frame = await this.run<Uint8Array | null>('encodeAgain', job, owner);
    return frame && asBuffer(frame);
  }

  private get waiting(): number {
    return Math.max(0, this.jobs.size - THREADS);
  }

  private async run<Answer>(
    name: string,
    job: unknown,
    owner: string,
    transferList: ArrayBuffer[] = [],
  ): Promise<Answer> {
    if (this.waiting >= QUEUE_MAX) throw new CodecBusyError();
    const answer = this.send({ task: name, data: job, owner, transferList });
    this.jobs.add(answer);
    try {
      return (await answer) as Answer;
    } catch (error) {
      if (!(error instanceof WorkerRefusedError)) throw error;
      throw error.reason === 'owner' ? tooMany() : new CodecBusyError();
    } finally {
      this.jobs.delete(answer);
    }
  }

  private async send(job: WorkerJob & { owner: string }): Promise<unknown> {
    // Copying two documents of 9 MB takes about 10 ms: one job of an owner per turn of the event loop, so that others run.
    const { owner } = job;
    const turn = this.turns.get(owner) ?? Promise.resolve();
    const next = turn.then(() => yieldToEventLoop());
    this.turns.set(owner, next);
    await turn;
    void next.then(() => this.turns.get(owner) === next && this.turns.delete(owner));
    return this.pool.run(job);
  }
}

/** What reading a chain leaves, bytes: the frames, sealed and opened, and up to three documents. */
function buffersOf(rows: readonly StoredVersion[]): number {
  const frames = rows.reduce((sum, { frame }) => sum + frame.byteLength, 0);
  return 2 * frames + 3 * Math.max(0, ...rows.map(({ bytes }) => bytes));
}

function packed(
  rows: readonly StoredVersion[],
  version: number,
): DecodeJob & { frames: Uint8Array<ArrayBuffer> } {
  const frames = new Uint8Array(rows.reduce((sum, { frame }) => sum + frame.byteLength, 0));
  let start = 0;
  const withoutFrames = rows.map(({ frame, ...row }): PackedRow => {
    frames.set(frame, start);
    const end = start + frame.byteLength;
    const placed = { ...row, start, end };
    start = end;
    return placed;
  });
  return { rows: withoutFrames, frames, version };
}

function answered(answer: Uint8Array | Fault): Buffer {
  if ('reason' in answer) throw new CorruptVersionError(answer.version, answer.at, answer.reason);
  return asBuffer(countShared(answer));
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function total(bytes: Uint8Array, base: Uint8Array | null): number {
  return bytes.byteLength + (base?.byteLength ?? 0);
}
