const MINUTE_MS = 60_000;
/** Minutes that percentiles cover. */
export const LATENCY_MINUTES = 60;

/** The bounds grow by 20 %, so a percentile is at most 20 % too high. */
const GROWTH = 1.2;
const LOWEST_MS = 0.1;
const BUCKETS = 80;

/**
 * Durations of the last hour in buckets per minute, in 19 KB. A percentile is the upper bound of its bucket: never
 * too low, at most 20 % too high; from 0.1 ms to 3 minutes.
 */
export class Latencies {
  private readonly slots = Array.from({ length: LATENCY_MINUTES }, () => new Uint32Array(BUCKETS));
  private newest = -1;

  /** Adds a duration of `ms` that ended at `now` (ms). */
  add(ms: number, now: number): void {
    this.advance(now);
    const slot = this.slots[this.newest % LATENCY_MINUTES]!;
    const bucket = bucketOf(ms);
    slot[bucket] = slot[bucket]! + 1;
  }

  /**
   * Number of durations in the last hour, and a percentile in ms for each of the shares (0 to 1); null if there are
   * none.
   */
  summary(shares: readonly number[], now: number): { count: number; percentiles: Array<number | null> } {
    this.advance(now);
    const sums = new Array<number>(BUCKETS).fill(0);
    for (const slot of this.slots) slot.forEach((count, i) => (sums[i]! += count));
    const count = sums.reduce((total, n) => total + n, 0);
    return { count, percentiles: shares.map((share) => percentile(sums, Math.ceil(count * share))) };
  }

  private advance(now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute <= this.newest) return;
    const steps = this.newest < 0 ? 0 : Math.min(minute - this.newest, LATENCY_MINUTES);
    for (let i = 0; i < steps; i += 1) this.slots[(minute - i) % LATENCY_MINUTES]!.fill(0);
    this.newest = minute;
  }
}

function bucketOf(ms: number): number {
  if (!(ms > LOWEST_MS)) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(ms / LOWEST_MS) / Math.log(GROWTH)));
}

function percentile(sums: readonly number[], rank: number): number | null {
  if (rank === 0) return null;
  let below = 0;
  const bucket = sums.findIndex((count) => (below += count) >= rank);
  return Math.round(LOWEST_MS * GROWTH ** bucket * 100) / 100;
}
