import { existsSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import { InstanceLock } from './instance-lock';
import type { CellValue } from './row-digest';
import type { MigratedTable } from './migration-target';

/**
 * The SQLite database to move: opened read-only and read in one transaction, so that it is one snapshot. No service
 * may run on it, because later writes would be missing in the target; its lock is held meanwhile.
 */
export class MigrationSource {
  private constructor(
    private readonly database: Database,
    private readonly lock: InstanceLock,
  ) {}

  /** Throws an Error if the file does not exist, and AlreadyRunningError if a service uses it. */
  static open(file: string): MigrationSource {
    if (!existsSync(file)) throw new Error(`The database ${file} does not exist.`);
    const lock = InstanceLock.take(file);
    try {
      const database = new Sqlite(file, { readonly: true, fileMustExist: true });
      database.exec('BEGIN');
      return new MigrationSource(database, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Names of its migrations, in order; none if the file does not belong to this service. */
  migrations(): string[] {
    const known = this.database.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'migrations'`).get();
    if (!known) return [];
    return this.database.prepare('SELECT name FROM migrations ORDER BY timestamp').pluck().all() as string[];
  }

  /** Ids of the master keys that still wrap data keys. */
  masterKeys(): Buffer[] {
    return this.database
      .prepare('SELECT id FROM master_keys WHERE retired_at IS NULL')
      .pluck()
      .all() as Buffer[];
  }

  count({ name }: MigratedTable): number {
    return this.database.prepare(`SELECT count(*) FROM "${name}"`).pluck().get() as number;
  }

  /** All rows in key order, one at a time in memory. */
  rows({ name, columns, key }: MigratedTable): IterableIterator<CellValue[]> {
    const list = (names: readonly string[]) => names.map((column) => `"${column}"`).join(', ');
    const sql = `SELECT ${list(columns)} FROM "${name}" ORDER BY ${list(key)}`;
    return this.database.prepare(sql).raw().iterate() as IterableIterator<CellValue[]>;
  }

  /** The last number drawn for a table's generated key, also if its row was deleted; 0 if none was drawn. */
  lastDrawn({ name }: MigratedTable): number {
    const last = this.database.prepare('SELECT seq FROM sqlite_sequence WHERE name = ?').pluck().get(name);
    return (last as number | undefined) ?? 0;
  }

  close(): void {
    this.database.close();
    this.lock.release();
  }
}
