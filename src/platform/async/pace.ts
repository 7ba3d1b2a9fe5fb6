import { performance } from 'node:perf_hooks';
import { yieldToEventLoop } from './yield-to-event-loop';

/**
 * How long a loop over small steps runs before others get their turn, ms. A yield after each step would cost a turn of
 * the event loop for each, which takes tens of milliseconds while many requests are served.
 */
const STRETCH_MS = 2;

/** Lets a long loop over small steps yield by time and not by steps: call `pause` between two of them. */
export class Pace {
  private began = performance.now();

  async pause(): Promise<void> {
    if (performance.now() - this.began < STRETCH_MS) return;
    await yieldToEventLoop();
    this.began = performance.now();
  }
}
