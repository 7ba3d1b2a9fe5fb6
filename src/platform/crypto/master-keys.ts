import { createHmac } from 'node:crypto';

/** Bytes of a master key's id. */
const ID_BYTES = 8;

/**
 * The id of a master key, stored with everything it wraps: the first 8 bytes of an HMAC-SHA-256 with the key itself,
 * so that it identifies the key and reveals nothing about it.
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
