import type { DataSource, EntityMetadata, QueryRunner } from 'typeorm';
import { databaseCode } from './database-errors';
import { isHalfMoved, markMove, unmarkMove } from './move-mark';
import { RowDigest, type CellValue, type TableDigest } from './row-digest';
import { ownMember } from '../hardening/own-member';

/** A table as it is moved: all its columns, and its primary key, in whose order it is read. */
export interface MovedTable {
  name: string;
  columns: readonly string[];
  key: readonly string[];
  /** The column whose values are drawn from a sequence. */
  generated: string | undefined;
}

/** The row that a migration puts here tells nothing about whether a database was used. */
const FILLED_BY_MIGRATIONS = ['health_probe'];
const FETCH_ROWS = 200;
/** A service that still runs on the target is in the way for longer than this; a killed move lets go sooner. */
const LOCK_WAIT = '30s';
/** After this long without a word from us the server gives up: a machine that died would hold the tables for hours. */
const SILENT_FOR = '10min';

/** Every table of the schema, also those that are added later. */
export function movedTables(dataSource: DataSource): MovedTable[] {
  return dataSource.entityMetadatas.map((metadata: EntityMetadata) => ({
    name: metadata.tableName,
    columns: metadata.columns.map(({ databaseName }) => databaseName),
    key: metadata.primaryColumns.map(({ databaseName }) => databaseName),
    generated: metadata.generatedColumns[0]?.databaseName,
  }));
}

/**
 * To be done first of all, in the transaction that migrates the target: throws an Error with a sentence when one of
 * its tables has rows, else marks it, so that no service starts on it before the move has ended.
 */
export async function claimTarget(runner: QueryRunner, tables: readonly MovedTable[]): Promise<void> {
  for (const { name } of tables) {
    const [found] = await runner.manager.query<Array<{ there: boolean }>>(
      'SELECT to_regclass($1) IS NOT NULL AS there',
      [`"${name}"`],
    );
    if (found!.there) await requireEmpty(runner, name);
  }
  await markMove(runner);
}

async function requireEmpty(runner: QueryRunner, table: string): Promise<void> {
  if (FILLED_BY_MIGRATIONS.includes(table)) return;
  const rows = await runner.manager.query<unknown[]>(`SELECT 1 FROM "${table}" LIMIT 1`);
  if (rows.length > 0)
    throw new Error(
      `The database to move to is not empty: it has rows in "${table}". Give the move an empty one.`,
    );
}

/** A PostgreSQL database that is filled in one transaction: it has everything in the end, or is empty. */
export class MoveTarget {
  private constructor(private readonly runner: QueryRunner) {}

  /**
   * Locks the tables against everybody else. Throws an Error with a sentence when one of them has rows, or is in use
   * for longer than half a minute.
   */
  static async begin(dataSource: DataSource, tables: readonly MovedTable[]): Promise<MoveTarget> {
    const runner = dataSource.createQueryRunner();
    await runner.query('BEGIN');
    await runner.query(`SET LOCAL lock_timeout = '${LOCK_WAIT}'`);
    await runner.query(`SET LOCAL idle_in_transaction_session_timeout = '${SILENT_FOR}'`);
    for (const { name } of tables) {
      await lock(runner, name);
      await requireEmpty(runner, name);
      if (FILLED_BY_MIGRATIONS.includes(name)) await runner.query(`DELETE FROM "${name}"`);
    }
    return new MoveTarget(runner);
  }

  /** Inserts rows of one table; their values in the columns' order. */
  async insert({ name, columns }: MovedTable, rows: readonly CellValue[][]): Promise<void> {
    let place = 0;
    const values = rows.map((row) => `(${row.map(() => `$${(place += 1)}`).join(', ')})`).join(', ');
    const list = columns.map((column) => `"${column}"`).join(', ');
    await this.runner.query(`INSERT INTO "${name}" (${list}) VALUES ${values}`, rows.flat());
  }

  /** Lets the table's sequence go on after `last`; 0 for a sequence that was never drawn from. */
  async continueAfter({ name, generated }: MovedTable, last: number): Promise<void> {
    const sql = 'SELECT setval(pg_get_serial_sequence($1, $2), greatest($3::bigint, 1), $3::bigint > 0)';
    await this.runner.query(sql, [name, generated, last]);
  }

  /** Reads a table back as it is now, in bounded batches. */
  async digest({ name, columns, key }: MovedTable): Promise<TableDigest> {
    const list = (names: readonly string[]) => names.map((column) => `"${column}"`).join(', ');
    const digest = new RowDigest();
    await this.runner.query(
      `DECLARE moved NO SCROLL CURSOR FOR SELECT ${list(columns)} FROM "${name}" ORDER BY ${list(key)}`,
    );
    for (let full = true; full;) {
      const rows = await this.runner.manager.query<Array<Record<string, CellValue>>>(
        `FETCH ${FETCH_ROWS} FROM moved`,
      );
      for (const row of rows) digest.add(columns.map((column) => ownMember(row, column) ?? null));
      full = rows.length === FETCH_ROWS;
    }
    await this.runner.query('CLOSE moved');
    return digest.end();
  }

  /**
   * Makes it durable; the planner's figures are collected first, so that the first requests are quick. Throws an
   * Error with a sentence when it is not known afterwards whether everything was moved or nothing.
   */
  async commit(): Promise<void> {
    await unmarkMove(this.runner);
    await this.runner.query('ANALYZE');
    await this.runner.query('COMMIT').catch((error: unknown) => {
      throw new Error(
        'The connection was lost under the commit: everything was moved, or nothing. Call it again: it moves, or says that the database is not empty, which then means that all of it is there.',
        { cause: error },
      );
    });
    // What answers a COMMIT with a rollback leaves the mark where it was.
    if (await isHalfMoved(this.runner)) throw new Error('The commit was refused; nothing was moved.');
  }
}

async function lock(runner: QueryRunner, table: string): Promise<void> {
  await runner.query(`LOCK TABLE "${table}" IN ACCESS EXCLUSIVE MODE`).catch((error: unknown) => {
    if (databaseCode(error) !== '55P03') throw error;
    throw new Error(
      `The database to move to is in use ("${table}" is locked): stop every service and tool on it.`,
      { cause: error },
    );
  });
}
