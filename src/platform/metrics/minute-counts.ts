const MINUTE_MS = 60_000;

/** Minutes that are kept: a day. */
export const REMEMBERED_MINUTES = 1_440;

/**
 * Counts per minute for one day, in 8.6 KB: enough for "n in the last m minutes" without a database. If the clock is
 * set back, counting continues in the newest minute.
 */
export class MinuteCounts {
  private readonly counts = new Uint32Array(REMEMBERED_MINUTES);
  private newest = -1;

  /** Counts one at `now` (ms). */
  add(now: number): void {
    this.advance(now);
    const slot = this.newest % REMEMBERED_MINUTES;
    this.counts[slot] = this.counts[slot]! + 1;
  }

  /** The count of the current minute and the `minutes - 1` before it; at most a day. */
  last(minutes: number, now: number): number {
    this.advance(now);
    let sum = 0;
    for (let i = 0; i < Math.min(minutes, REMEMBERED_MINUTES, this.newest + 1); i += 1)
      sum += this.counts[(this.newest - i) % REMEMBERED_MINUTES]!;
    return sum;
  }

  private advance(now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute <= this.newest) return;
    const steps = this.newest < 0 ? 0 : Math.min(minute - this.newest, REMEMBERED_MINUTES);
    for (let i = 0; i < steps; i += 1) this.counts[(minute - i) % REMEMBERED_MINUTES] = 0;
    this.newest = minute;
  }
}
