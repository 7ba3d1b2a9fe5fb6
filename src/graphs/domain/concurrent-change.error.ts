/** Thrown inside a unit to take it back: the graph was changed by somebody else in between. */
export class ConcurrentChangeError extends Error {}

/** For `.catch`: a lost race is no error, the caller reads again. */
export function undefinedOnConcurrentChange(error: unknown): undefined {
  if (error instanceof ConcurrentChangeError) return undefined;
  throw error;
}
