import { Clock } from '../../src/platform/clock/clock';

/** A clock that a test moves. It begins at the real time and goes on by itself unless it is stopped. */
export class TestClock extends Clock {
  private offset = 0;
  private stoppedAt: number | null = null;

  override now(): number {
    return this.stoppedAt ?? super.now() + this.offset;
  }

  /** Moves the time, forwards or backwards, in ms. */
  advance(ms: number): void {
    if (this.stoppedAt === null) this.offset += ms;
    else this.stoppedAt += ms;
  }

  /** Lets the time stand still, at the given one or now. */
  stop(at: number = this.now()): void {
    this.stoppedAt = at;
  }
}
