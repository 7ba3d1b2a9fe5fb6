import { Piscina } from 'piscina';
import { AppError } from '../errors/app-error';
import { FairQueue, type Waiting } from './fair-queue';
import { workerFile } from './worker-file';
import { Workers } from './workers';

/** Workers end after this time without a job, ms. */
const IDLE_MS = 30_000;

/** What a pool does its jobs with. */
export interface WorkerPoolOptions {
  /** For health and logs. */
  readonly name: string;
  /** The directory of the worker's source, and its file's name without extension. */
  readonly directory: string;
  readonly file: string;
  readonly threads: number;
  /** How many jobs may wait in all, and of one owner; more are refused at once. */
  readonly waiting: number;
  readonly waitingOfOwner?: number;
  /** One owner's jobs, and large jobs, that may run at the same time; all threads by default. */
  readonly share?: number;
  /** For a job's run, waiting not included, ms. */
  readonly timeLimitMs?: number;
  readonly resourceLimits?: {
    readonly maxOldGenerationSizeMb: number;
    readonly maxYoungGenerationSizeMb: number;
  };
}

/** One call of a worker's function. */
export interface WorkerJob {
  readonly task: string;
  /** What the function gets. If it has to be read, a function: it is called once a thread is free, so what waits holds no data. */
  readonly data: unknown;
  readonly transferList?: ArrayBuffer[];
  readonly owner?: string;
  readonly large?: boolean;
}

/** Why a pool did not do a job. `queue`: too many wait, `owner`: too many of the same owner wait. */
export type WorkerRefusal = 'queue' | 'owner' | 'time' | 'memory' | 'closed';

/** A job was refused, or ended before it was done. */
export class WorkerRefusedError extends Error {
  constructor(readonly reason: WorkerRefusal) {
    super(`A worker's job ended without an answer: ${reason}`);
    this.name = 'WorkerRefusedError';
  }
}

/** No worker thread could be started, or it ended by itself; the next job tries again. */
export class WorkerUnavailableError extends AppError {
  constructor(cause: unknown) {
    const sentence = 'No worker thread could do this at the moment; nothing was written. Try again shortly.';
    super('unavailable', 'worker-unavailable', sentence, { cause, retryAfter: 5 });
    this.name = 'WorkerUnavailableError';
  }
}

interface QueuedJob extends WorkerJob, Waiting {
  readonly owner: string;
  readonly large: boolean;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/**
 * Runs plain functions of a worker file in threads, which start with the first job and end after 30 s without one.
 *
 * Each thread is a pool of one of piscina, and our own queue is in front: with several threads to a pool piscina
 * can leave a job waiting behind a long one while it could start another thread. A job is only handed over when a
 * thread is free, so its time limit measures its run. Owners take turns (see `FairQueue`).
 *
 * A thread that can't start (a missing file while packages are installed, no descriptors left) or that ends by itself
 * rejects its job with `WorkerUnavailableError` and is reported to `Workers`; nothing of it ends the process.
 */
export class WorkerPool {
  private readonly queue: FairQueue<QueuedJob>;
  private readonly free: Lane[] = [];
  private readonly lanes: Lane[] = [];
  private readonly jobs = new Set<Promise<unknown>>();
  private closes = 0;

  constructor(
    private readonly options: WorkerPoolOptions,
    private readonly workers = new Workers(),
  ) {
    const { threads, waiting, waitingOfOwner = waiting, share = threads } = options;
    this.queue = new FairQueue({ running: threads, waiting, waitingOfOwner, share });
    for (let index = 0; index < threads; index++) this.lanes.push(new Lane(options));
    this.free.push(...this.lanes);
  }

  /**
   * The function's answer. Rejects with `WorkerRefusedError` when too many wait, after the time limit and out of
   * memory, with `WorkerUnavailableError` when there is no worker, and with what the function throws.
   */
  async run<Answer>(job: WorkerJob): Promise<Answer> {
    const { owner = '', large = false } = job;
    const admitted = this.queue.admits(owner);
    if (admitted !== 'yes') throw new WorkerRefusedError(admitted === 'full' ? 'queue' : 'owner');
    const answer = new Promise<unknown>((resolve, reject) => {
      this.queue.add({ ...job, owner, large, resolve, reject });
    });
    this.jobs.add(answer);
    this.startNext();
    try {
      return (await answer) as Answer;
    } finally {
      this.jobs.delete(answer);
    }
  }

  /** How many jobs wait for a thread. */
  get waiting(): number {
    return this.queue.waiting;
  }

  /** Lets all jobs end that were accepted. */
  async drained(): Promise<void> {
    await Promise.allSettled(this.jobs);
  }

