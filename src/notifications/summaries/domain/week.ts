const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;
/** 1970-01-05, the first Monday after the epoch. */
const FIRST_MONDAY_MS = 4 * DAY_MS;
/** A week is summarized from Monday at 6:00 UTC on: after the nightly verification. */
const SUMMARY_DELAY_MS = 6 * HOUR_MS;

/** The beginning of the week of a time: Monday at 0:00 UTC. Both in ms since the epoch. */
export function weekOf(at: number): number {
  return Math.floor((at - FIRST_MONDAY_MS) / WEEK_MS) * WEEK_MS + FIRST_MONDAY_MS;
}

/** The beginning of the newest week that can be summarized at `now`, ms since the epoch. */
export function summarizedWeek(now: number): number {
  return weekOf(now - SUMMARY_DELAY_MS) - WEEK_MS;
}

/** When the next summary is sent to an account whose last one was for `lastWeek`, ms since the epoch. */
export function nextSummaryAt(lastWeek: number): number {
  return lastWeek + 2 * WEEK_MS + SUMMARY_DELAY_MS;
}
