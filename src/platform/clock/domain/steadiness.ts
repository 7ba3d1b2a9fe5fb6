/**
 * How far the wall clock and the monotonic clock may drift apart between two readings, ms: more than NTP slews in a
 * minute.
 */
const TOLERANCE_MS = 5_000;

/** How long the wall clock has run steadily: in step with the monotonic clock, without being set. */
export class Steadiness {
  private wall: number;
  private monotonic: number;
  /** Monotonic time at which the wall clock was last set. */
  private since: number;

  /** Times in ms. */
  constructor(wall: number, monotonic: number) {
    this.wall = wall;
    this.monotonic = monotonic;
    this.since = monotonic;
  }

  /** Takes a reading of both clocks and returns for how long the wall clock has run steadily, ms. Call it often. */
  observe(wall: number, monotonic: number): number {
    const drift = Math.abs(wall - this.wall - (monotonic - this.monotonic));
    // NaN proves nothing.
    if (!(drift <= TOLERANCE_MS)) this.since = monotonic;
    this.wall = wall;
    this.monotonic = monotonic;
    return monotonic - this.since;
  }
}
