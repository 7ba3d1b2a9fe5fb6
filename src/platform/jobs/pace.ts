/** A transaction of a job that took longer was too large, ms: less than half of the 50 ms that nobody's write may wait for it. */
const LIMIT_MS = 20;
/** One that took less may be larger the next time. */
const SHORT_MS = LIMIT_MS / 2;

/**
 * How much one transaction of a job takes, in whatever it is counted: half as much after one that took long, a little
 * more after a short one, never more than `most` and never nothing. So it finds what this machine, this disk and these
 * rows bear, and keeps out of the way when others need them.
 */
export class Pace {
  private size: number;

  constructor(private readonly most: number) {
    this.size = most;
  }

  get next(): number {
    return Math.max(1, Math.floor(this.size));
  }

  /** Runs one transaction's work; how long it takes says how much the next one does. Waiting for its turn does not count. */
  async step<T>(work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    try {
      return await work();
    } finally {
      this.took(performance.now() - begun);
    }
  }

  /** A transaction of the size that was named last took so long. */
  took(ms: number): void {
    if (ms > LIMIT_MS) this.size = Math.max(1, this.size / 2);
    else if (ms < SHORT_MS) this.size = Math.min(this.most, this.size * 1.25);
  }
}
