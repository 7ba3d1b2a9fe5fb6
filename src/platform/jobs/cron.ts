import { Cron } from 'croner';

/** When a job runs, in UTC. */
export interface Schedule {
  /** The first time after `since`; both in ms since the epoch. Null if there is none. */
  next(since: number): number | null;
}

/** From this time on, every expression that ever fires does so within a leap year's cycle, ms since the epoch. */
const ANY_TIME = Date.UTC(2001, 0, 1);

/**
 * Parses a cron expression of five fields (crontab(5)), in UTC. Throws an Error whose message completes "NAME …" if
 * it is invalid, or if it names a time that never occurs (30 February).
 */
export function parseCron(text: string): Schedule {
  const cron = read(text.trim());
  const next = (since: number) => cron.nextRun(new Date(since))?.getTime() ?? null;
  if (next(ANY_TIME) === null) throw new Error('must name a time that exists, unlike 30 February');
  return { next };
}

// Digits and signs only: the parser also accepts words, nicknames and seconds, which crontab(5) does not all have.
function read(text: string): Cron {
  try {
    if (/^([\d*/,-]+\s+){4}[\d*/,-]+$/.test(text))
      return new Cron(text, { paused: true, utcOffset: 0, mode: '5-part' });
  } catch {
    // Falls through to the error message of this service.
  }
  throw new Error('must be a cron expression of five fields in their ranges, such as "0 3 * * 0"');
}
