import { WorkerPool, WorkerRefusedError, type WorkerJob } from '../platform/workers/worker-pool';
import { type Workers } from '../platform/workers/workers';
import type { RevertParts } from './edit/revert-version';
import type { RestoreParts, WorkerEdit, WorkerRefusal } from './edit/worker-edit';
import type { TextOptions } from './text/diff-text';

const TIME_LIMIT_MS = 10_000;
const THREADS = 2;

/** How many jobs wait at most, and of one user. */
const QUEUE_MAX = 64;
const QUEUE_MAX_OF_USER = 16;

/**
 * One user's jobs, and jobs of documents larger than this together, take at most one of the two threads at a time: a
 * small difference never waits for the large ones of somebody else.
 */
const SHARE = 1;
const LARGE_BYTES = 1024 * 1024;

/** Enough for two configs of 16 MiB (MAX_BODY_BYTES); a worker that needs more ends alone. */
const WORKER_MEMORY_MB = 1_536;

/** Most objects live as long as the job: a small young generation would copy them over and over. */
const YOUNG_MEMORY_MB = 96;

/** Why no difference or picture was made. `owner`: too many of the same user wait. */
export type DiffRefusal = 'time' | 'memory' | 'queue' | 'owner';

const REASONS: Readonly<Record<DiffRefusal, string>> = {
  time: 'It took too long',
  memory: 'It needed more memory than a worker has',
  queue: 'Too many others wait',
  owner: 'Too many of yours wait',
};

/** A config that is read when its job's turn has come: what waits holds no document. `bytes` as the version's row says. */
export interface UnreadConfig {
  readonly bytes: number;
  read(): Promise<Uint8Array>;
}

type ConfigInput = Uint8Array | UnreadConfig;

/** A config after an edit with what is to be said about it (JSON text), or why there is none. */
export type EditAnswer = { config: Buffer; report: Buffer } | WorkerRefusal;

/** No difference or picture was made; but for `memory`, the same may succeed later. */
export class DiffRefusedError extends Error {
  constructor(readonly reason: DiffRefusal) {
    super(`${REASONS[reason]}: no difference was made`);
    this.name = 'DiffRefusedError';
  }
}

/**
 * Differences and pictures, made in at most two worker threads. Never on the calling thread: a difference of 16 KB can
 * take 180 ms, and the code reads what strangers wrote. Users (`owner`) take turns. What is sent is copied unless it
 * lies in shared memory, so callers keep their buffers. Every method rejects with DiffRefusedError at once when too
 * many wait, after the time limit (10 s of work by default, waiting not included) and out of memory, with
 * WorkerUnavailableError when no thread can be started, and with SyntaxError when a config is not JSON. Close it to
 * stop the threads.
 */
export class DiffPool {
  private readonly pool: WorkerPool;

  constructor(workers?: Workers, timeLimitMs = TIME_LIMIT_MS) {
    const options = {
      name: 'diff',
      directory: __dirname,
      file: 'diff.worker',
      threads: THREADS,
      waiting: QUEUE_MAX,
      waitingOfOwner: QUEUE_MAX_OF_USER,
      share: SHARE,
      timeLimitMs,
      resourceLimits: { maxOldGenerationSizeMb: WORKER_MEMORY_MB, maxYoungGenerationSizeMb: YOUNG_MEMORY_MB },
    };
    this.pool = new WorkerPool(options, workers);
  }

  /**
   * JSON text of a ConfigDiff: an object, so that members can be put in front of it. `withBefore`: with each changed
   * node as it was.
   */
  diff(owner: string, from: ConfigInput, to: ConfigInput, withBefore = false): Promise<Buffer> {
    return this.run('diff', owner, { from, to }, { withBefore });
  }

  /** What changed as a person reads it. */
  describe(owner: string, from: ConfigInput, to: ConfigInput, options: TextOptions): Promise<Buffer> {
    return this.run('describe', owner, { from, to }, { options });
  }

  /** JSON text of the dialect and the counts of a ConfigDiff. */
  summarize(owner: string, from: ConfigInput, to: ConfigInput): Promise<Buffer> {
    return this.run('summarize', owner, { from, to });
  }

  /** SVG text of what changed; `bare`: without the legend. */
  drawDiff(owner: string, from: ConfigInput, to: ConfigInput, bare = false): Promise<Buffer> {
    return this.run('drawDiff', owner, { from, to }, { bare });
  }

  /** SVG text of one version; `bare`: without the legend. */
  drawGraph(owner: string, config: ConfigInput, bare = false): Promise<Buffer> {
    return this.run('drawGraph', owner, { config }, { bare });
  }

  /** Brings nodes of an older config into a present one. */
  restoreNodes(owner: string, parts: RestoreParts): Promise<EditAnswer> {
    return this.edit('restoreNodes', owner, parts, parts.from.byteLength + parts.into.byteLength);
  }

  /** Takes back what one version changed in a present config. */
  revertVersion(owner: string, parts: RevertParts): Promise<EditAnswer> {
    const { before, after, present } = parts;
    const bytes = before.byteLength + after.byteLength + present.byteLength;
    return this.edit('revertVersion', owner, parts, bytes);
  }

  /** Ends the workers, with what they are doing; waiting jobs reject. */
  close(): Promise<void> {
    return this.pool.close();
  }

  private async edit(task: string, owner: string, data: object, bytes: number): Promise<EditAnswer> {
    const answer = await this.answer<WorkerEdit>({ task, data, owner, large: bytes > LARGE_BYTES });
    if ('refused' in answer) return answer;
    return { config: bufferOf(answer.config), report: bufferOf(answer.report) };
  }

  private async run(
    task: string,
    owner: string,
    configs: Record<string, ConfigInput>,
    options: object = {},
  ): Promise<Buffer> {
    const bytes = Object.values(configs).reduce((sum, config) => sum + bytesOf(config), 0);
    const data = async () => ({ ...(await readAll(configs)), ...options });
    return bufferOf(await this.answer<Uint8Array>({ task, data, owner, large: bytes > LARGE_BYTES }));
  }

  private async answer<Answer>(job: WorkerJob): Promise<Answer> {
    try {
      return await this.pool.run<Answer>(job);
    } catch (error) {
      throw error instanceof WorkerRefusedError ? refusalOf(error) : error;
    }
  }
}

function bytesOf(config: ConfigInput): number {
  return config instanceof Uint8Array ? config.byteLength : config.bytes;
}

async function readAll(configs: Record<string, ConfigInput>): Promise<Record<string, Uint8Array>> {
  const read: Array<[string, Uint8Array]> = [];
  for (const [name, config] of Object.entries(configs))
    read.push([name, config instanceof Uint8Array ? config : await config.read()]);
  return Object.fromEntries(read);
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function refusalOf({ reason }: WorkerRefusedError): DiffRefusedError {
  return new DiffRefusedError(reason === 'closed' ? 'queue' : reason);
}
