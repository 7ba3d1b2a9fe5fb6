import '../hardening/guard-prototypes';
import Database from 'better-sqlite3';

/** Attempts for what was written while the pages before were copied. */
const ATTEMPTS = 4;
/** A second copies what commits have written since; it waits for none. */
const TIMEOUT_MS = 0;

/** What SQLite answers to a checkpoint: pages in the log, and how many of them are in the database file. */
export interface LogPages {
  log: number;
  checkpointed: number;
}

/**
 * Copies the pages of the write-ahead log into the database file, without waiting for readers or the writer. The log
 * starts again only after all of it was copied, so what was written in the meantime is copied as well.
 */
export function copyLog(file: string): LogPages {
  const database = new Database(file, { fileMustExist: true, timeout: TIMEOUT_MS });
  try {
    database.pragma('synchronous = FULL');
    let pages = copied(database);
    for (let times = 1; times < ATTEMPTS && pages.checkpointed < pages.log; times += 1)
      pages = copied(database);
    return pages;
  } finally {
    database.close();
  }
}

function copied(database: Database.Database): LogPages {
  return (database.pragma('wal_checkpoint(PASSIVE)') as LogPages[])[0]!;
}
