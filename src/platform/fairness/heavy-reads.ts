import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { yieldToEventLoop } from '../async/yield-to-event-loop';
import { AppConfig } from '../config/app-config';
import { AppError } from '../errors/app-error';
import { FairQueue, type Waiting } from '../workers/fair-queue';
import { RequestsInProgress } from './requests-in-progress';

/** Heavy reads that may wait, in all and of one user. */
const WAITING_MAX = 512;
const WAITING_OF_USER_MAX = 32;
/** Answers in parts that one user may receive at the same time: lists with configs and previews, and exports. */
const STREAMS_OF_USER_MAX = { lists: 16, exports: 2 };
/**
 * SQLite's reads run on the thread that answers every request; PostgreSQL's on its server. A user has one at a time: with
 * two, those of others took twice as long, and the user got no more answers.
 */
const RUNNING = { sqlite: { running: 1, share: 1 }, postgres: { running: 4, share: 1 } };
const RETRY_SECONDS = 2;

/** A list that skips so many items or more is a heavy read: it takes a millisecond or more. */
export const DEEP_SKIP = 1_000;

/**
 * How long the parts of an answer may follow each other within one turn, ms. A small part takes a twentieth of that,
 * and on a busy service a turn of the event loop takes many times as long.
 */
const SLICE_MS = 2;

/**
 * How long a heavy read lets requests of users without heavy reads go first, ms; a PUT of 10 KB takes three. Where such
 * requests never end, a quarter of the time is left: with a tenth (10 and 1 ms), exports took up to 9 s.
 */
const WAY_MS = 6;

interface Job extends Waiting {
  readonly start: () => void;
}

/** A turn that may take another part of the same user until the event loop goes on. */
interface Slice {
  readonly job: Job;
  readonly began: number;
  idle?: NodeJS.Immediate;
}

/**
 * Reads that take long: searches, deep lists, lists with configs, the audit log. Users take turns, one read each, and
 * everything else in the process gets a turn between two of them. Each waits a little until requests of users without heavy
 * reads are answered, so one user's heavy reads slow only that user.
 */
@Injectable()
export class HeavyReads {
  private readonly queue: FairQueue<Job>;
  private readonly streams = new Map<string, number>();
  /** Never more than jobs that run. No map, see `InFlight`. */
  private readonly slices: Slice[] = [];

  constructor(
    config: AppConfig,
    private readonly requests: RequestsInProgress,
  ) {
    const limits = { waiting: WAITING_MAX, waitingOfOwner: WAITING_OF_USER_MAX };
    this.queue = new FairQueue({ ...limits, ...RUNNING[config.database.kind] });
  }

  /** Runs `read` when its user's turn comes. Throws 429 when the user has too many waiting, 503 when all users have. */
  async run<T>(userId: string, read: () => Promise<T>): Promise<T> {
    const admitted = this.queue.admits(userId);
    if (admitted !== 'yes') throw admitted === 'owner' ? tooMany() : busy();
    const job = await this.turn(userId);
    await this.giveWay(userId);
    try {
      return await read();
    } finally {
      // The read's own answer first, then other requests, then the next heavy read.
      void yieldToEventLoop().then(() => this.end(job));
    }
  }

  /** Runs a part of an answer that has begun, which cannot be refused any more. Small parts share a turn. */
  async inTurn<T>(userId: string, read: () => Promise<T>): Promise<T> {
    const slice = this.takeSlice(userId) ?? (await this.newSlice(userId));
    try {
      return await read();
    } finally {
      slice.idle = setImmediate(() => this.endSlice(slice));
      const isOpen = performance.now() - slice.began < SLICE_MS && !this.slices.some(isOf(userId));
      if (isOpen) this.slices.push(slice);
    }
  }

  /** Counts an answer that is sent part by part; returns what ends it. Throws 429 when the user has too many. */
  beginStream(userId: string, what: keyof typeof STREAMS_OF_USER_MAX = 'lists'): () => void {
    const key = `${what} ${userId}`;
    const count = this.streams.get(key) ?? 0;
    if (count >= STREAMS_OF_USER_MAX[what]) throw what === 'lists' ? tooMany() : tooManyExports();
    this.streams.set(key, count + 1);
    return () => {
      const left = (this.streams.get(key) ?? 1) - 1;
      if (left > 0) this.streams.set(key, left);
      else this.streams.delete(key);
    };
  }

  private takeSlice(userId: string): Slice | undefined {
    const slice = this.slices.find(isOf(userId));
    if (slice === undefined) return undefined;
    remove(this.slices, slice);
    clearImmediate(slice.idle);
    return slice;
  }

  private async newSlice(userId: string): Promise<Slice> {
    const job = await this.turn(userId);
    await this.giveWay(userId);
    return { job, began: performance.now() };
  }

  /** Lets requests of users without heavy reads go first, which need several turns of the event loop each. */
  private giveWay(userId: string): Promise<void> {
    const goesFirst = (id: string) => id !== userId && !this.queue.holds(id);
    return this.requests.othersDone(goesFirst, WAY_MS);
  }

  private endSlice(slice: Slice): void {
    remove(this.slices, slice);
    this.end(slice.job);
  }

  private turn(owner: string): Promise<Job> {
    return new Promise((resolve) => {
      const job: Job = { owner, large: false, start: () => resolve(job) };
      this.queue.add(job);
      this.startNext();
    });
  }

  private end(job: Job): void {
    this.queue.done(job);
    this.startNext();
  }

  private startNext(): void {
    for (let job = this.queue.take(); job; job = this.queue.take()) job.start();
  }
}

function isOf(userId: string): (slice: Slice) => boolean {
  return ({ job }) => job.owner === userId;
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

function tooMany(): AppError {
  const sentence = `Too many of your searches and lists are in progress. Try again in ${RETRY_SECONDS} s, with fewer at once.`;
  return new AppError('too_many', 'too-many-reads', sentence, { retryAfter: RETRY_SECONDS });
}

function tooManyExports(): AppError {
  const sentence = 'Too many of your exports are in progress. Wait until one of them ends, then try again.';
  return new AppError('too_many', 'too-many-exports', sentence, { retryAfter: RETRY_SECONDS });
}

function busy(): AppError {
  const sentence = 'Too many searches and lists are in progress at the moment. Try again shortly.';
  return new AppError('unavailable', 'reads-busy', sentence, { retryAfter: RETRY_SECONDS });
}
