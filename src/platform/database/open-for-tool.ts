import { statSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import { openDataSource, openSqliteReader, type DatabaseSchema } from './data-source';
import type { DatabaseTarget } from './database-url';
import { refuseNewer } from './migrator';
import { refuseHalfMigrated } from './migration-mark';
import { PostgresUnitOfWork } from './postgres-unit-of-work';
import { SqliteUnitOfWork } from './sqlite-unit-of-work';
import type { UnitOfWork } from './unit-of-work';

/** Connections that a command line tool uses on PostgreSQL. */
const TOOL_POOL_SIZE = 2;

/**
 * Opens the database for a command line tool that may run next to the service: no instance lock, no migration. Keep
 * its transactions short: on SQLite, the service's writes wait for them. Throws an Error with a message for the
 * operator if there is no database, if its schema does not match this program, or if a move into it has not
 * completed.
 */
export async function openForTool(target: DatabaseTarget, schema: DatabaseSchema): Promise<UnitOfWork> {
  if (target.kind === 'sqlite' && !statSync(target.file, { throwIfNoEntry: false }))
    throw new Error(
      `The database ${target.file} does not exist. Start the service once first: if the database was lost, it says what to do.`,
    );
  const dataSource = await openDataSource(target, schema, { poolSize: TOOL_POOL_SIZE });
  try {
    if (target.kind === 'postgres') await refuseHalfMigrated(dataSource);
    await requireMigrated(dataSource);
    if (target.kind === 'postgres') return new PostgresUnitOfWork(dataSource);
    return new SqliteUnitOfWork(await openSqliteReader(dataSource, target.file));
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

async function requireMigrated(dataSource: DataSource): Promise<void> {
  await refuseNewer(dataSource);
  if (await dataSource.showMigrations())
    throw new Error('The database has an older schema than this program. Start the service once first.');
}
