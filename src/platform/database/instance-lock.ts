import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { OperatorError } from '../errors/operator-error';

/** The database is in use by another process of the service. */
export class AlreadyRunningError extends OperatorError {
  constructor(file: string) {
    super(
      `Another GraphOMAT Backup already runs on ${file}. Stop it first, or give this one a DATA_DIR of its own.`,
    );
  }
}

/**
 * Holds `<database>.lock` for as long as the process lives. It is an SQLite file held in an exclusive
 * transaction, because that is a lock of the operating system which goes with the process, also by
 * `kill -9`; a file with a process id in it would stay behind. SQLite itself allows several processes on one
 * database, but the group commit and the jobs are made for one.
 */
export class InstanceLock {
  private constructor(private readonly database: Database) {}

  /** Takes the lock; throws AlreadyRunningError when another process has it. */
  static take(databaseFile: string): InstanceLock {
    mkdirSync(dirname(databaseFile), { recursive: true });
    const database = new Sqlite(`${databaseFile}.lock`, { timeout: 0 });
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
