/** The periods that calendar rules count. */
export type Bucket = 'hour' | 'day' | 'week' | 'month' | 'year';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** 1 January 1970 was a Thursday; weeks begin on Monday (ISO 8601). */
const DAYS_BEFORE_THURSDAY = 3;

/** The number of the period, in UTC, that a time (ms since the epoch) lies in: equal for the same period, larger for later ones. */
export function bucketOf(bucket: Bucket, at: number): number {
  switch (bucket) {
    case 'hour':
      return Math.floor(at / HOUR_MS);
    case 'day':
      return Math.floor(at / DAY_MS);
    case 'week':
      return Math.floor((Math.floor(at / DAY_MS) + DAYS_BEFORE_THURSDAY) / 7);
    case 'month': {
      const date = new Date(at);
      return date.getUTCFullYear() * 12 + date.getUTCMonth();
    }
    case 'year':
      return new Date(at).getUTCFullYear();
  }
}
