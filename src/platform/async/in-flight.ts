/**
 * What is being worked on: how much, and when all of it has ended.
 *
 * A counter, because a `Set` or `Map` that becomes empty thousands of times a second fills the old generation of V8's
 * heap: it gets a new table each time, every table refers to the next one, and once one of them is old, all later ones
 * become old garbage too. An export of 10,000 graphs left 20 MB of it.
 */
export class InFlight {
  private count = 0;
  private waiting: Array<() => void> = [];

  get size(): number {
    return this.count;
  }

  /** Counts `work` until it is settled, and returns it. */
  add<T>(work: Promise<T>): Promise<T> {
    this.count += 1;
    work.then(this.ended, this.ended);
    return work;
  }

  /** Resolves when nothing is in flight, what is added in the meantime included. */
  async settled(): Promise<void> {
    if (this.count > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private readonly ended = (): void => {
    this.count -= 1;
    if (this.count === 0) for (const resolve of this.waiting.splice(0)) resolve();
  };
}
