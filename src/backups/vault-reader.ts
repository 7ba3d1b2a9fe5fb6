import { open, UnsealError } from '../platform/crypto/sealed-box';
import type { MasterKeys } from '../platform/crypto/master-keys';
import { VAULT_KEY } from '../platform/crypto/keyring';
import type { UserKeyRow } from '../platform/crypto/user-key.entity';
import { ObjectStoreError, readWhole, type ObjectStore } from '../platform/objects/object-store';
import { generationsOf, segmentsIn, type Generation, type ListedSegment } from './domain/generations';
import { BlockError, decodeBlock, type Block } from './domain/row-block';
import { lineageFolder, lineageOf, segmentsFolder } from './domain/segment-name';
import { openSegment, SegmentError, type SegmentHeader } from './segment';
import { BUCKETS, bucketOf, decodeKeys, keyObjectName, KeyObjectError } from './vault-keys';

/** A damaged or missing object in the backup store; the message names it. */
export class VaultDamage extends Error {
  constructor(
    /** The object's name. */
    readonly object: string,
    reason: string,
  ) {
    super(`${object}: ${reason}`);
    this.name = 'VaultDamage';
  }
}

/** The copies are encrypted with a master key that is not available. */
export class WrongVaultKeyError extends Error {
  constructor(needed: string, atHand: string) {
    super(
      `The copies are encrypted with the master key ${needed}, but the available one is ${atHand}. Set ENCRYPTION_KEY to the right key, ` +
        'or put the file keys/encryption.key of that installation into DATA_DIR. Nothing was changed.',
    );
    this.name = 'WrongVaultKeyError';
  }
}

/** A segment that is being read: its place in the listing, its header, and its blocks as they come. */
export interface ReadSegment {
  listed: ListedSegment;
  header: SegmentHeader;
  /** Ends only if the whole segment is complete and undamaged. Throws VaultDamage. */
  blocks(): AsyncGenerator<Block>;
}

/** The available master keys, by their ids. */
export type MasterKeyFinder = Pick<MasterKeys, 'find' | 'currentId'>;

/** The names of all lines of copies in a store. Reads one page of a listing for each, however many objects it has. */
export async function* lineagesIn(store: ObjectStore): AsyncGenerator<string> {
  for (let after = ''; ;) {
    const lineage = await firstLineage(store, after);
    if (lineage === undefined) return;
    yield lineage;
    // After every name that a line of copies can have.
    after = `${lineageFolder(lineage)}~`;
  }
}

async function firstLineage(store: ObjectStore, after: string): Promise<string | undefined> {
  for await (const { name } of store.list('lineages/', after)) {
    const lineage = lineageOf(name);
    if (lineage !== undefined) return lineage;
  }
  return undefined;
}

/** The generations of all lineages in a store, or of one; oldest first. */
export async function listGenerations(store: ObjectStore, lineage?: string): Promise<Generation[]> {
  const objects: Array<{ name: string; bytes: number }> = [];
  for await (const object of store.list(lineage === undefined ? 'lineages/' : segmentsFolder(lineage)))
    objects.push(object);
  return generationsOf(segmentsIn(objects));
}

/** The key of a lineage's segments. Throws WrongVaultKeyError if its master key is not available, VaultDamage, ObjectStoreError. */
export async function readLineageKey(
  store: ObjectStore,
  lineage: string,
  masters: MasterKeyFinder,
): Promise<Buffer> {
  const owner = Buffer.from(lineage, 'hex');
  const name = keyObjectName(lineage, bucketOf(owner));
  const rows = await readKeyObject(store, name);
  const row = rows.find(({ user_key, user_id }) => user_key === VAULT_KEY && user_id.equals(owner));
  if (!row) throw new VaultDamage(name, 'the key of the copies is not in it');
  const master = masters.find(row.master_id);
  if (!master) throw new WrongVaultKeyError(row.master_id.toString('hex'), masters.currentId.toString('hex'));
  return damageOf(name, () => Promise.resolve(open(master, row.wrapped, owner)));
}

/** All wrapped keys of a lineage by the short keys of their owners. Throws VaultDamage if an object is missing or changed, ObjectStoreError. */
export async function allKeys(
  store: ObjectStore,
  lineage: string,
  signal?: AbortSignal,
): Promise<Map<number, UserKeyRow>> {
  const keys = new Map<number, UserKeyRow>();
  for (let bucket = 0; bucket < BUCKETS; bucket += 1)
    for (const row of await readKeyObject(store, keyObjectName(lineage, bucket), signal))
      keys.set(row.user_key, row);
  return keys;
}

function readKeyObject(store: ObjectStore, name: string, signal?: AbortSignal): Promise<UserKeyRow[]> {
  return damageOf(name, async () => decodeKeys(name, await readWhole(store, name, signal)));
}

/**
 * A generation's segments in order. Each names the one before by its hash: of several at one place the one that does
 * is taken, the newest run's first. `after`: the hash of the segment before the given places; null when they begin with
 * the first. Throws VaultDamage when a segment is damaged or missing, ObjectStoreError.
 */
export async function* readChain(
  store: ObjectStore,
  places: readonly ListedSegment[][],
  lineageKey: Buffer,
  signal?: AbortSignal,
  after: string | null = null,
): AsyncGenerator<ReadSegment> {
  let predecessor = after;
  for (const candidates of places) {
    let sha256: string | undefined;
    for (const listed of candidates) {
      const segment = await damageOf(listed.name, () => openSegment(store.get(listed.name, signal)));
      const follows: boolean = segment.header.predecessor === predecessor;
      if (!follows) await segment.close();
      if (!follows && listed !== candidates.at(-1)) continue;
      if (!follows) throw new VaultDamage(listed.name, 'it does not follow the segment before it');
      requirePlace(listed, segment.header);
      yield {
        listed,
        header: segment.header,
        async *blocks() {
          for await (const block of damaged(listed.name, segment.blocks(lineageKey)))
            yield await damageOf(listed.name, () => Promise.resolve(decodeBlock(block)));
          sha256 = segment.sha256();
        },
      };
      break;
    }
    if (sha256 === undefined) return;
    predecessor = sha256;
  }
}

function requirePlace(listed: ListedSegment, header: SegmentHeader): void {
  const same =
    header.lineage === listed.lineage &&
    header.generation === listed.generation &&
    header.index === listed.index &&
    header.fence === listed.fence;
  if (!same) throw new VaultDamage(listed.name, 'it was written for another place');
}

async function* damaged<T>(name: string, source: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (error) {
    throw asDamage(name, error);
  }
}

async function damageOf<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asDamage(name, error);
  }
}

/** Turns errors about the content of an object into damage that names it; returns all others unchanged. */
function asDamage(name: string, error: unknown): unknown {
  if (error instanceof SegmentError || error instanceof BlockError || error instanceof SyntaxError)
    return new VaultDamage(name, error.message);
  if (error instanceof KeyObjectError || error instanceof UnsealError)
    return new VaultDamage(name, 'its bytes were changed');
  if (error instanceof ObjectStoreError && error.fault === 'missing')
    return new VaultDamage(name, 'it is missing');
  return error;
}
