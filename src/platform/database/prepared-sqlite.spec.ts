import { DataSource, QueryFailedError, type QueryRunner } from 'typeorm';
import { AS_ARRAYS, preparedOn } from './prepared-sqlite';
import { Statement } from './statement';

describe('preparedOn', () => {
  const slow: string[] = [];
  let source: DataSource;
  let usual: QueryRunner;
  let prepared: QueryRunner;

  beforeEach(async () => {
    slow.length = 0;
    source = new DataSource({ type: 'better-sqlite3', database: ':memory:', maxQueryExecutionTime: 5 });
    await source.initialize();
    jest
      .spyOn(source.logger, 'logQuerySlow')
      .mockImplementation((_ms: number, sql: string) => void slow.push(sql));
    usual = source.createQueryRunner();
    // One connection has one query runner; the wrapped one gets an object of its own.
    prepared = preparedOn(Object.create(usual) as QueryRunner);
    await usual.query('CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, data BLOB)');
    await usual.query('INSERT INTO things VALUES (1, ?, ?), (2, NULL, NULL)', ['one', Buffer.from([1, 2])]);
  });

  afterEach(() => source.destroy());

  it.each([
    ['SELECT * FROM things WHERE id = ?', [1]],
    ['SELECT * FROM things ORDER BY id', []],
    ['SELECT * FROM things WHERE id = ?', [3]],
    ["UPDATE things SET name = 'new' WHERE id > ?", [0]],
    ['UPDATE things SET name = ? WHERE id = 1 RETURNING name', ['x']],
    ['DELETE FROM things WHERE id = ?', [9]],
    ["INSERT OR REPLACE INTO things (id, name) VALUES (?, 'three')", [3]],
    ['PRAGMA user_version', []],
    ['SELECT id AS one, name AS one, data AS "constructor" FROM things', []],
  ])('answers as the query runner itself does: %s', async (sql, values) => {
    expect(await prepared.query(sql, values, true)).toEqual(await usual.query(sql, values, true));
    expect(await prepared.query(sql, values)).toEqual(await usual.query(sql, values));
  });

  it.each([
    ['INSERT INTO things (id) VALUES (?)', [1]],
    ['SELECT * FROM nothing', []],
    ['SELECT * FROM things WHERE id = ?', []],
  ])('rejects with the same error: %s', async (sql, values) => {
    const failure = (runner: QueryRunner): Promise<unknown> =>
      runner.query(sql, values).then(
        () => undefined,
        (error: unknown) => error,
      );
    const [expected, found] = [await failure(usual), await failure(prepared)];

    expect(found).toBeInstanceOf(QueryFailedError);
    expect(found).toEqual(expected);
    expect((found as QueryFailedError<Error & { code?: string }>).driverError.code).toBe(
      (expected as QueryFailedError<Error & { code?: string }>).driverError.code,
    );
  });

  it('answers with arrays where they are asked for, and with objects again after that', async () => {
    const sql = 'SELECT id, name FROM things ORDER BY id';
    const asArrays = AS_ARRAYS as unknown as true;
    for (let i = 0; i < 2; i += 1) {
      expect((await prepared.query(sql, [], asArrays)).records).toEqual([
        [1, 'one'],
        [2, null],
      ]);
      expect(await prepared.query(sql, [])).toEqual(await usual.query(sql, []));
    }
    const statement = new Statement('SELECT id, name FROM things WHERE id = :id');
    for (const queryRunner of [prepared, usual]) {
      const em = { queryRunner } as unknown as QueryRunner['manager'];
      expect(await statement.values(em, { id: 1 })).toEqual([[1, 'one']]);
    }
  });

  it('reports slow statements, by their text', async () => {
    const times = [0, 6, 6, 11];
    jest.spyOn(performance, 'now').mockImplementation(() => times.shift() ?? 11);
    await prepared.query('SELECT 1');
    await prepared.query('SELECT 2');

    expect(slow).toEqual(['SELECT 1']);
  });
});
