import { performance } from 'node:perf_hooks';
import type { Database, Statement } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { QueryFailedError, QueryResult, type QueryRunner } from 'typeorm';

/** Prepared statements that a connection keeps; the service has fewer texts than this, apart from rare lists. */
const KEPT_STATEMENTS = 500;

/** In the place of `structured` of `QueryRunner.query`: the records are arrays of values, which takes half of the time. */
export const AS_ARRAYS = 'as arrays';

interface SqliteDriver {
  databaseConnection: Database;
  options: { maxQueryExecutionTime?: number };
}

/**
 * Makes a query runner of an open SQLite connection hand its statements to better-sqlite3 itself. TypeORM's own way does
 * the same with four promises, a result of its own and a cache of 100 statements, and takes 4 µs of each statement.
 */
export function preparedOn<Runner extends QueryRunner>(runner: Runner): Runner {
  const { databaseConnection, options } = runner.dataSource.driver as unknown as SqliteDriver;
  const prepared = new LRUCache<string, Statement<unknown[]>>({ max: KEPT_STATEMENTS });
  const statementOf = (sql: string): Statement<unknown[]> => {
    let statement = prepared.get(sql);
    if (!statement) prepared.set(sql, (statement = databaseConnection.prepare<unknown[]>(sql)));
    return statement;
  };
  const slowMs = options.maxQueryExecutionTime ?? Infinity;
  const run = (sql: string, values: unknown[], asArrays: boolean): QueryResult => {
    const begun = performance.now();
    const result = resultOf(statementOf, sql, values, asArrays);
    const ms = performance.now() - begun;
    if (ms > slowMs) void runner.dataSource.logger.logQuerySlow(ms, sql, values, runner);
    return result;
  };
  const query = (
    sql: string,
    values: unknown[] = [],
    structured: boolean | typeof AS_ARRAYS = false,
  ): Promise<unknown> =>
    new Promise((resolve) => {
      const result = run(sql, values, structured === AS_ARRAYS);
      resolve(structured ? result : result.raw);
    });
  runner.query = query as Runner['query'];
  return runner;
}

function resultOf(
  statementOf: (sql: string) => Statement<unknown[]>,
  sql: string,
  values: unknown[],
  asArrays: boolean,
): QueryResult {
  const result = new QueryResult();
  try {
    const statement = statementOf(sql);
    if (statement.reader) {
      result.records = result.raw = statement.raw(asArrays).all(...values);
    } else {
      const { changes, lastInsertRowid } = statement.run(...values);
      result.affected = changes;
      result.raw = lastInsertRowid;
    }
  } catch (error) {
    throw new QueryFailedError(sql, values, error as Error);
  }
  return result;
}