  /** Ends the threads with what they are doing; all jobs reject. A job that comes later starts them again. */
  async close(): Promise<void> {
    this.closes += 1;
    for (const job of this.queue.clear()) job.reject(new WorkerRefusedError('closed'));
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }

  private startNext(): void {
    for (let lane = this.free.pop(); lane !== undefined; lane = this.free.pop()) {
      const job = this.queue.take();
      if (job === undefined) {
        this.free.push(lane);
        return;
      }
      void this.runIn(lane, job);
    }
  }

  private async runIn(lane: Lane, job: QueuedJob): Promise<void> {
    try {
      const closes = this.closes;
      const data: unknown = typeof job.data === 'function' ? await (job.data as () => unknown)() : job.data;
      if (closes !== this.closes) throw new WorkerRefusedError('closed');
      job.resolve(await this.work(lane, { ...job, data }));
    } catch (error) {
      job.reject(error);
    } finally {
      this.queue.done(job);
      this.free.push(lane);
      this.startNext();
    }
  }

  private async work(lane: Lane, job: WorkerJob): Promise<unknown> {
    const { name } = this.options;
    try {
      const answer = await lane.run(job);
      this.workers.worked(name);
      return answer;
    } catch (error) {
      if (error instanceof WorkerUnavailableError) this.workers.failed(name, codeOf(error.cause));
      throw error;
    }
  }
}

/** One thread. */
class Lane {
  private pool: Piscina | null = null;
  private closing = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: WorkerPoolOptions) {}

  async run({ task, data, transferList = [] }: WorkerJob): Promise<unknown> {
    const limit = new AbortController();
    const broken = brokenThread();
    this.closing = false;
    try {
      const pool = this.started();
      pool.once('error', broken.reject);
      const answer = pool.run(data, { name: task, transferList, signal: limit.signal });
      this.limitTime(pool, limit);
      return await Promise.race([answer, broken.promise]);
    } catch (error) {
      throw await this.failure(error, limit.signal);
    } finally {
      clearTimeout(this.timer);
      this.pool?.removeListener('error', broken.reject);
    }
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.discard();
  }

  private started(): Piscina {
    if (this.pool) return this.pool;
    const { directory, file, resourceLimits } = this.options;
    this.pool = new Piscina({
      filename: workerFile(directory, file),
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE_MS,
      ...(resourceLimits && { resourceLimits }),
    });
    // A thread may also fail while it idles; without a listener that would end the process.
    this.pool.on('error', () => undefined);
    return this.pool;
  }

  /** Starting a thread takes a tenth of a second, seconds on a busy machine: the time runs from then on. */
  private limitTime(pool: Piscina, limit: AbortController): void {
    const { timeLimitMs } = this.options;
    if (timeLimitMs === undefined) return;
    const start = (): void => void (this.timer = setTimeout(() => limit.abort(), timeLimitMs));
    if (pool.threads.length > 0) start();
    else pool.once('workerCreate', start);
  }

  private async failure(error: unknown, signal: AbortSignal): Promise<unknown> {
    if (this.closing) return new WorkerRefusedError('closed');
    if (signal.aborted) return new WorkerRefusedError('time');
    const code = codeOf(error);
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') return new WorkerRefusedError('memory');
    if (!isFailureOfThread(error, code)) return error;
    await this.discard();
    return new WorkerUnavailableError(error instanceof BrokenThreadError ? error.cause : error);
  }

  private async discard(): Promise<void> {
    const { pool } = this;
    this.pool = null;
    await pool?.destroy().catch(() => undefined);
  }
}

/** Not what the worker's function throws for what it was sent: the thread, its files or the system's means. */
function isFailureOfThread(error: unknown, code: string): boolean {
  if (error instanceof BrokenThreadError) return true;
  if (/^(?:E[A-Z]{3,}|ERR_WORKER_.*|(?:ERR_)?MODULE_NOT_FOUND|ERR_DLOPEN_FAILED)$/.test(code)) return true;
  return /worker exited with code|Terminating worker thread|is missing: run/.test(fieldOf(error, 'message'));
}

function codeOf(error: unknown): string {
  return fieldOf(error, 'code') || fieldOf(error, 'name') || 'unknown';
}

/** What crosses threads is not always an `Error` of this realm. */
function fieldOf(error: unknown, name: 'code' | 'name' | 'message'): string {
  if (typeof error !== 'object' || error === null) return '';
  const value = (error as Partial<Record<typeof name, unknown>>)[name];
  return typeof value === 'string' ? value : '';
}

/** A thread failed outside a job, mostly at its start; its job waits in piscina without an end. */
class BrokenThreadError extends Error {}

function brokenThread(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, refuse) => {
    reject = (cause) => refuse(new BrokenThreadError('The thread failed', { cause }));
  });
  return { promise, reject };
}
