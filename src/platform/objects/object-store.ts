import { OperatorError } from '../errors/operator-error';

/** Why a store failed. */
export type StoreFault = 'missing' | 'denied' | 'full' | 'unreachable';

/** A failure of an object store, as a message for the operator; contains no secrets. */
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

/** The bytes of an object, piece by piece. Don't change pieces after passing them on. */
export type ObjectBytes = AsyncIterable<Buffer> | Iterable<Buffer>;

/**
 * Stores copies: named objects that are written once, as a whole. An object becomes visible only when all of it is
 * durable; writing the same name again replaces it atomically. Names are checked by `requireObjectName`. Every
 * method rejects with ObjectStoreError.
 */
export abstract class ObjectStore {
  /** The name of the store in messages; without credentials. */
  abstract readonly place: string;

  /**
   * Stores an object; resolves with its length when it is durable. If it fails or is aborted, no object is visible.
   */
  abstract put(name: string, bytes: ObjectBytes, signal?: AbortSignal): Promise<number>;

  /** Reads an object as a stream; the fault is `missing` if there is none. */
  abstract get(name: string, signal?: AbortSignal): AsyncIterable<Buffer>;

  /** The objects whose names begin with `prefix` and sort after `after`, in order of their names. */
  abstract list(prefix: string, after?: string): AsyncIterable<StoredObject>;

  /** Removes an object; succeeds if there is none. */
  abstract delete(name: string): Promise<void>;

  abstract close(): void;
}

const NAME = /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/;
/** S3 allows 1024 bytes; file systems 255 per part. */
const NAME_MAX = 512;

/**
 * Refuses names that are not plain: lower-case letters, digits, dots, dashes, parts separated by slashes, no part
 * beginning with a dot. So no name can leave the store, and names sort the same everywhere.
 */
export function requireObjectName(name: string): string {
  if (name.length <= NAME_MAX && NAME.test(name)) return name;
  throw new RangeError('invalid object name');
}

/** Reads a whole object; for small ones. */
export async function readWhole(store: ObjectStore, name: string, signal?: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of store.get(name, signal)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Reads a small object; undefined if there is none. */
export async function readIfThere(store: ObjectStore, name: string): Promise<Buffer | undefined> {
  try {
    return await readWhole(store, name);
  } catch (error) {
    if (error instanceof ObjectStoreError && error.fault === 'missing') return undefined;
    throw error;
  }
}
