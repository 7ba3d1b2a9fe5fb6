import { Clock } from '../../src/platform/clock/clock';

/** A clock that a test moves. It begins at the real time and goes on by itself unless it is stopped. */
export class TestClock extends Clock {
  private offset = 0;
  private passed = 0;
  private stoppedAt: number | null = null;

  override now(): number {
    return this.stoppedAt ?? super.now() + this.offset;
  }

  override monotonic(): number {
    return super.monotonic() + this.passed;
  }

  /** Lets time pass, in ms. A negative number sets the clock back, as `set` does. */
  advance(ms: number): void {
    this.set(ms);
    if (ms > 0) this.passed += ms;
  }

  /** Sets the wall clock forward or back by so many ms, while no time passes. */
  set(ms: number): void {
    if (this.stoppedAt === null) this.offset += ms;
    else this.stoppedAt += ms;
  }

  /** Stops the wall clock, at the given time or now. */
  stop(at: number = this.now()): void {
    this.stoppedAt = at;
  }
}
