/** Thrown inside a transaction to roll it back: another request or job changed the graph in the meantime. */
export class ConcurrentChangeError extends Error {}

/** For `.catch`: turns a concurrent change into undefined, so that the caller reads again. */
export function undefinedOnConcurrentChange(error: unknown): undefined {
  if (error instanceof ConcurrentChangeError) return undefined;
  throw error;
}
