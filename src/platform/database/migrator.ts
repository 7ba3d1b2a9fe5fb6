import { MigrationExecutor, type DataSource, type QueryRunner } from 'typeorm';
import { refuseHalfMoved } from './move-mark';
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
 * Applies the migrations that are pending and returns their names. On PostgreSQL an advisory lock of the
 * transaction lets one replica do it while the others wait (it holds behind a transaction-mode pooler too); on
 * SQLite the instance lock has seen to that. All pending migrations are one transaction: a failed one leaves
 * the schema as it was. Throws NewerDatabaseError, before anything is changed, rather than to run on a schema
 * that it does not know. On PostgreSQL `prepare` comes first in the same transaction; it throws UnfinishedMoveError
 * where a move has not ended, and only the move itself puts something else there.
 */
export async function migrate(
  dataSource: DataSource,
  prepare: (runner: QueryRunner) => Promise<void> = refuseHalfMoved,
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
