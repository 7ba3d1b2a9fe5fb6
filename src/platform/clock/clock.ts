import { Injectable } from '@nestjs/common';

/**
 * The only reader of the wall clock. Everything that needs the time asks here, so that a test can
 * move it and so that no time a client sends can ever steer retention.
 */
@Injectable()
export class Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z, UTC. */
  now(): number {
    return Date.now();
  }

  /** Milliseconds since some moment before this process began; never set, so it shows whether `now` was. */
  monotonic(): number {
    return performance.now();
  }
}
