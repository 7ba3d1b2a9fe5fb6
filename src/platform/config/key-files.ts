import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { OperatorError } from '../errors/operator-error';
import { makeFolderSync } from '../files/make-folder';
import { requireRegularFile } from '../files/regular-file';

/** A key in a file, and whether it was created just now. */
export interface KeyFile {
  path: string;
  bytes: Buffer;
  made: boolean;
}

/** Where an installation stores the keys that it created itself. */
export function keyPath(dataDir: string, name: string): string {
  return join(dataDir, 'keys', `${name}.key`);
}

/**
 * Reads a 32-byte key (base64) from `DATA_DIR/keys/<name>.key`, or creates it once: random, mode 0600, durable
 * before it is returned. Two processes that start together get the same key. Throws if the file contains anything
 * else: a key is never replaced silently, because the data it protects would be lost.
 */
export function readOrMakeKey(dataDir: string, name: string): KeyFile {
  const path = keyPath(dataDir, name);
  const existing = readKey(path);
  if (existing) return { path, bytes: existing, made: false };
  makeFolderSync(join(dataDir, 'keys'));
  const made = writeOnce(path, randomBytes(32));
  const bytes = readKey(path);
  if (!bytes) throw new Error(`The key file ${path} disappeared while it was being created.`);
  return { path, bytes, made };
}

/** Reads a key file; undefined if there is none. */
export function readKey(path: string): Buffer | undefined {
  let text: string;
  requireRegularFile(path, 'a key');
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 32)
    throw new OperatorError(
      `The key file ${path} does not hold 32 bytes in base64. Put the right key back; do not delete it.`,
    );
  return bytes;
}

/** Writes a key to a new file; false if the file exists, also if another process created it just now. */
export function writeOnce(path: string, key: Buffer): boolean {
  const temporary = writeTemporary(path, key);
  try {
    // link() fails if the name exists, so the first writer wins and no reader sees half a key.
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
    syncFolder(dirname(path));
  }
}

/** Replaces a key file atomically and durably. */
export function replaceKey(path: string, key: Buffer): void {
  renameSync(writeTemporary(path, key), path);
  syncFolder(dirname(path));
}

function writeTemporary(path: string, key: Buffer): string {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, `${key.toString('base64')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return temporary;
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
