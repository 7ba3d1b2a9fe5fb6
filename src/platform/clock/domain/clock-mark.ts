/** How far the clock may be ahead of the last time it was known to be right, ms. */
const JUMP_MS = 86_400_000;

/** Whether a clock that shows `now` has jumped ahead since it was right at `seenAt` (ms since the epoch). */
export function hasJumped(seenAt: number, now: number): boolean {
  return !(now - seenAt <= JUMP_MS);
}
