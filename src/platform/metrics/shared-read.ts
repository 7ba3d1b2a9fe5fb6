import { withinMs } from '../health/time-limit';

/** Longest wait of a scrape for the database, ms; Prometheus itself gives up after 10 s. */
const WITHIN_MS = 2_000;

/**
 * One read for several gauges: the first one that Prometheus collects starts it, and all wait for it, so that they
 * show the same moment. If the read fails or takes too long, the gauges keep their values; a scrape never fails
 * because of the database.
 */
export function sharedRead(read: () => Promise<void>): () => Promise<void> {
  let reading: Promise<void> | undefined;
  return () =>
    (reading ??= withinMs(WITHIN_MS, read())
      .catch(() => undefined)
      .finally(() => (reading = undefined)));
}
