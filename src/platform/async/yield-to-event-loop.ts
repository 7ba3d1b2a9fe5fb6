import { setImmediate } from 'node:timers/promises';

/** Lets waiting requests, timers and I/O run before a long loop continues. */
export function yieldToEventLoop(): Promise<void> {
  return setImmediate();
}
