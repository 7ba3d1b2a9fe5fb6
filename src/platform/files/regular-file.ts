import { statSync } from 'node:fs';
import { OperatorError } from '../errors/operator-error';

/**
 * Throws an OperatorError if a folder, a device or a pipe has this name; nothing with this name is fine. SQLite would
 * report a broken disk for a folder, and a named pipe would never open. `purpose` is what the file is for.
 */
export function requireRegularFile(path: string, purpose: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return;
  const what = found.isDirectory() ? 'a folder' : 'not a regular file';
  throw new OperatorError(
    `${path} is ${what}, so it cannot be ${purpose}. Move it away, or name another path.`,
  );
}
