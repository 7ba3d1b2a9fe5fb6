/** A job's transaction that took longer is too large, ms: other writes may wait 50 ms for it, and it must stay well below. */
const LIMIT_MS = 20;
/** After one that took less, the next may be larger, ms. */
const SHORT_MS = LIMIT_MS / 2;

/**
 * How much one transaction of a job takes on, in the caller's unit: half as much after a slow one, a quarter more after
 * a fast one, between 1 and `most`. Adapts the batch size to the machine, the disk and the rows (AIMD).
 */
export class BatchSizer {
  private size: number;

  constructor(private readonly most: number) {
    this.size = most;
  }

  get next(): number {
    return Math.max(1, Math.floor(this.size));
  }

  /** Runs one transaction's work and adapts the size to its duration. Time spent waiting for a turn is not included. */
  async step<T>(work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    try {
      return await work();
    } finally {
      this.took(performance.now() - begun);
    }
  }

  /** Reports that a transaction of the current size took so long. */
  took(ms: number): void {
    if (ms > LIMIT_MS) this.size = Math.max(1, this.size / 2);
    else if (ms < SHORT_MS) this.size = Math.min(this.most, this.size * 1.25);
  }
}
