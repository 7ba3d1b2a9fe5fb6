import { existsSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import type { DatabaseTarget } from './database-url';
import { openDataSource, openSqliteReader, type DatabaseSchema, type DatabaseTuning } from './data-source';
import { DiskReserve } from './disk-reserve';
import { LogCheckpoints } from './log-checkpoints';
import { InstanceLock } from './instance-lock';
import { migrate, refuseNewer } from './migrator';
import { PostgresUnitOfWork } from './postgres-unit-of-work';
import { SqliteUnitOfWork } from './sqlite-unit-of-work';
import type { UnitOfWork } from './unit-of-work';

/** An open, migrated database. */
export interface OpenDatabase {
  unitOfWork: UnitOfWork;
  /** Names of the migrations that were applied at this start. */
  migrated: string[];
  /** Whether the database was created at this start. */
  created: boolean;
  /** Completes work in progress and closes the database. */
  close(): Promise<void>;
}

/** Opens the service's database and migrates it. Throws AlreadyRunningError on SQLite. */
export async function openDatabase(
  target: DatabaseTarget,
  schema: DatabaseSchema,
  tuning: DatabaseTuning,
): Promise<OpenDatabase> {
  return target.kind === 'sqlite' ? openSqlite(target, schema, tuning) : openPostgres(target, schema, tuning);
}

async function openSqlite(
  target: Extract<DatabaseTarget, { kind: 'sqlite' }>,
  schema: DatabaseSchema,
  tuning: DatabaseTuning,
): Promise<OpenDatabase> {
  const lock = InstanceLock.take(target.file);
  const created = !existsSync(target.file);
  try {
    // Before the database is opened: on a full disk SQLite could not create its log.
    const disk = new DiskReserve(target.file, tuning.reserveBytes ?? 0, tuning.log);
    const writer = await openDataSource(target, schema, tuning);
    const migrated = await migrateSqlite(writer, target.file, created ? undefined : tuning.migrateApart);
    const connections = await openSqliteReader(writer, target.file, tuning);
    const checkpoints = new LogCheckpoints(connections.database, tuning.log);
    const unitOfWork = new SqliteUnitOfWork(connections, disk, checkpoints);
    const close = async () => {
      await unitOfWork.close();
      lock.release();
    };
    return { unitOfWork, migrated, created, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A statement of SQLite stops its thread, and one over a large table takes minutes. */
async function migrateSqlite(
  writer: DataSource,
  file: string,
  migrateApart: DatabaseTuning['migrateApart'],
): Promise<string[]> {
  if (!migrateApart || !(await writer.showMigrations())) return migrate(writer);
  await refuseNewer(writer);
  const migrated = await migrateApart(file);
  if (await writer.showMigrations()) throw new Error('The schema is still an older one after its migration.');
  return migrated;
}

async function openPostgres(
  target: DatabaseTarget,
  schema: DatabaseSchema,
  tuning: DatabaseTuning,
): Promise<OpenDatabase> {
  const dataSource = await openDataSource(target, schema, tuning);
  try {
    const migrated = await migrate(dataSource);
    const unitOfWork = new PostgresUnitOfWork(dataSource);
    return { unitOfWork, migrated, created: migrated.length > 0, close: () => unitOfWork.close() };
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}
