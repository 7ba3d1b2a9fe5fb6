/** The clock may be this much ahead of the last time it was seen to be right, ms. */
const JUMP_MS = 86_400_000;

/** Whether a clock that shows `now` has jumped ahead since it was seen to be right at `seenAt` (ms since the epoch). */
export function hasJumped(seenAt: number, now: number): boolean {
  return !(now - seenAt <= JUMP_MS);
}
