import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { Piscina } from 'piscina';
import * as codec from './domain/codec';
import { CorruptVersionError } from './domain/corrupt-version.error';
import type { DecodeJob, EncodeJob, Fault, PackedRow, RepackJob } from './codec.worker';
import type { EncodedFrame, StoredVersion } from './domain/codec';

const KIB = 1024;
/** Base + document of an encoding that blocks for less than sending it away does: half a millisecond. */
const ENCODE_INLINE_BYTES = 192 * KIB;
/** The same at `tight`, which takes some 20 times as long. */
const REPACK_INLINE_BYTES = 8 * KIB;
/** All documents of a chain, decoded inline in under a millisecond. */
const DECODE_INLINE_BYTES = 1024 * KIB;
const HASH_INLINE_BYTES = 1024 * KIB;
const HEAD_INLINE_BYTES = 256 * KIB;
const THREADS = 2;
const IDLE_MS = 30_000;
const QUEUE_MAX = 256;

/** Too many large documents wait for a worker; nothing was done, the same call may succeed later. */
export class CodecBusyError extends Error {
  constructor() {
    super(`More than ${QUEUE_MAX} large documents wait to be encoded or decoded`);
    this.name = 'CodecBusyError';
  }
}

/**
 * The codec for callers who must not block: small jobs run at once on the calling thread, large ones in at most
 * two worker threads, which start with the first large job and end after 30 s without one.
 *
 * Memory: at most two jobs run, each taking a copy of what it is sent plus zstd's tables (about 4 times the
 * document at ingest); the up to 256 that wait hold only the caller's own buffers. Documents and bases are copied to the
 * worker when it takes the job, so the caller keeps its buffers and must not change them before the answer;
 * frames to decode are packed into one buffer, which is transferred; a decoded document comes back transferred,
 * not copied. The copy is all that the calling thread does for a large document: some 3 ms for 9 MB.
 *
 * Every method rejects with `CodecBusyError` when too many wait.
 */
export class CodecPool {
  private pool: Piscina | null = null;

  /** `encode` of the codec. */
  async encode(
    bytes: Uint8Array,
    base: Uint8Array | null,
    effort: EncodeJob['effort'] = 'ingest',
  ): Promise<EncodedFrame> {
    const limit = effort === 'tight' ? REPACK_INLINE_BYTES : ENCODE_INLINE_BYTES;
    if (total(bytes, base) <= limit) return codec.encode(bytes, base);
    const job: EncodeJob = { bytes, base, effort };
    const { frame, patched } = await this.run<{ frame: Uint8Array; patched: boolean }>('encode', job);
    return { frame: asBuffer(frame), patched };
  }

  /** `repack` of the codec: null when the new frame would not be smaller. */
  async repack(bytes: Uint8Array, base: Uint8Array | null, currentBytes: number): Promise<Buffer | null> {
    if (total(bytes, base) <= REPACK_INLINE_BYTES) return codec.repack(bytes, base, currentBytes);
    const job: RepackJob = { bytes, base, currentBytes };
    const frame = await this.run<Uint8Array | null>('repack', job);
    return frame && asBuffer(frame);
  }

  /** `encodeHead` of the codec. */
  async encodeHead(bytes: Uint8Array): Promise<Buffer> {
    if (bytes.byteLength <= HEAD_INLINE_BYTES) return codec.encodeHead(bytes);
    return asBuffer(await this.run<Uint8Array>('encodeHead', bytes));
  }

  /** `decodeHead` of the codec. Rejects with `CorruptVersionError`. */
  async decodeHead(head: Omit<StoredVersion, 'base'>): Promise<Buffer> {
    if (head.bytes <= DECODE_INLINE_BYTES) return codec.decodeHead(head);
    return answered(await this.run<Uint8Array | Fault>('decodeHead', head));
  }

  /** `decodeChain` of the codec. Rejects with `CorruptVersionError`. */
  async decodeChain(rows: readonly StoredVersion[], version: number): Promise<Buffer> {
    const work = rows.reduce((sum, row) => sum + row.bytes, 0);
    if (work <= DECODE_INLINE_BYTES) return codec.decodeChain(rows, version);
    const job = packed(rows, version);
    return answered(await this.run<Uint8Array | Fault>('decodeChain', job, [job.frames.buffer]));
  }

  /** SHA-256 of a document, 32 bytes. */
  async sha256(bytes: Uint8Array): Promise<Buffer> {
    if (bytes.byteLength <= HASH_INLINE_BYTES) return codec.sha256(bytes);
    return asBuffer(await this.run<Uint8Array>('sha256', bytes));
  }

  /** Lets running and waiting jobs end, then stops the workers. */
  async close(): Promise<void> {
    const pool = this.pool;
    this.pool = null;
    await pool?.close();
  }

  private async run<Answer>(name: string, job: unknown, transferList: ArrayBuffer[] = []): Promise<Answer> {
    this.pool ??= new Piscina({
      filename: workerFile(),
      minThreads: 0,
      maxThreads: THREADS,
      idleTimeout: IDLE_MS,
      maxQueue: QUEUE_MAX + 1,
    });
    if (this.pool.queueSize >= QUEUE_MAX) throw new CodecBusyError();
    return (await this.pool.run(job, { name, transferList })) as Answer;
  }
}

/** The compiled worker, also when this file runs as TypeScript (tests, benchmarks). */
function workerFile(): string {
  const folder = dirname(__filename);
  const source = `${sep}src${sep}`;
  const at = folder.lastIndexOf(source);
  const compiled =
    __filename.endsWith('.ts') && at >= 0
      ? `${folder.slice(0, at)}${sep}dist${sep}${folder.slice(at + source.length)}`
      : folder;
  const file = join(compiled, 'codec.worker.js');
  if (!existsSync(file)) throw new Error(`${file} is missing: run "npm run build" first`);
  return file;
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
  if (answer instanceof Uint8Array) return asBuffer(answer);
  throw new CorruptVersionError(answer.version, answer.at, answer.reason);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function total(bytes: Uint8Array, base: Uint8Array | null): number {
  return bytes.byteLength + (base?.byteLength ?? 0);
}
