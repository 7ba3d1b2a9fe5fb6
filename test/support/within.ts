/**
 * How long a test waits for what must come, ms: only a test that fails waits so long. Shorter than the time of a test,
 * so that it fails with a sentence that says what did not come.
 */
export const PATIENCE_MS = 120_000;

/** What `promise` resolves to; rejects with a sentence that names `what` when that takes longer than `ms`. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${ms} ms in vain for ${what}.`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Asks every 50 ms until the answer is not undefined; throws a sentence that names `what` after `ms`. */
export async function until<T>(
  ms: number,
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const answer = await within(ms, what, Promise.resolve(ask()));
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`Waited ${ms} ms in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
