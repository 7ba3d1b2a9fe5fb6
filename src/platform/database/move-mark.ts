import type { EntityManager, QueryRunner } from 'typeorm';
import { OperatorError } from '../errors/operator-error';

/** Stands in a PostgreSQL database from the beginning of a move into it to its commit; a table without columns. */
const MARK = 'unfinished_move';

/** A database that a move from SQLite was to fill, and that move has not ended. */
export class UnfinishedMoveError extends OperatorError {
  constructor() {
    super(
      'A move into this database has not ended, and nothing of it is here: run the same "npm run migrate-to-postgres" again, or give the service another database.',
    );
  }
}

/** Throws UnfinishedMoveError where a move has not ended. Waits for no lock, also while the move runs. */
export async function refuseHalfMoved(database: { manager: EntityManager }): Promise<void> {
  if (await isHalfMoved(database)) throw new UnfinishedMoveError();
}

/** Whether a move into this PostgreSQL database was begun and has not been committed. */
export async function isHalfMoved({ manager }: { manager: EntityManager }): Promise<boolean> {
  const [found] = await manager.query<Array<{ mark: string | null }>>(
    'SELECT to_regclass($1)::text AS mark',
    [MARK],
  );
  return found!.mark !== null;
}

/** Puts the mark, where it does not stand yet: from its commit on no service starts on the database. */
export async function markMove(runner: QueryRunner): Promise<void> {
  if (await isHalfMoved(runner)) return;
  await runner.query(`CREATE TABLE "${MARK}" ()`);
  await runner.query(
    `COMMENT ON TABLE "${MARK}" IS 'npm run migrate-to-postgres has not ended: run it again. The service does not start before that.'`,
  );
}

/** Takes the mark away, with the commit of the transaction that holds everything that was moved. */
export async function unmarkMove(runner: QueryRunner): Promise<void> {
  await runner.query(`DROP TABLE "${MARK}"`);
}
