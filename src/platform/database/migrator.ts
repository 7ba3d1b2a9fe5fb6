import { MigrationExecutor, type DataSource } from 'typeorm';

/** Any number, as long as every replica uses the same one. */
const MIGRATION_LOCK = 4_711_001;

/**
 * Applies the migrations that are pending and returns their names. On PostgreSQL an advisory lock of the
 * transaction lets one replica do it while the others wait (it holds behind a transaction-mode pooler too); on
 * SQLite the instance lock has seen to that. All pending migrations are one transaction: a failed one leaves
 * the schema as it was.
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  const postgres = dataSource.options.type === 'postgres';
  if (!postgres) {
    const done = await dataSource.runMigrations({ transaction: 'all' });
    return done.map(({ name }) => name);
  }
  try {
    await runner.startTransaction();
    await runner.query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
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
