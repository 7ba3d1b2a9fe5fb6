import { MigrationExecutor, type DataSource } from 'typeorm';

/** The database was written by a newer program, whose schema this one does not know. */
export class NewerSchemaError extends Error {
  constructor(migration: string) {
    super(
      `The database was made by a newer version of this program (its migration ${migration} is not known here). ` +
        'Start that version, or restore a copy from before the upgrade; nothing was changed.',
    );
    this.name = 'NewerSchemaError';
  }
}

/** Any number, as long as every replica uses the same one. */
const MIGRATION_LOCK = 4_711_001;

/**
 * Applies the migrations that are pending and returns their names. On PostgreSQL an advisory lock of the
 * transaction lets one replica do it while the others wait (it holds behind a transaction-mode pooler too); on
 * SQLite the instance lock has seen to that. All pending migrations are one transaction: a failed one leaves
 * the schema as it was. Throws NewerSchemaError, before it changes anything, when the database is ahead of this program.
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  await refuseNewerSchema(dataSource);
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

/** Throws NewerSchemaError when the database has seen a migration that this program does not have. */
export async function refuseNewerSchema(dataSource: DataSource): Promise<void> {
  const executed = await new MigrationExecutor(dataSource).getExecutedMigrations();
  const known = new Set(dataSource.migrations.map(({ name, constructor }) => name ?? constructor.name));
  const unknown = executed.find(({ name }) => !known.has(name));
  if (unknown) throw new NewerSchemaError(unknown.name);
}
