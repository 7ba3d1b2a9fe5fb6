/** ISO 8601 in UTC with milliseconds, e.g. `2026-11-23T09:15:00.000Z`. `ms` is milliseconds since the epoch. */
export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}

/** `toIso`, with null for "never". */
export function toIsoOrNull(ms: number | null): string | null {
  return ms === null ? null : toIso(ms);
}

// A time without a zone would be read in the server's own zone, so it is refused.
const INSTANT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Parses an ISO 8601 time with a zone (`Z` or `+02:00`) to milliseconds since the epoch; digits after the
 * millisecond are cut off. Returns null for anything else, including days that don't exist (30 February).
 */
export function parseInstant(text: string): number | null {
  const parts = INSTANT.exec(text);
  if (!parts) return null;
  const [, year, month, day, hour] = parts.map(Number) as [number, number, number, number, number];
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (month < 1 || month > 12 || day < 1 || day > lastDay || hour > 23) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}
