import type { DataSource, EntityMetadata, QueryRunner } from 'typeorm';
import { databaseCode } from './database-errors';
import { isHalfMigrated, setMigrationMark, removeMigrationMark } from './migration-mark';
import { RowDigest, type CellValue, type TableDigest } from './row-digest';
import { ownMember } from '../hardening/own-member';

/** A table to move: all its columns, and its primary key, which gives the order. */
export interface MigratedTable {
  name: string;
  columns: readonly string[];
  key: readonly string[];
  /** The column whose values come from a sequence. */
  generated: string | undefined;
}

/** A migration inserts a row here, so it does not show whether a database was used. */
const FILLED_BY_MIGRATIONS = ['health_probe', 'webhook_feed'];
const FETCH_ROWS = 200;
/** Longer than a killed move holds its locks: after this time, a service must be running on the target. */
const LOCK_WAIT = '30s';
/**
 * The server ends the transaction after this time without data from this process; otherwise a crashed machine would
 * lock the tables for hours.
 */
const SILENT_FOR = '10min';

/** Every table of the schema, including future ones. */
export function migratedTables(dataSource: DataSource): MigratedTable[] {
  return dataSource.entityMetadatas.map((metadata: EntityMetadata) => ({
    name: metadata.tableName,
    columns: metadata.columns.map(({ databaseName }) => databaseName),
    key: metadata.primaryColumns.map(({ databaseName }) => databaseName),
    generated: metadata.generatedColumns[0]?.databaseName,
  }));
}

/**
 * Call it first, in the transaction that migrates the target. Throws an Error if one of its tables has rows,
 * otherwise sets the mark, so that no service starts on it before the move has completed.
 */
export async function claimTarget(runner: QueryRunner, tables: readonly MigratedTable[]): Promise<void> {
  for (const { name } of tables) {
    const [found] = await runner.manager.query<Array<{ there: boolean }>>(
      'SELECT to_regclass($1) IS NOT NULL AS there',
      [`"${name}"`],
    );
    if (found!.there) await requireEmpty(runner, name);
  }
  await setMigrationMark(runner);
}

async function requireEmpty(runner: QueryRunner, table: string): Promise<void> {
  if (FILLED_BY_MIGRATIONS.includes(table)) return;
  const rows = await runner.manager.query<unknown[]>(`SELECT 1 FROM "${table}" LIMIT 1`);
  if (rows.length > 0)
    throw new Error(`The target database is not empty: it has rows in "${table}". Use an empty one.`);
}

/** A PostgreSQL database that is filled in one transaction: in the end it has everything or is empty. */
export class MigrationTarget {
  private constructor(private readonly runner: QueryRunner) {}

  /**
   * Locks the tables exclusively. Throws an Error if one of them has rows, or is in use for more than half a minute.
   */
  static async begin(dataSource: DataSource, tables: readonly MigratedTable[]): Promise<MigrationTarget> {
    const runner = dataSource.createQueryRunner();
    await runner.query('BEGIN');
    await runner.query(`SET LOCAL lock_timeout = '${LOCK_WAIT}'`);
    await runner.query(`SET LOCAL idle_in_transaction_session_timeout = '${SILENT_FOR}'`);
    for (const { name } of tables) {
      await lock(runner, name);
      await requireEmpty(runner, name);
      if (FILLED_BY_MIGRATIONS.includes(name)) await runner.query(`DELETE FROM "${name}"`);
    }
    return new MigrationTarget(runner);
  }

  /** Inserts rows of one table, with values in the order of its columns. */
  async insert({ name, columns }: MigratedTable, rows: readonly CellValue[][]): Promise<void> {
    let place = 0;
    const values = rows.map((row) => `(${row.map(() => `$${(place += 1)}`).join(', ')})`).join(', ');
    const list = columns.map((column) => `"${column}"`).join(', ');
    await this.runner.query(`INSERT INTO "${name}" (${list}) VALUES ${values}`, rows.flat());
  }

  /** Continues the table's sequence after `last`; 0 if no number was drawn. */
  async continueAfter({ name, generated }: MigratedTable, last: number): Promise<void> {
    const sql = 'SELECT setval(pg_get_serial_sequence($1, $2), greatest($3::bigint, 1), $3::bigint > 0)';
    await this.runner.query(sql, [name, generated, last]);
  }

  /** Reads a table back in bounded batches. */
  async digest({ name, columns, key }: MigratedTable): Promise<TableDigest> {
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
   * Commits, after collecting the planner's statistics, so that the first requests are fast. Throws an Error if it
   * is unknown whether everything or nothing was moved.
   */
  async commit(): Promise<void> {
    await removeMigrationMark(this.runner);
    await this.runner.query('ANALYZE');
    await this.runner.query('COMMIT').catch((error: unknown) => {
      throw new Error(
        'The connection was lost during the commit: either everything was moved, or nothing. Run it again: it either moves the data, or reports that the target is not empty, which then means that the move is complete.',
        { cause: error },
      );
    });
    // If the server answers the COMMIT with a rollback, the mark is still there.
    if (await isHalfMigrated(this.runner)) throw new Error('The commit was refused. Nothing was moved.');
  }
}

async function lock(runner: QueryRunner, table: string): Promise<void> {
  await runner.query(`LOCK TABLE "${table}" IN ACCESS EXCLUSIVE MODE`).catch((error: unknown) => {
    if (databaseCode(error) !== '55P03') throw error;
    throw new Error(
      `The target database is in use ("${table}" is locked). Stop all services and tools that use it.`,
      { cause: error },
    );
  });
}
