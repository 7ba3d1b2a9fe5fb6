const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Waits after the first failure, the second, and so on; the last one repeats, ms. */
const WAITS_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
] as const;
/** Receivers that failed together are tried again over this part of the wait. */
const JITTER = 0.2;
/** `Retry-After` is followed up to this long, ms. */
const RETRY_AFTER_MAX_MS = 12 * HOUR_MS;

/** No wait is longer, ms; a later time was written by a clock that was set back since. */
export const LONGEST_WAIT_MS = 24 * HOUR_MS;

/** Deliveries and webhooks that fail for this long are given up, ms. */
export const GIVE_UP_MS = 24 * HOUR_MS;

/**
 * How long to wait after the `failures`th failure in a row, ms: with jitter, and never shorter than the receiver asked
 * for (`retryAfter`, seconds). `random` is from 0 up to 1.
 */
export function retryWait(failures: number, retryAfter: number | undefined, random: number): number {
  const wait = WAITS_MS[Math.min(Math.max(failures, 1), WAITS_MS.length) - 1]!;
  const asked = Math.min((retryAfter ?? 0) * SECOND_MS, RETRY_AFTER_MAX_MS);
  return Math.round(Math.max(wait * (1 + JITTER * (2 * random - 1)), asked));
}
