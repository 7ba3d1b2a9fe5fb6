/** Thrown inside a unit to take it back: the graph was changed by somebody else in between. */
export class LostRace extends Error {}

/** For `.catch`: a lost race is no error, the caller reads again. */
export function undefinedOnLostRace(error: unknown): undefined {
  if (error instanceof LostRace) return undefined;
  throw error;
}
