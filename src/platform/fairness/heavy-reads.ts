import { Injectable } from '@nestjs/common';
import { yieldToEventLoop } from '../async/yield-to-event-loop';
import { AppConfig } from '../config/app-config';
import { AppError } from '../errors/app-error';
import { FairQueue, type Waiting } from '../workers/fair-queue';

/** Heavy reads that may wait, in all and of one user. */
const WAITING_MAX = 512;
const WAITING_OF_USER_MAX = 32;
/** Answers with configs that one user may receive at the same time. */
const STREAMS_OF_USER_MAX = 16;
/** SQLite's reads run on the thread that answers every request; PostgreSQL's on its server. */
const RUNNING = { sqlite: { running: 1, share: 1 }, postgres: { running: 4, share: 2 } };
const RETRY_SECONDS = 2;

/** A list that skips so many items or more is a heavy read: it takes a millisecond or more. */
export const DEEP_SKIP = 1_000;

interface Job extends Waiting {
  readonly start: () => void;
}

/**
 * Reads that take long: searches, deep lists, lists with configs, the audit log. Users take turns, one read each, and
 * everything else in the process gets a turn between two of them, so one user's heavy reads slow only that user.
 */
@Injectable()
export class HeavyReads {
  private readonly queue: FairQueue<Job>;
  private readonly streams = new Map<string, number>();

  constructor(config: AppConfig) {
    const limits = { waiting: WAITING_MAX, waitingOfOwner: WAITING_OF_USER_MAX };
    this.queue = new FairQueue({ ...limits, ...RUNNING[config.database.kind] });
  }

  /** Runs `read` when its user's turn comes. Throws 429 when the user has too many waiting, 503 when all users have. */
  async run<T>(userId: string, read: () => Promise<T>): Promise<T> {
    const admitted = this.queue.admits(userId);
    if (admitted !== 'yes') throw admitted === 'owner' ? tooMany() : busy();
    return this.inTurn(userId, read);
  }

  /** Runs a part of an answer that has begun, which cannot be refused any more. */
  async inTurn<T>(userId: string, read: () => Promise<T>): Promise<T> {
    const job = await this.turn(userId);
    try {
      return await read();
    } finally {
      // The read's own answer first, then other requests, then the next heavy read.
      void yieldToEventLoop().then(() => this.end(job));
    }
  }

  /** Counts an answer that is sent part by part; returns what ends it. Throws 429 when the user has too many. */
  beginStream(userId: string): () => void {
    const count = this.streams.get(userId) ?? 0;
    if (count >= STREAMS_OF_USER_MAX) throw tooMany();
    this.streams.set(userId, count + 1);
    return () => {
      const left = (this.streams.get(userId) ?? 1) - 1;
      if (left > 0) this.streams.set(userId, left);
      else this.streams.delete(userId);
    };
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

function tooMany(): AppError {
  const sentence = `Too many of your searches and lists are in progress. Try again in ${RETRY_SECONDS} s, with fewer at once.`;
  return new AppError('too_many', 'too-many-reads', sentence, { retryAfter: RETRY_SECONDS });
}

function busy(): AppError {
  const sentence = 'Too many searches and lists are in progress at the moment. Try again shortly.';
  return new AppError('unavailable', 'reads-busy', sentence, { retryAfter: RETRY_SECONDS });
}
