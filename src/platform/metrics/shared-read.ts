import { withinMs } from '../health/time-limit';

/** A scrape waits no longer for a database than this; Prometheus gives up after 10 s by itself, ms. */
const WITHIN_MS = 2_000;

/**
 * One read for several gauges: whichever of them Prometheus asks for first begins it, and all wait for it, so that
 * they are of one moment. A read that fails or takes too long leaves the gauges as they were; a scrape never fails
 * with the database.
 */
export function sharedRead(read: () => Promise<void>): () => Promise<void> {
  let reading: Promise<void> | undefined;
  return () =>
    (reading ??= withinMs(WITHIN_MS, read())
      .catch(() => undefined)
      .finally(() => (reading = undefined)));
}
