import { LONGEST_WAIT_MS } from './retry';

/** A delivery that waits. */
export interface Waiting {
  n: number;
  lane: Uint8Array;
  due_at: number;
}

/**
 * Which waiting delivery is sent next. Only the first one of each lane can be: the others wait until it was delivered or
 * given up, so that events of one graph arrive in order. Of those that are due, the one that has waited longest comes
 * first. `wait`: when the first one becomes due, ms since the epoch; null without deliveries.
 */
export function nextDelivery<T extends Waiting>(
  waiting: readonly T[],
  now: number,
): { next: T } | { wait: number | null } {
  const heads = new Map<string, T>();
  for (const delivery of waiting) {
    const lane = Buffer.from(delivery.lane).toString('hex');
    const head = heads.get(lane);
    if (!head || delivery.n < head.n) heads.set(lane, delivery);
  }
  let first: T | undefined;
  for (const head of heads.values())
    if (!first || head.due_at < first.due_at || (head.due_at === first.due_at && head.n < first.n))
      first = head;
  if (!first) return { wait: null };
  const isDue = first.due_at <= now || first.due_at > now + LONGEST_WAIT_MS;
  return isDue ? { next: first } : { wait: first.due_at };
}
