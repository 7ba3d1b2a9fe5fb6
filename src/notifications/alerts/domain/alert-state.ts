/**
 * A condition is calm when it has not changed and caused no message for this time. While it flaps, one message is sent
 * in it. Milliseconds.
 */
export const CALM_MS = 3_600_000;
/** A condition that begins and is over once does not flap; both messages are sent at once. */
const CHANGES_OF_A_CALM_CONDITION = 2;

/** What is known of a condition, and what was said about it. Times in ms since the epoch. */
export interface AlertState {
  active: boolean;
  since: number;
  /** Changes since it was last calm. */
  changes: number;
  toldActive: boolean;
  toldAt: number | null;
}

export const NEVER_SEEN: AlertState = {
  active: false,
  since: 0,
  changes: 0,
  toldActive: false,
  toldAt: null,
};

/**
 * The state after the condition was seen at `now`, and whether a message is due. A message is due when what was said
 * last is no longer true: at once, unless the condition flaps; then an hour after the last message. A clock that was
 * set back delays no message.
 */
export function observe(
  state: AlertState,
  active: boolean,
  now: number,
): { next: AlertState; tell: boolean } {
  const seen = active === state.active ? state : changed(state, active, now);
  const flaps = seen.changes > CHANGES_OF_A_CALM_CONDITION;
  const isDue = !flaps || seen.toldAt === null || hasPassed(seen.toldAt, now);
  const tell = seen.active !== seen.toldActive && isDue;
  return { next: tell ? { ...seen, toldActive: active, toldAt: now } : seen, tell };
}

function changed(state: AlertState, active: boolean, now: number): AlertState {
  const isCalm = hasPassed(state.since, now) && (state.toldAt === null || hasPassed(state.toldAt, now));
  const changes = isCalm ? 1 : state.changes + 1;
  return { ...state, active, since: now, changes };
}

function hasPassed(at: number, now: number): boolean {
  return now < at || now - at >= CALM_MS;
}
