const MINUTE_MS = 60_000;
/** Runs of many sources that were created together spread over this part of their interval. */
const JITTER = 0.1;
/** A source that keeps failing is tried again after at most this long, ms. */
const BACK_OFF_MAX_MS = 6 * 3_600_000;
const FIRST_RETRY_MS = MINUTE_MS;
/** `Retry-After` is followed up to this long, ms. */
const RETRY_AFTER_MAX_MS = 24 * 3_600_000;

/** When a source that was read at `now` is read again, ms. `random` is from 0 up to 1. */
export function nextAfterSuccess(now: number, everyMinutes: number, random: number): number {
  return Math.round(now + everyMinutes * MINUTE_MS * (1 + JITTER * (2 * random - 1)));
}

/**
 * When a source is tried again after its `failures`th failure in a row: after one minute, doubling, with jitter, never
 * sooner than the server asked for (`retryAfter`, seconds) and never later than after six hours because of failures.
 * A source with a longer interval keeps it.
 */
export function nextAfterFailure(
  now: number,
  everyMinutes: number,
  failures: number,
  retryAfter: number | undefined,
  random: number,
): number {
  const doubled = FIRST_RETRY_MS * 2 ** Math.min(Math.max(failures, 1) - 1, 20);
  const interval = everyMinutes * MINUTE_MS;
  const wait = Math.min(Math.max(doubled, interval), Math.max(BACK_OFF_MAX_MS, interval));
  const asked = Math.min((retryAfter ?? 0) * 1_000, RETRY_AFTER_MAX_MS);
  return Math.round(now + Math.max(wait * (1 + JITTER * (2 * random - 1)), asked));
}
