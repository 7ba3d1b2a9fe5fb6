import { existsSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DataSource, EntityManager } from 'typeorm';
import { OperatorError } from '../errors/operator-error';
import { makeFolderSync } from '../files/make-folder';
import { openDataSource, openSqliteReadOnly, type DatabaseSchema } from './data-source';
import { openDatabase, type OpenDatabase } from './database';
import { databaseCode } from './database-errors';
import { InstanceLock } from './instance-lock';
import { NewerDatabaseError } from './migrator';
import { refuseHalfMigrated } from './migration-mark';
import type { DatabaseTarget } from './database-url';

const TUNING = { poolSize: 3 };
const MIGRATIONS = 'migrations';

/** The database contains tables that are not those of this service. */
export class ForeignDatabaseError extends OperatorError {
  constructor() {
    super(
      'The database belongs to another program: its tables are not those of this service. Nothing was ' +
        'changed. Name another database (DATABASE_URL, or --to).',
    );
  }
}

/** Opens databases other than the service's own: to rebuild one from copies, and to test a rebuild. */
export class Databases {
  constructor(private readonly schema: DatabaseSchema) {}

  /** Names of all migrations of this program, oldest first. */
  get migrations(): string[] {
    return this.schema.migrations.map((migration) => nameOf(migration));
  }

  /**
   * Opens a database and migrates it to the given migrations only. Throws NewerDatabaseError, AlreadyRunningError.
   */
  open(target: DatabaseTarget, migrations: readonly string[]): Promise<OpenDatabase> {
    const unknown = migrations.find((name) => !this.migrations.includes(name));
    if (unknown !== undefined) throw new NewerDatabaseError([unknown]);
    const known = this.schema.migrations.filter((migration) => migrations.includes(nameOf(migration)));
    return openDatabase(target, { ...this.schema, migrations: known }, TUNING);
  }

  /**
   * The migrations of a database, oldest first; none if it does not exist or has no tables. Changes nothing. Throws
   * ForeignDatabaseError, and UnfinishedMigrationError if a move into it has not completed.
   */
  async migrationsOf(target: DatabaseTarget): Promise<string[]> {
    if (target.kind === 'sqlite' && (!existsSync(target.file) || statSync(target.file).size === 0)) return [];
    return this.inspect(target, async (em) => {
      if (target.kind === 'postgres') await refuseHalfMigrated({ manager: em });
      const tables = await tablesOf(em, target);
      if (!tables.includes(MIGRATIONS)) {
        if (tables.some((name) => target.kind === 'sqlite' || this.isOurs(em, name)))
          throw new ForeignDatabaseError();
        return [];
      }
      const rows = await em.query<Array<{ name: string }>>(
        `SELECT name FROM "${MIGRATIONS}" ORDER BY timestamp`,
      );
      return rows.map(({ name }) => name);
    });
  }

  /** Reads an existing database as it is, whatever its schema; cannot write or migrate it. */
  async inspect<T>(target: DatabaseTarget, work: (em: EntityManager) => Promise<T>): Promise<T> {
    const source = await this.openToLook(target);
    const runner = source.createQueryRunner();
    try {
      return await work(runner.manager);
    } catch (error) {
      if (databaseCode(error) === 'SQLITE_NOTADB') throw new ForeignDatabaseError();
      throw error;
    } finally {
      await runner.release();
      await source.destroy();
    }
  }

  /**
   * Drops all tables of this service in one transaction. Throws AlreadyRunningError on SQLite, and an OperatorError
   * on PostgreSQL, if a service uses the database.
   */
  async clear(target: DatabaseTarget): Promise<void> {
    const lock = target.kind === 'sqlite' ? InstanceLock.take(target.file) : undefined;
    try {
      const source = await openDataSource(target, { ...this.schema, migrations: [] }, { poolSize: 1 });
      try {
        await refuseInUse(source);
        await dropTables(source, target);
      } finally {
        await source.destroy();
      }
    } finally {
      lock?.release();
    }
  }

  /** Provides a private file for an SQLite database during `work`, and removes it afterwards. */
  async inScratchFile<T>(file: string, work: (file: string) => Promise<T>): Promise<T> {
    makeFolderSync(dirname(file));
    removeDatabase(file);
    try {
      return await work(file);
    } finally {
      removeDatabase(file);
    }
  }

  /** Provides an empty SQLite database at the newest schema during `work`, and removes it afterwards. */
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

  private openToLook(target: DatabaseTarget): Promise<DataSource> {
    if (target.kind === 'sqlite') return openSqliteReadOnly(target.file);
    return openDataSource(target, { ...this.schema, migrations: [] }, { poolSize: 1 });
  }

  private isOurs(em: EntityManager, table: string): boolean {
    return em.connection.entityMetadatas.some(({ tableName }) => tableName === table);
  }
}

async function tablesOf(em: EntityManager, { kind }: DatabaseTarget): Promise<string[]> {
  const sql =
    kind === 'sqlite'
      ? `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
      : 'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()';
  return (await em.query<Array<{ name: string }>>(sql)).map(({ name }) => name);
}

/** Only on PostgreSQL; on SQLite the lock covers this. */
async function refuseInUse(source: DataSource): Promise<void> {
  const { options } = source;
  if (options.type !== 'postgres') return;
  const [row] = await source.query<Array<{ others: number }>>(
    `SELECT COUNT(*)::int AS others FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()`,
    [options.applicationName],
  );
  if (row!.others > 0)
    throw new OperatorError(
      'A service or a tool is connected to the database. Stop all of them, then run the same command again.',
    );
}

async function dropTables(source: DataSource, target: DatabaseTarget): Promise<void> {
  const ours = new Set([...source.entityMetadatas.map(({ tableName }) => tableName), MIGRATIONS]);
  const runner = source.createQueryRunner();
  try {
    await runner.startTransaction();
    for (const name of await tablesOf(runner.manager, target))
      if (ours.has(name)) await runner.query(`DROP TABLE "${name}"`);
    await runner.commitTransaction();
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}

function nameOf(migration: DatabaseSchema['migrations'][number]): string {
  return new migration().name ?? migration.name;
}

function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal', '.lock']) rmSync(file + suffix, { force: true });
}
