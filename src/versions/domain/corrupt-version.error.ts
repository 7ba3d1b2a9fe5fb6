/**
 * What was found wrong: a row of the chain is not there, a row's base is not older than the row, a frame does
 * not decode to its length, or a document does not have its hash.
 */
export type Corruption = 'missing-row' | 'wrong-base' | 'broken-frame' | 'wrong-hash';

/**
 * A version cannot be read back: `version` is the one asked for, `at` the row of its chain where the damage
 * shows first. Says nothing of the content.
 */
export class CorruptVersionError extends Error {
  constructor(
    readonly version: number,
    readonly at: number,
    readonly reason: Corruption,
  ) {
    super(`Version ${version} cannot be read: ${reason} at version ${at}`);
    this.name = 'CorruptVersionError';
  }
}
