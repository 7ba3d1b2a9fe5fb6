import Sqlite, { type Database } from 'better-sqlite3';
import { OperatorError } from '../errors/operator-error';
import { createPrivateFile } from './private-file';

/** The database is in use by another process of the service. */
export class AlreadyRunningError extends OperatorError {
  constructor(file: string) {
    super(
      `Another GraphOMAT Backup already runs on ${file}. Stop it first, or give this one its own DATA_DIR.`,
    );
  }
}

/**
 * Holds `<database>.lock` while the process lives. It is an SQLite file in an exclusive transaction, which is a lock
 * of the operating system that ends with the process, also on `kill -9`; a file with a process id would stay behind.
 * SQLite allows several processes on one database, but the group commit and the jobs require a single one.
 */
export class InstanceLock {
  private constructor(private readonly database: Database) {}

  /** Takes the lock. Throws AlreadyRunningError if another process has it. */
  static take(databaseFile: string): InstanceLock {
    const file = `${databaseFile}.lock`;
    createPrivateFile(file);
    const database = new Sqlite(file, { timeout: 0 });
    try {
      database.exec('BEGIN EXCLUSIVE');
      return new InstanceLock(database);
    } catch (error) {
      database.close();
      if ((error as { code?: string }).code === 'SQLITE_BUSY') throw new AlreadyRunningError(databaseFile);
      throw error;
    }
  }

  release(): void {
    this.database.close();
  }
}
