import { DataSource } from 'typeorm';
import { databaseSchema } from '../../src/database-schema';
import { dataSourceOptions } from '../../src/platform/database/data-source';
import { parseDatabaseUrl } from '../../src/platform/database/database-url';
import { startApp, type TestApp } from '../support/app';
import { runCli } from '../support/cli';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { aGraph, rowCounts } from '../support/graphs';
import { rawSql } from '../support/raw-database';
import { keptUsage } from '../support/usage';

let place: TestPlace;
beforeEach(async () => {
  place = await newPlace();
});
afterEach(() => place.remove());

/** Runs `use` on the empty place with TypeORM alone, as a migration tool would. */
async function withDataSource<T>(use: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const target = parseDatabaseUrl(place.databaseUrl);
  const dataSource = await new DataSource(await dataSourceOptions(target, databaseSchema)).initialize();
  try {
    return await use(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

const drift = async (dataSource: DataSource) => {
  const log = await dataSource.driver.createSchemaBuilder().log();
  return log.upQueries.map(({ query }) => query);
};

const tables = async () => {
  const sql =
    databaseKind === 'sqlite'
      ? `SELECT name FROM sqlite_master WHERE type IN ('table', 'index') AND name NOT LIKE 'sqlite_%'`
      : `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`;
  return (await rawSql(place, sql)).map(({ name }) => name).filter((name) => name !== 'migrations');
};

describe('the migrations', () => {
  it('go up on an empty database without a drift from the entities, down to nothing, and up again', async () => {
    const all = databaseSchema.migrations.length;
    await withDataSource(async (dataSource) => {
      expect(await dataSource.runMigrations()).toHaveLength(all);
      expect(await drift(dataSource)).toEqual([]);
      const made = await tables();
      expect(made).toEqual(
        expect.arrayContaining(dataSource.entityMetadatas.map(({ tableName }) => tableName)),
      );

      for (let i = 0; i < all; i += 1) await dataSource.undoLastMigration();
      expect(await tables()).toEqual([]);
      expect(await dataSource.showMigrations()).toBe(true);

      expect(await dataSource.runMigrations()).toHaveLength(all);
      expect((await tables()).sort()).toEqual(made.sort());
      expect(await drift(dataSource)).toEqual([]);
    });
  });

  it('leave a drift that this test would find', async () => {
    await withDataSource(async (dataSource) => {
      await dataSource.runMigrations();
      await rawSql(place, 'DROP INDEX ix_graphs_seq');
      expect((await drift(dataSource)).join()).toContain('ix_graphs_seq');
    });
  });

  it('count what is stored in a database from before the counters', async () => {
    const before = await startApp({}, place);
    const user = await before.aUser();
    for (let i = 0; i < 3; i += 1) await aGraph(user, { config: { i } });
    await aGraph(await before.aUser());
    await before.stop();
    const kept = await keptUsage(place);
    await withDataSource(async (dataSource) => {
      for (let last = ''; !last.startsWith('Usage');) {
        last = String(
          (await rawSql(place, 'SELECT name FROM migrations ORDER BY id DESC LIMIT 1'))[0]!['name'],
        );
        await dataSource.undoLastMigration();
      }
      await dataSource.runMigrations();
    });
    expect(kept).toHaveLength(2);
    expect(await keptUsage(place)).toEqual(kept);
  });

  it('do nothing at a second start, and keep what is there', async () => {
    const first = await startApp({}, place);
    await aGraph(await first.aUser());
    const counts = await rowCounts(first);
    await first.stop();
    const second = await startApp({}, place);
    expect(second.logs.join()).not.toContain('schema migrated');
    expect(await rowCounts(second)).toEqual(counts);
    await second.stop();
  });
});

(databaseKind === 'postgres' ? describe : describe.skip)('several services that start at once', () => {
  it('on one empty database all come up, and one of them has migrated it', async () => {
    const keys = {
      SECRET_KEY: 'kZ3vN8qL5tR2wY7uX1pM4cB6jH9gF0dS',
      ENCRYPTION_KEY: Buffer.alloc(32, 9).toString('base64'),
    };
    const started = await Promise.allSettled(Array.from({ length: 5 }, () => startApp(keys, place)));
    const apps = started.flatMap((start): TestApp[] => (start.status === 'fulfilled' ? [start.value] : []));
    try {
      const reasons = started.map((start) => (start.status === 'rejected' ? String(start.reason) : 'up'));
      expect(reasons).toEqual(Array.from({ length: 5 }, () => 'up'));
      expect(apps.filter((app) => app.logs.some((line) => line.includes('schema migrated')))).toHaveLength(1);
      const rows = await rawSql(place, 'SELECT name FROM migrations');
      expect(rows).toHaveLength(databaseSchema.migrations.length);
      expect(await rawSql(place, "SELECT email FROM users WHERE role = 'admin'")).toHaveLength(1);
      for (const app of apps) await app.admin();
    } finally {
      await Promise.all(apps.map((app) => app.stop()));
    }
  });
});

describe('a database that a newer program has written', () => {
  it('is refused with a sentence that says what to do, by the service and its tools, and stays as it is', async () => {
    const app = await startApp({}, place);
    await aGraph(await app.aUser());
    const counts = await rowCounts(app);
    await app.stop();
    const newer = [9_999_999_999_999, 'FromTheFuture9999999999999'];
    await rawSql(place, 'INSERT INTO migrations (timestamp, name) VALUES (?, ?)', newer);

    const sentence = /newer version of this program.*FromTheFuture9999999999999/;
    await expect(startApp({}, place)).rejects.toThrow(sentence);
    const checked = await runCli('check', [], place);
    expect(checked.code).not.toBe(0);
    expect(checked.output).toMatch(sentence);
    expect(checked.output).not.toMatch(/\n\s+at /);

    await rawSql(place, 'DELETE FROM migrations WHERE name = ?', [newer[1]]);
    const again = await startApp({}, place);
    expect(await rowCounts(again)).toEqual(counts);
    await again.stop();
  });
});
