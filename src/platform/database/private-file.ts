import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolderSync } from '../files/make-folder';
import { requireRegularFile } from '../files/regular-file';

/**
 * Creates an empty file that only its owner can read and write, and its folder, unless they are there. SQLite gives
 * the mode of a database to its `-wal` and `-shm` too; without this, the umask would decide. Throws an OperatorError
 * for what `requireRegularFile` refuses.
 */
export function createPrivateFile(file: string): void {
  makeFolderSync(dirname(file));
  requireRegularFile(file, 'the database');
  closeSync(openSync(file, 'a', 0o600));
}
