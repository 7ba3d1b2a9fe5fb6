import { Injectable } from '@nestjs/common';

/**
 * The only reader of the wall clock. All code gets the time from here, so that tests can move it, and so that no
 * time sent by a client can affect retention.
 */
@Injectable()
export class Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z, UTC. */
  now(): number {
    return Date.now();
  }

  /** Milliseconds since some time before this process started. It is never set, so it shows whether `now` was. */
  monotonic(): number {
    return performance.now();
  }
}
