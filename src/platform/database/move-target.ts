import type { DataSource, EntityMetadata, QueryRunner } from 'typeorm';
import { RowDigest, type CellValue, type TableDigest } from './row-digest';

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

/** Every table of the schema, also those that are added later. */
export function movedTables(dataSource: DataSource): MovedTable[] {
  return dataSource.entityMetadatas.map((metadata: EntityMetadata) => ({
    name: metadata.tableName,
    columns: metadata.columns.map(({ databaseName }) => databaseName),
    key: metadata.primaryColumns.map(({ databaseName }) => databaseName),
    generated: metadata.generatedColumns[0]?.databaseName,
  }));
}

/** A PostgreSQL database that is filled in one transaction: it has everything in the end, or is empty. */
export class MoveTarget {
  private constructor(private readonly runner: QueryRunner) {}

  /** Locks the tables against everybody else. Throws an Error with a sentence when one of them has rows. */
  static async begin(dataSource: DataSource, tables: readonly MovedTable[]): Promise<MoveTarget> {
    const target = new MoveTarget(dataSource.createQueryRunner());
    await target.runner.query('BEGIN');
    for (const { name } of tables) {
      await target.runner.query(`LOCK TABLE "${name}" IN ACCESS EXCLUSIVE MODE`);
      if (FILLED_BY_MIGRATIONS.includes(name)) await target.runner.query(`DELETE FROM "${name}"`);
      const rows = await target.runner.manager.query<unknown[]>(`SELECT 1 FROM "${name}" LIMIT 1`);
      if (rows.length > 0)
        throw new Error(
          `The database to move to is not empty: it has rows in "${name}". Give the move an empty one.`,
        );
    }
    return target;
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
      for (const row of rows) digest.add(columns.map((column) => row[column] ?? null));
      full = rows.length === FETCH_ROWS;
    }
    await this.runner.query('CLOSE moved');
    return digest.end();
  }

  /** Makes it durable; the planner's figures are collected first, so that the first requests are quick. */
  async commit(): Promise<void> {
    await this.runner.query('ANALYZE');
    await this.runner.query('COMMIT');
  }
}
