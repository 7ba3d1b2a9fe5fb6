import { Piscina } from 'piscina';
import { workerFile } from '../platform/workers/worker-file';
import type { Sides } from './diff.worker';

const TIME_LIMIT_MS = 10_000;
const THREADS = 2;
const IDLE_MS = 30_000;
const QUEUE_MAX = 64;

/** Enough for two configs of 16 MiB (MAX_BODY_BYTES); a worker that needs more ends alone. */
const WORKER_MEMORY_MB = 1_536;

/** Most objects live as long as the job: a small young generation would copy them over and over. */
const YOUNG_MEMORY_MB = 96;

/** Why no difference or picture was made. */
export type DiffRefusal = 'time' | 'memory' | 'queue';

const REASONS: Readonly<Record<DiffRefusal, string>> = {
  time: 'It took too long, waiting included',
  memory: 'It needed more memory than a worker has',
  queue: 'Too many others wait',
};

/** No difference or picture was made; after `queue`, and often after `time`, the same may succeed later. */
export class DiffRefusedError extends Error {
  constructor(readonly reason: DiffRefusal) {
    super(`${REASONS[reason]}: no difference was made`);
    this.name = 'DiffRefusedError';
  }
}

/**
 * Differences and pictures, made in at most two worker threads, which start with the first job and end after 30 s
 * without one. Never on the calling thread: a difference of 16 KB can take 180 ms, and the code reads what strangers
 * wrote.
 * What is sent is copied, so callers keep their buffers. Every method rejects with DiffRefusedError after the
 * time limit (10 s by default), out of memory, or when too many wait, and with SyntaxError when a config is not
 * JSON. Close it to stop the workers.
 */
export class DiffPool {
  private pool: Piscina | null = null;

  constructor(private readonly timeLimitMs = TIME_LIMIT_MS) {}

  /** JSON text of a ConfigDiff: an object, so that members can be put in front of it. */
  async diff(from: Uint8Array, to: Uint8Array): Promise<Buffer> {
    return this.run('diff', { from, to });
  }

  /** SVG text of what changed. */
  async drawDiff(from: Uint8Array, to: Uint8Array): Promise<Buffer> {
    return this.run('drawDiff', { from, to });
  }

  /** SVG text of one version. */
  async drawGraph(config: Uint8Array): Promise<Buffer> {
    return this.run('drawGraph', config);
  }

  /** Ends the workers, with what they are doing; waiting jobs reject. */
  async close(): Promise<void> {
    const { pool } = this;
    this.pool = null;
    await pool?.destroy();
  }

  private async run(name: 'diff' | 'drawDiff' | 'drawGraph', job: Sides | Uint8Array): Promise<Buffer> {
    this.pool ??= new Piscina({
      filename: workerFile(__dirname, 'diff.worker'),
      minThreads: 0,
      maxThreads: THREADS,
      idleTimeout: IDLE_MS,
      maxQueue: QUEUE_MAX + 1,
      resourceLimits: { maxOldGenerationSizeMb: WORKER_MEMORY_MB, maxYoungGenerationSizeMb: YOUNG_MEMORY_MB },
    });
    if (this.pool.queueSize >= QUEUE_MAX) throw new DiffRefusedError('queue');
    const signal = AbortSignal.timeout(this.timeLimitMs);
    try {
      return asBuffer((await this.pool.run(job, { name, signal })) as Uint8Array);
    } catch (error) {
      throw refusalOf(error, signal) ?? error;
    }
  }
}

function refusalOf(error: unknown, signal: AbortSignal): DiffRefusedError | undefined {
  if (signal.aborted) return new DiffRefusedError('time');
  const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return outOfMemory ? new DiffRefusedError('memory') : undefined;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
