import { MigrationExecutor, type DataSource, type QueryRunner } from 'typeorm';
import { refuseHalfMigrated } from './migration-mark';
import { OperatorError } from '../errors/operator-error';

/** Any number, if all replicas use the same one. */
const MIGRATION_LOCK = 4_711_001;

/** A newer version of the program has changed the database. */
export class NewerDatabaseError extends OperatorError {
  constructor(migrations: readonly string[]) {
    super(
      `The database was changed by a newer version of this program: it has the migrations ${migrations.join(', ')}, ` +
        'which this one does not know. Start the newer version, or restore a copy from before the update.',
    );
  }
}

/** Throws NewerDatabaseError if the database has a migration that this program does not know. Changes no data. */
export async function refuseNewer(dataSource: DataSource, runner?: QueryRunner): Promise<void> {
  const known = new Set(dataSource.migrations.map(({ name, constructor }) => name ?? constructor.name));
  const executed = await new MigrationExecutor(dataSource, runner).getExecutedMigrations();
  const unknown = executed.map(({ name }) => name).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new NewerDatabaseError(unknown);
}

/**
 * Applies pending migrations and returns their names. On PostgreSQL a transaction-level advisory lock lets one replica
 * migrate while the others wait (it works behind a transaction-mode pooler too); on SQLite the instance lock ensures
 * that. All pending migrations are one transaction: a failed one leaves the schema unchanged. Throws
 * NewerDatabaseError, before anything is changed, if the schema is unknown. On PostgreSQL `prepare` runs first in the
 * same transaction. By default it throws UnfinishedMigrationError if a move has not completed; only the move itself passes
 * another function.
 */
export async function migrate(
  dataSource: DataSource,
  prepare: (runner: QueryRunner) => Promise<void> = refuseHalfMigrated,
): Promise<string[]> {
  if (dataSource.options.type !== 'postgres') {
    await refuseNewer(dataSource);
    const done = await dataSource.runMigrations({ transaction: 'all' });
    return done.map(({ name }) => name);
  }
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    await runner.query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await refuseNewer(dataSource, runner);
    await prepare(runner);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'none';
    const done = await executor.executePendingMigrations();
    await runner.commitTransaction();
    return done.map(({ name }) => name);
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}
