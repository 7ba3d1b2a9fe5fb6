import { OperatorError } from '../errors/operator-error';

/** Why a store could not do its work. */
export type StoreFault = 'missing' | 'denied' | 'full' | 'unreachable';

/** An object store's failure, as a sentence for the operator: no secret is in it. */
export class ObjectStoreError extends OperatorError {
  constructor(
    readonly fault: StoreFault,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** An object in a listing; `bytes` is its length. */
export interface StoredObject {
  name: string;
  bytes: number;
}

/** An object's bytes, piece by piece. Pieces must not be changed after they were handed over. */
export type ObjectBytes = AsyncIterable<Buffer> | Iterable<Buffer>;

/**
 * Where copies are kept: named objects that are written once, whole. An object is visible only when all of it is
 * stored durably; one that is put again under the same name takes the other's place in one step. Names go through
 * `requireObjectName`. Every method rejects with ObjectStoreError.
 */
export abstract class ObjectStore {
  /** What messages call the store; without credentials. */
  abstract readonly place: string;

  /** Stores an object; resolves with its length when it is durable. What fails or is aborted leaves nothing to be seen. */
  abstract put(name: string, bytes: ObjectBytes, signal?: AbortSignal): Promise<number>;

  /** Reads an object as a stream; the fault is `missing` when there is none. */
  abstract get(name: string, signal?: AbortSignal): AsyncIterable<Buffer>;

  /** The objects whose names begin with `prefix` and come after `after`, in the order of their names. */
  abstract list(prefix: string, after?: string): AsyncIterable<StoredObject>;

  /** Removes an object; one that is not there is removed already. */
  abstract delete(name: string): Promise<void>;

  abstract close(): void;
}

const NAME = /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/;
/** S3 allows 1024 bytes; file systems 255 a part. */
const NAME_MAX = 512;

/**
 * Refuses every name that is not plain: lower-case letters, digits, dots, dashes, parts divided by slashes, no part
 * beginning with a dot. So no name leads out of the store, and names sort alike everywhere.
 */
export function requireObjectName(name: string): string {
  if (name.length <= NAME_MAX && NAME.test(name)) return name;
  throw new RangeError('not a name for an object');
}

/** All of an object at once; for small ones. */
export async function readWhole(store: ObjectStore, name: string, signal?: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of store.get(name, signal)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A small object as text; undefined when there is none. */
export async function readIfThere(store: ObjectStore, name: string): Promise<Buffer | undefined> {
  try {
    return await readWhole(store, name);
  } catch (error) {
    if (error instanceof ObjectStoreError && error.fault === 'missing') return undefined;
    throw error;
  }
}
