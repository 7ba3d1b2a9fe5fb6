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
}
