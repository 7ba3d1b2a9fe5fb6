/**
 * The kind of damage: a row of the chain is missing, a row's base is not older than the row, a frame does not decode
 * to its length, or a document does not match its hash.
 */
export type Corruption = 'missing-row' | 'wrong-base' | 'broken-frame' | 'wrong-hash';

/**
 * A version cannot be read back. `version` is the requested one, `at` the first damaged row of its chain. Contains
 * nothing of the content.
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
