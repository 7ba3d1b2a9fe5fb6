import { randomBytes } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { keyPath, readKey, replaceKey, writeOnce } from '../config/key-files';
import { MASTER_KEY_FILE, PREVIOUS_MASTER_KEY_FILE, RETIRED_MASTER_KEY_FILE } from './master-key-source';
import { masterKeyId } from './master-keys';

/**
 * Makes a new master key in the key files, durable before anything is wrapped with it: first the present key is
 * copied to the previous one's name, then the new one takes its place in one step. There is no moment at which
 * a key in use is in no file. When a rotation was begun before and not ended, its keys stay.
 */
export function beginFileRotation(dataDir: string): void {
  const currentPath = keyPath(dataDir, MASTER_KEY_FILE);
  const previousPath = keyPath(dataDir, PREVIOUS_MASTER_KEY_FILE);
  const current = readKey(currentPath);
  if (!current) throw new Error(`There is no key file ${currentPath}.`);
  writeOnce(previousPath, current);
  // Different: a rotation is under way already, and its new key is in place.
  if (readKey(previousPath)?.equals(current)) replaceKey(currentPath, randomBytes(32));
}

/** Gives the old key its final name, once nothing in the database needs it any more. */
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
