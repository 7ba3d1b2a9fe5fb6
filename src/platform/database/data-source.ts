import type { Database } from 'better-sqlite3';
import { DataSource, type DataSourceOptions, type EntitySchema, type MigrationInterface } from 'typeorm';
import type { Log } from '../logging/log';
import { BatchingClient } from './batching-client';
import type { DatabaseKind } from './columns';
import type { DatabaseTarget } from './database-url';
import { SlowQueryLog } from './slow-query-log';

/** The tables and their history; handed in from the top, because the platform knows no feature. */
export interface DatabaseSchema {
  entities: (kind: DatabaseKind) => EntitySchema[];
  migrations: ReadonlyArray<new () => MigrationInterface>;
}

/** SQLite's two connections: one that writes, one that can only read. */
export interface SqliteConnections {
  writer: DataSource;
  reader: DataSource;
  /** The writer's own driver connection. */
  database: Database;
  /** One more connection that can only read. */
  openReader: () => Promise<DataSource>;
}

/** What a service sets about its connections, and a tool leaves as it is. */
export interface DatabaseTuning {
  /** Connections to PostgreSQL at most. */
  poolSize?: number;
  /** A statement that takes longer, in ms, goes to `log`; 0 means never. */
  slowQueryMs?: number;
  log?: Log;
}

/** How long SQLite waits for another process's lock, ms (a command line tool beside the service). */
const BUSY_TIMEOUT_MS = 5_000;

/** How long a unit waits for a connection to PostgreSQL, a new one or one that others use, before it is a 503, ms. */
const CONNECT_TIMEOUT_MS = 5_000;
/** After this long without a word the system asks whether the other end is still there, ms. */
const KEEP_ALIVE_MS = 10_000;

/** A data source that is not connected, for TypeORM's command line. */
export function dataSourceFor(target: DatabaseTarget, schema: DatabaseSchema): DataSource {
  return new DataSource(dataSourceOptions(target, schema));
}

/** TypeORM's options for a target; never with `synchronize`. */
export function dataSourceOptions(
  target: DatabaseTarget,
  schema: DatabaseSchema,
  tuning: DatabaseTuning = {},
): DataSourceOptions {
  const { poolSize = 10 } = tuning;
  const common = {
    ...slowQueries(tuning),
    migrations: [...schema.migrations],
    migrationsTableName: 'migrations',
    synchronize: false,
    logging: false,
  };
  if (target.kind === 'postgres') {
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
  // Only a file that is made now takes it: the rows are small, and half of a page stays empty in many tables.
  database.pragma('page_size = 2048');
  database.pragma('auto_vacuum = INCREMENTAL');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('journal_size_limit = 67108864');
  // In pages: some 4 MB of log between two checkpoints, as SQLite has it with pages of 4 KiB.
  database.pragma('wal_autocheckpoint = 2000');
}

/** Opens the writing connection, and with it the database file; its folder is made when missing. */
export async function openDataSource(
  target: DatabaseTarget,
  schema: DatabaseSchema,
  tuning?: DatabaseTuning,
): Promise<DataSource> {
  return new DataSource(dataSourceOptions(target, schema, tuning)).initialize();
}

/** Opens an existing SQLite file so that nothing in it can change, not its journal mode either. */
export function openSqliteReadOnly(file: string, tuning: DatabaseTuning = {}): Promise<DataSource> {
  return new DataSource({
    ...slowQueries(tuning),
    type: 'better-sqlite3',
    database: file,
    readonly: true,
    fileMustExist: true,
    timeout: BUSY_TIMEOUT_MS,
  }).initialize();
}

/** Adds the read-only connection to an open SQLite writer. The file must exist by now. */
export async function openSqliteReader(
  writer: DataSource,
  file: string,
  tuning: DatabaseTuning = {},
): Promise<SqliteConnections> {
  const openReader = () => openSqliteReadOnly(file, tuning);
  return {
    writer,
    reader: await openReader(),
    openReader,
    database: (writer.driver as unknown as { databaseConnection: Database }).databaseConnection,
  };
}
