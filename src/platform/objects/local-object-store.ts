import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../files/make-folder';
import {
  ObjectStore,
  ObjectStoreError,
  requireObjectName,
  type ObjectBytes,
  type StoredObject,
} from './object-store';

/** Folder of incomplete files; no object name begins with a dot. */
const UNFINISHED = '.unfinished';
/** Incomplete files of killed processes are removed after this time, ms. */
const ABANDONED_AFTER_MS = 86_400_000;
/** A large object is read in pieces of so many bytes. */
const READ_BYTES = 1024 * 1024;
/** Nothing is stored with less free space than this: more than the reserve of the database (see `DiskReserve`). */
const ROOM_LEFT_BYTES = 33_554_432;
/** The free space is looked at once for so many bytes. */
const LOOK_EACH_BYTES = 4_194_304;

/**
 * A folder as object store. An object is written to a separate file, made durable with fsync and renamed, and the
 * folder's entry is made durable too: the object exists completely or not at all, also after a power failure.
 */
export class LocalObjectStore extends ObjectStore {
  readonly place: string;

  constructor(private readonly root: string) {
    super();
    this.place = `file://${root}`;
  }

  async put(name: string, bytes: ObjectBytes, signal?: AbortSignal): Promise<number> {
    const path = this.path(name);
    const unfinished = join(this.root, UNFINISHED, `${process.pid}-${randomBytes(8).toString('hex')}`);
    try {
      await makeDurableFolder(dirname(unfinished));
      const length = await writeDurably(unfinished, bytes, signal);
      await this.removeAbandoned(unfinished);
      await makeDurableFolder(dirname(path));
      await rename(unfinished, path);
      await syncFolder(dirname(path));
      return length;
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined);
      throw this.explained(error, name);
    }
  }

  async *get(name: string, signal?: AbortSignal): AsyncIterable<Buffer> {
    try {
      const path = this.path(name);
      const highWaterMark = pieceBytes((await stat(path)).size);
      const stream = createReadStream(path, { highWaterMark, signal });
      for await (const piece of stream) yield piece as Buffer;
    } catch (error) {
      throw this.explained(error, name);
    }
  }

  async *list(prefix: string, after = ''): AsyncIterable<StoredObject> {
    try {
      // The last slash ends a folder name: nothing outside that folder can begin with the prefix.
      yield* this.walk(prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix, after);
    } catch (error) {
      throw this.explained(error, prefix);
    }
  }

  async delete(name: string): Promise<void> {
    const path = this.path(name);
    try {
      await rm(path);
      await syncFolder(dirname(path));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw this.explained(error, name);
    }
  }

  close(): void {
    // A folder needs no closing.
  }

  private path(name: string): string {
    return join(this.root, requireObjectName(name));
  }

  private async *walk(folder: string, prefix: string, after: string): AsyncIterable<StoredObject> {
    for (const [part, isFolder] of await entriesOf(join(this.root, folder))) {
      const name = folder + part;
      // Skips folders whose names all sort before `after`, or that cannot contain the prefix.
      if (!name.startsWith(prefix) && !(isFolder && prefix.startsWith(name))) continue;
      if (isFolder && (name > after || after.startsWith(name))) yield* this.walk(name, prefix, after);
      if (!isFolder && name > after) yield { name, bytes: (await stat(join(this.root, name))).size };
    }
  }

  // Compares times of the file system, so no clock is needed.
  private async removeAbandoned(fresh: string): Promise<void> {
    const folder = dirname(fresh);
    const now = (await stat(fresh)).mtimeMs;
    for (const entry of await readdir(folder)) {
      const path = join(folder, entry);
      const age = now - (await stat(path).catch(() => ({ mtimeMs: now }))).mtimeMs;
      if (age > ABANDONED_AFTER_MS) await rm(path, { force: true });
    }
  }

  private explained(error: unknown, name: string): unknown {
    const code = codeOf(error);
    if (error instanceof ObjectStoreError || code === undefined || code === 'ABORT_ERR') return error;
    const at = `${this.place}/${name}`;
    if (code === 'ENOENT') return new ObjectStoreError('missing', `The object ${at} does not exist.`, error);
    if (code === 'ENOSPC' || code === 'EDQUOT')
      return new ObjectStoreError(
        'full',
        `The backup store is full (${code} at ${at}). Free space or move it.`,
        error,
      );
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
      return new ObjectStoreError(
        'denied',
        `The backup store cannot be used (${code} at ${at}). Check its permissions.`,
        error,
      );
    return new ObjectStoreError('unreachable', `The backup store failed (${code} at ${at}).`, error);
  }
}

/** Names in a folder in the order of whole object names: a folder sorts as its name with the slash. */
async function entriesOf(folder: string): Promise<Array<[string, boolean]>> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  return entries
    .filter(({ name }) => !name.startsWith('.'))
    .map((entry): [string, boolean] => [
      entry.isDirectory() ? `${entry.name}/` : entry.name,
      entry.isDirectory(),
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * A stream allocates a piece before each read, the one that meets the end included. With large pieces for small objects,
 * a verification of some thousand of them would make V8 collect its whole heap again and again.
 */
const pieceBytes = (size: number) => Math.min(READ_BYTES, size + 1);

async function writeDurably(path: string, bytes: ObjectBytes, signal?: AbortSignal): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  try {
    let length = 0;
    let nextLook = 0;
    // Writes one piece while the next one is produced.
    let writing: Promise<void> = Promise.resolve();
    try {
      for await (const piece of bytes) {
        signal?.throwIfAborted();
        await writing;
        if (length >= nextLook) {
          await requireRoom(path);
          nextLook = length + LOOK_EACH_BYTES;
        }
        writing = writeAll(file, piece);
        // A failure is thrown at the next iteration; until then it must not count as unhandled.
        writing.catch(() => undefined);
        length += piece.length;
      }
    } finally {
      // The file must not be closed during a write.
      await writing.catch(() => undefined);
    }
    await writing;
    await file.sync();
    return length;
  } finally {
    await file.close();
  }
}

/** The copies may be on the disk of the database: they leave it the room that it needs to free space. */
async function requireRoom(path: string): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  if (bavail * bsize >= ROOM_LEFT_BYTES) return;
  throw Object.assign(new Error('Too little room is left on the disk.'), { code: 'ENOSPC' });
}

async function writeAll(file: FileHandle, piece: Buffer): Promise<void> {
  for (let from = 0; from < piece.length;) from += (await file.write(piece, from)).bytesWritten;
}

/** Creates a folder and its parents, each durable in its parent. */
async function makeDurableFolder(path: string): Promise<void> {
  const made = await makeFolder(path);
  for (const folder of made.reverse()) await syncFolder(dirname(folder));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
