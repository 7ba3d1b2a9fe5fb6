/**
 * How long a test waits at least for what must come, ms, whatever it asks for: only a test that fails waits so long, and
 * a busy machine takes many times what a quiet one does. Shorter than the time of a test, so that it fails with a
 * sentence that says what did not come.
 */
export const PATIENCE_MS = 120_000;

/** What `promise` resolves to; rejects with a sentence that names `what` when that takes longer than `ms` and PATIENCE_MS. */
export async function within<T>(atLeastMs: number, what: string, promise: Promise<T>): Promise<T> {
  const ms = Math.max(atLeastMs, PATIENCE_MS);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${ms} ms in vain for ${what}.`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Asks every 20 ms until the answer is not undefined; throws a sentence that names `what` after `ms` and PATIENCE_MS. */
export async function until<T>(
  atLeastMs: number,
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const ms = Math.max(atLeastMs, PATIENCE_MS);
  const end = performance.now() + ms;
  for (;;) {
    const answer = await within(ms, what, Promise.resolve(ask()));
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`Waited ${ms} ms in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
