import type { Database } from 'better-sqlite3';
import { DataSource, type DataSourceOptions, type EntitySchema, type MigrationInterface } from 'typeorm';
import type { Log } from '../logging/log';
import { requireRegularFile } from '../files/regular-file';
import type { DatabaseKind } from './columns';
import type { DatabaseTarget } from './database-url';
import { createPrivateFile } from './private-file';
import { SlowQueryLog } from './slow-query-log';

/** The tables and their migrations. Passed in, because the platform knows no feature. */
export interface DatabaseSchema {
  entities: (kind: DatabaseKind) => EntitySchema[];
  migrations: ReadonlyArray<new () => MigrationInterface>;
}

/** SQLite's connections: one writes, the others can only read. */
export interface SqliteConnections {
  writer: DataSource;
  reader: DataSource;
  /** For reads that share a transaction. */
  quickReader: DataSource;
  /** The driver connection of the writer. */
  database: Database;
  /** One more connection that can only read. */
  openReader: () => Promise<DataSource>;
}

/** Connection settings of the service; tools use the defaults. */
export interface DatabaseTuning {
  /** Most connections to PostgreSQL. */
  poolSize?: number;
  /** Slower statements are logged, ms; 0 means never. */
  slowQueryMs?: number;
  /** Bytes that are kept free for the service on a full disk (SQLite); 0 means none. */
  reserveBytes?: number;
  /** Migrates an SQLite file in a thread of its own; see migrate-apart.ts. Without it, in this one. */
  migrateApart?: (file: string) => Promise<string[]>;
  log?: Log;
}

/** How long SQLite waits for the lock of another process, such as a command line tool, ms. */
const BUSY_TIMEOUT_MS = 5_000;

/** How long a unit waits for a connection to PostgreSQL before it fails with 503, ms. */
const CONNECT_TIMEOUT_MS = 5_000;
/** After this time without data, the system probes whether the other end is still there, ms. */
const KEEP_ALIVE_MS = 10_000;

/** A data source that is not connected, for TypeORM's command line. */
export async function dataSourceFor(target: DatabaseTarget, schema: DatabaseSchema): Promise<DataSource> {
  return new DataSource(await dataSourceOptions(target, schema));
}

/** TypeORM's options for a target; never with `synchronize`. */
export async function dataSourceOptions(
  target: DatabaseTarget,
  schema: DatabaseSchema,
  tuning: DatabaseTuning = {},
): Promise<DataSourceOptions> {
  const { poolSize = 10 } = tuning;
  const common = {
    ...slowQueries(tuning),
    migrations: [...schema.migrations],
    migrationsTableName: 'migrations',
    synchronize: false,
    logging: false,
  };
  if (target.kind === 'postgres') {
    // `pg` takes 15 ms to load, which a start on SQLite does not need.
    const { BatchingClient } = await import('./batching-client');
    return {
      ...common,
      type: 'postgres',
      entities: schema.entities('postgres'),
      url: target.url,
      poolSize,
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      extra: { Client: BatchingClient, keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS },
      // 64-bit integers here are times, keys and sequence numbers, all far below 2^53.
      parseInt8: true,
      applicationName: 'graphomat-backup',
    };
  }
  return {
    ...common,
    type: 'better-sqlite3',
    entities: schema.entities('better-sqlite3'),
    database: target.file,
    timeout: BUSY_TIMEOUT_MS,
    prepareDatabase: prepareWriter,
  };
}

function slowQueries({ slowQueryMs = 0, log }: DatabaseTuning) {
  return log && slowQueryMs > 0 ? { maxQueryExecutionTime: slowQueryMs, logger: new SlowQueryLog(log) } : {};
}

// WAL with synchronous=FULL: each commit is on disk before it is answered, and readers never wait for the writer.
function prepareWriter(database: Database): void {
  // These apply only to new files, and auto_vacuum waits for the lock of others that write.
  if (database.pragma('page_count', { simple: true }) === 0) {
    // Rows are small, and in many tables half of a page stays empty.
    database.pragma('page_size = 2048');
    database.pragma('auto_vacuum = INCREMENTAL');
  }
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('journal_size_limit = 67108864');
  // In pages: about 4 MB of log between two checkpoints, SQLite's default with pages of 4 KiB.
  database.pragma('wal_autocheckpoint = 2000');
}

/** Opens the writing connection and the database file; creates both it and its folder if missing, for its owner only. */
export async function openDataSource(
  target: DatabaseTarget,
  schema: DatabaseSchema,
  tuning?: DatabaseTuning,
): Promise<DataSource> {
  if (target.kind === 'sqlite') createPrivateFile(target.file);
  return new DataSource(await dataSourceOptions(target, schema, tuning)).initialize();
}

/** Opens an existing SQLite file so that nothing in it can change, including its journal mode. */
export async function openSqliteReadOnly(file: string, tuning: DatabaseTuning = {}): Promise<DataSource> {
  requireRegularFile(file, 'the database');
  return new DataSource({
    ...slowQueries(tuning),
    type: 'better-sqlite3',
    database: file,
    readonly: true,
    fileMustExist: true,
    timeout: BUSY_TIMEOUT_MS,
  }).initialize();
}

/** Adds the read-only connections to an open SQLite writer. The file must exist. */
export async function openSqliteReader(
  writer: DataSource,
  file: string,
  tuning: DatabaseTuning = {},
): Promise<SqliteConnections> {
  const openReader = () => openSqliteReadOnly(file, tuning);
  return {
    writer,
    reader: await openReader(),
    quickReader: await openReader(),
    openReader,
    database: driverOf(writer),
  };
}

/** The driver's connection of an open SQLite data source. */
export function driverOf(source: DataSource): Database {
  return (source.driver as unknown as { databaseConnection: Database }).databaseConnection;
}
