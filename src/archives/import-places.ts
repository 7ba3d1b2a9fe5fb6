import { AppError } from '../platform/errors/app-error';

/** Imports at the same time, in the process. */
const RUNNING_MAX = 2;
/** Imports whose upload is on its way, that wait or that run: each may have a file on the disk. */
const HELD_MAX = 6;
const RETRY_SECONDS = 30;

/**
 * Places for imports. A client that sends its file slowly holds a place of its own and not one of those in which imports
 * run, which are given in the order in which the files are complete.
 */
export class ImportPlaces {
  private readonly held = new Set<string>();
  private readonly waiting = new Set<() => void>();
  private running = 0;

  /** Holds a place for an upload; returns what gives it back. 429 if the owner has one, 503 if all are taken. */
  hold(owner: string): () => void {
    if (this.held.has(owner)) throw new AppError('too_many', 'import-running', OWN_RUNNING, RETRY);
    if (this.held.size >= HELD_MAX) throw new AppError('unavailable', 'imports-busy', BUSY, RETRY);
    this.held.add(owner);
    return () => void this.held.delete(owner);
  }

  /** Runs an import when its turn comes. Rejects with the signal's reason when it is aborted before. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.running >= RUNNING_MAX) await this.turn(signal);
    else this.running += 1;
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /** The place of one that ends goes to the next one, so none can come in between. */
  private leave(): void {
    const [next] = this.waiting;
    if (next) next();
    else this.running -= 1;
  }

  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => () => {
        signal.removeEventListener('abort', gone);
        this.waiting.delete(start);
        settle();
      };
      const start = end(resolve);
      const gone = end(() => reject(signal.reason as Error));
      signal.addEventListener('abort', gone);
      this.waiting.add(start);
      if (signal.aborted) gone();
    });
  }
}

const RETRY = { retryAfter: RETRY_SECONDS };
const OWN_RUNNING = 'An import of yours is in progress. Wait for its answer, then try again.';
const BUSY = 'Other imports are in progress. Try again shortly.';
