import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EntityManager } from 'typeorm';
import { openDataSource, type DatabaseSchema } from './data-source';
import { openDatabase, type OpenDatabase } from './database';
import { NewerDatabaseError } from './migrator';
import type { DatabaseTarget } from './database-url';

const TUNING = { poolSize: 3 };

/** Opens databases besides the service's own one: to rebuild one from copies, and to try whether that would work. */
export class Databases {
  constructor(private readonly schema: DatabaseSchema) {}

  /** The names of all migrations that this program knows, oldest first. */
  get migrations(): string[] {
    return this.schema.migrations.map((migration) => nameOf(migration));
  }

  /** Opens a database and brings its schema to the given migrations, not further. Throws NewerDatabaseError, AlreadyRunningError. */
  open(target: DatabaseTarget, migrations: readonly string[]): Promise<OpenDatabase> {
    const unknown = migrations.find((name) => !this.migrations.includes(name));
    if (unknown !== undefined) throw new NewerDatabaseError([unknown]);
    const known = this.schema.migrations.filter((migration) => migrations.includes(nameOf(migration)));
    return openDatabase(target, { ...this.schema, migrations: known }, TUNING);
  }

  /** Whether a database holds nothing of this service: it may not exist, or not have its tables, or no row in them. Changes nothing. */
  async isEmpty(target: DatabaseTarget): Promise<boolean> {
    if (target.kind === 'sqlite' && (!existsSync(target.file) || statSync(target.file).size === 0))
      return true;
    return this.look(target, async (em) => {
      for (const table of ['users', 'graphs', 'journal']) {
        const rows = await em.query<unknown[]>(`SELECT 1 FROM "${table}" LIMIT 1`).catch(() => []);
        if (rows.length > 0) return false;
      }
      return true;
    });
  }

  /** Reads a database that exists as it is, whatever its schema; nothing is migrated. */
  async look<T>(target: DatabaseTarget, work: (em: EntityManager) => Promise<T>): Promise<T> {
    const source = await openDataSource(target, { ...this.schema, migrations: [] }, TUNING);
    const runner = source.createQueryRunner();
    try {
      return await work(runner.manager);
    } finally {
      await runner.release();
      await source.destroy();
    }
  }

  /** A file for an SQLite database that nobody else uses, for the time of `work`; it is gone afterwards. */
  async inScratchFile<T>(file: string, work: (file: string) => Promise<T>): Promise<T> {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    removeDatabase(file);
    try {
      return await work(file);
    } finally {
      removeDatabase(file);
    }
  }

  /** An empty SQLite database at the newest schema for the time of `work`; it is gone afterwards. */
  scratch<T>(file: string, work: (database: OpenDatabase) => Promise<T>): Promise<T> {
    return this.inScratchFile(file, async () => {
      const database = await this.open({ kind: 'sqlite', file }, this.migrations);
      try {
        return await work(database);
      } finally {
        await database.close();
      }
    });
  }
}

function nameOf(migration: DatabaseSchema['migrations'][number]): string {
  return new migration().name ?? migration.name;
}

function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal', '.lock']) rmSync(file + suffix, { force: true });
}
