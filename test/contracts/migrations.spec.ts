import { DataSource } from 'typeorm';
import { databaseSchema } from '../../src/database-schema';
import { dataSourceOptions } from '../../src/platform/database/data-source';
import { openDatabase } from '../../src/platform/database/database';
import { parseDatabaseUrl } from '../../src/platform/database/database-url';
import { NewerSchemaError } from '../../src/platform/database/migrator';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { rawSql } from '../support/raw-database';

let place: TestPlace;
beforeEach(async () => {
  place = await newPlace();
});
afterEach(() => place.remove());

async function withSource<T>(work: (source: DataSource) => Promise<T>): Promise<T> {
  const source = new DataSource(dataSourceOptions(parseDatabaseUrl(place.databaseUrl), databaseSchema));
  await source.initialize();
  try {
    return await work(source);
  } finally {
    await source.destroy();
  }
}

/** Every table, column and index of the database, as the database itself tells it. */
async function structure(): Promise<string[]> {
  const sql =
    databaseKind === 'sqlite'
      ? `SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_master
         WHERE name NOT LIKE 'sqlite_%' AND tbl_name <> 'migrations'`
      : `SELECT 'column ' || table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable AS line
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'migrations'
         UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'migrations'`;
  return (await rawSql(place, sql)).map(({ line }) => (line as string).replace(/\s+/g, ' ')).sort();
}

it('make exactly the tables that the entities describe', async () => {
  await withSource(async (source) => {
    await source.runMigrations();
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });
});

it('go down one by one to an empty database, and up again to the same', async () => {
  await withSource(async (source) => {
    const { length } = await source.runMigrations();
    expect(length).toBe(databaseSchema.migrations.length);
    const before = await structure();
    for (let i = 0; i < length; i += 1) await source.undoLastMigration();
    expect(await structure()).toEqual([]);
    await source.runMigrations();
    expect(await structure()).toEqual(before);
  });
});

it('run at the start, once, and not again', async () => {
  const open = () => openDatabase(parseDatabaseUrl(place.databaseUrl), databaseSchema, {});
  const first = await open();
  expect(first.migrated).toHaveLength(databaseSchema.migrations.length);
  await first.close();
  const second = await open();
  expect(second.migrated).toEqual([]);
  await second.close();
});

it('refuse a database of a newer program, and leave it as it is', async () => {
  const open = () => openDatabase(parseDatabaseUrl(place.databaseUrl), databaseSchema, {});
  await (await open()).close();
  await rawSql(
    place,
    `INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Future9999999999999')`,
  );
  const before = await structure();
  await expect(open()).rejects.toThrow(NewerSchemaError);
  await expect(open()).rejects.toThrow('Future9999999999999');
  expect(await structure()).toEqual(before);
});

const onPostgres = databaseKind === 'postgres' ? it : it.skip;
onPostgres(
  'let any number of replicas start at once on an empty server (SQLite has one process)',
  async () => {
    const opened = await Promise.all(
      Array.from({ length: 5 }, () =>
        openDatabase(parseDatabaseUrl(place.databaseUrl), databaseSchema, { poolSize: 2 }),
      ),
    );
    const migrated = opened.map((database) => database.migrated.length).sort((a, b) => a - b);
    expect(migrated).toEqual([0, 0, 0, 0, databaseSchema.migrations.length]);
    for (const database of opened) await database.close();
  },
);
