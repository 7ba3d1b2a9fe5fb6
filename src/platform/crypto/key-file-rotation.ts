import { randomBytes } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { keyPath, readKey, replaceKey, writeOnce } from '../config/key-files';
import { MASTER_KEY_FILE, PREVIOUS_MASTER_KEY_FILE, RETIRED_MASTER_KEY_FILE } from './master-key-source';
import { masterKeyId } from './master-keys';

/**
 * Creates a new master key in the key files, durable before anything is wrapped with it. First the current key is
 * copied to the name of the previous one, then the new key replaces it atomically, so a key in use is always in a
 * file. The keys of an earlier rotation that did not finish stay.
 */
export function beginFileRotation(dataDir: string): void {
  const currentPath = keyPath(dataDir, MASTER_KEY_FILE);
  const previousPath = keyPath(dataDir, PREVIOUS_MASTER_KEY_FILE);
  const current = readKey(currentPath);
  if (!current) throw new Error(`The key file ${currentPath} does not exist.`);
  writeOnce(previousPath, current);
  // They differ: a rotation is in progress, and its new key is in place.
  if (readKey(previousPath)?.equals(current)) replaceKey(currentPath, randomBytes(32));
}

/** Renames the old key to its final name when nothing in the database needs it. */
export function endFileRotation(dataDir: string): { currentPath: string; retiredPath: string } {
  const previousPath = keyPath(dataDir, PREVIOUS_MASTER_KEY_FILE);
  const previous = readKey(previousPath);
  const retiredPath = keyPath(
    dataDir,
    `${RETIRED_MASTER_KEY_FILE}${previous ? masterKeyId(previous).toString('hex') : 'unknown'}`,
  );
  if (existsSync(previousPath)) renameSync(previousPath, retiredPath);
  return { currentPath: keyPath(dataDir, MASTER_KEY_FILE), retiredPath };
}
