const HOUR_MS = 3_600_000;

/**
 * The kinds of mails, in the order in which they are sent: a person waits for a link to set a password, and 30,000
 * summaries must not delay it. The position is the number that is stored.
 */
export const MAIL_KINDS = ['password-reset', 'alert', 'weekly-summary'] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

/** How long a mail of each kind is tried, ms. Later it would not help its reader any more. */
export const TRIED_FOR_MS: Readonly<Record<MailKind, number>> = {
  'password-reset': HOUR_MS,
  alert: 24 * HOUR_MS,
  'weekly-summary': 48 * HOUR_MS,
};

/** The delay before the next attempt after each failure, minutes; the last one repeats. */
const DELAYS_MIN = [1, 2, 5, 10, 20, 30, 60];

/** When to try again after `attempts` failures, ms after the last one. */
export function retryDelayMs(attempts: number): number {
  const at = Math.min(Math.max(attempts, 1), DELAYS_MIN.length) - 1;
  return DELAYS_MIN[at]! * 60_000;
}
