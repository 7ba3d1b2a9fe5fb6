import type { EntityManager, QueryRunner } from 'typeorm';
import { OperatorError } from '../errors/operator-error';

/** An empty table in a PostgreSQL database from the start of a move into it to its commit. */
const MARK = 'unfinished_move';

/** A move from SQLite into this database has not completed. */
export class UnfinishedMigrationError extends OperatorError {
  constructor() {
    super(
      'A move into this database has not completed, and it contains no data. Run the same "npm run migrate-to-postgres" again, or give the service another database.',
    );
  }
}

/** Throws UnfinishedMigrationError if a move has not completed. Waits for no lock, also while the move runs. */
export async function refuseHalfMigrated(database: { manager: EntityManager }): Promise<void> {
  if (await isHalfMigrated(database)) throw new UnfinishedMigrationError();
}

/** Whether a move into this PostgreSQL database was started and not committed. */
export async function isHalfMigrated({ manager }: { manager: EntityManager }): Promise<boolean> {
  const [found] = await manager.query<Array<{ mark: string | null }>>(
    'SELECT to_regclass($1)::text AS mark',
    [MARK],
  );
  return found!.mark !== null;
}

/** Sets the mark if it is not set: from its commit on, no service starts on the database. */
export async function setMigrationMark(runner: QueryRunner): Promise<void> {
  if (await isHalfMigrated(runner)) return;
  await runner.query(`CREATE TABLE "${MARK}" ()`);
  await runner.query(
    `COMMENT ON TABLE "${MARK}" IS 'npm run migrate-to-postgres has not ended: run it again. The service does not start before that.'`,
  );
}

/** Removes the mark, in the transaction that commits all moved data. */
export async function removeMigrationMark(runner: QueryRunner): Promise<void> {
  await runner.query(`DROP TABLE "${MARK}"`);
}
