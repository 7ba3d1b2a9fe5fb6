/** How many pictures and summaries are asked for at a time; the service makes a user's one after the other. */
const AT_A_TIME = 2;
const waiting: Array<() => void> = [];
let running = 0;

/** Runs small tasks two at a time, the newest first: what has just come into sight matters most. */
export async function inTurn<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  if (running >= AT_A_TIME) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    signal.throwIfAborted();
    return await task();
  } finally {
    running -= 1;
    waiting.pop()?.();
  }
}
