const DAY_MS = 86_400_000;
const UNITS: Array<[Intl.RelativeTimeFormatUnit, number]> = [
  ['day', DAY_MS],
  ['hour', 3_600_000],
  ['minute', 60_000],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const dateOnly = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const timeOnly = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const dayName = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
const oldDayName = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const HALF_YEAR_DAYS = 180;

/** "3 hours ago" up to a week, then the date. */
export function ago(at: number, now = Date.now()): string {
  const passed = now - at;
  if (Math.abs(passed) >= 7 * DAY_MS) return dateOnly.format(at);
  const unit = UNITS.find(([, ms]) => Math.abs(passed) >= ms);
  return unit ? relative.format(-Math.trunc(passed / unit[1]), unit[0]) : 'just now';
}

/** "Today", "Yesterday", or the date with its weekday, in the zone of the browser. */
export function dayOf(at: number, now = Date.now()): string {
  const day = (time: number) => new Date(time).setHours(0, 0, 0, 0);
  const days = Math.round((day(now) - day(at)) / DAY_MS);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return (days < HALF_YEAR_DAYS ? dayName : oldDayName).format(at);
}

/** A time in the zone of the browser, with UTC on hover. */
export function Time({ at, as = 'ago' }: { at: string; as?: 'ago' | 'full' | 'time' }) {
  const ms = Date.parse(at);
  const text = as === 'ago' ? ago(ms) : as === 'time' ? timeOnly.format(ms) : dateTime.format(ms);
  return (
    <time dateTime={at} title={`${dateTime.format(ms)} · ${at.replace('T', ' ').replace('Z', ' UTC')}`}>
      {text}
    </time>
  );
}
