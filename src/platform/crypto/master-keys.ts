import { createHmac } from 'node:crypto';

/** Bytes of a master key's name. */
const ID_BYTES = 8;

/**
 * A name for a master key that stands beside everything it wraps: the first 8 bytes of an HMAC-SHA-256 with
 * the key itself, so that it tells keys apart and nothing about them.
 */
export function masterKeyId(key: Buffer): Buffer {
  return createHmac('sha256', key).update('graphomat-backup master key').digest().subarray(0, ID_BYTES);
}

/** The available master keys: the current one, which wraps, and older ones that may be needed to unwrap. */
export class MasterKeys {
  private readonly byId: ReadonlyMap<string, Buffer>;
  readonly currentId: Buffer;

  constructor(
    readonly current: Buffer,
    others: readonly Buffer[] = [],
  ) {
    this.currentId = masterKeyId(current);
    this.byId = new Map([current, ...others].map((key) => [masterKeyId(key).toString('hex'), key]));
  }

  find(id: Buffer): Buffer | undefined {
    return this.byId.get(id.toString('hex'));
  }

  /** These keys, and the given ones for unwrapping; each key once, however often keys are added. */
  with(older: MasterKeys): MasterKeys {
    return new MasterKeys(this.current, [...this.byId.values(), ...older.byId.values()]);
  }

  /** Number of different keys. */
  get size(): number {
    return this.byId.size;
  }
}
