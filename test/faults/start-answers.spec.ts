import Sqlite from 'better-sqlite3';
import { Client } from 'pg';
import { databaseSchema } from '../../src/database-schema';
import { openDataSource } from '../../src/platform/database/data-source';
import { parseDatabaseUrl } from '../../src/platform/database/database-url';
import { migrate } from '../../src/platform/database/migrator';
import { startChild } from '../support/child';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { freePort } from '../support/programs';
import { rawSql } from '../support/raw-database';
import { PATIENCE_MS, until } from '../support/within';

/** The lock that a migration takes on PostgreSQL; see src/platform/database/migrator.ts. */
const MIGRATION_LOCK = 4_711_001;

let place: TestPlace;
beforeEach(async () => {
  place = await newPlace();
});
afterEach(() => place.remove());

/** Creates the schema of the version before the newest migration, with a user in it. */
async function olderSchema(): Promise<void> {
  const schema = { ...databaseSchema, migrations: databaseSchema.migrations.slice(0, -1) };
  const dataSource = await openDataSource(parseDatabaseUrl(place.databaseUrl), schema);
  await migrate(dataSource);
  await dataSource.destroy();
}

/** Keeps every migration waiting until the function that it returns is called. */
async function holdMigrations(): Promise<() => Promise<void>> {
  if (databaseKind === 'sqlite') {
    const database = new Sqlite(place.databaseUrl.slice('sqlite:///'.length));
    database.exec('BEGIN IMMEDIATE');
    return () => Promise.resolve(void database.close());
  }
  const client = new Client({ connectionString: place.databaseUrl });
  await client.connect();
  await client.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
  return () => client.end();
}

it('/health/live answers while a migration runs, /health/ready after it', async () => {
  await olderSchema();
  const letGo = await holdMigrations();
  const port = await freePort();
  const at = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  const started = startChild({
    DATA_DIR: place.dataDir,
    DATABASE_URL: place.databaseUrl,
    PORT: String(port),
  });
  const live = await until(PATIENCE_MS, 'an answer', () => at('/health/live').catch(() => undefined));
  expect(live.status).toBe(200);
  expect(await live.json()).toMatchObject({ status: 'ok' });
  const ready = await at('/health/ready');
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ status: 'error', error: { start: { status: 'down' } } });
  const other = await at('/api/v1/graphs?limit=1');
  expect([other.status, other.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await other.json()).toMatchObject({ type: '/problems/starting', instance: '/api/v1/graphs' });

  await letGo();
  const service = await started;
  try {
    expect((await at('/health/ready')).status).toBe(200);
    const newest = databaseSchema.migrations.at(-1)!.name;
    expect(await rawSql(place, 'SELECT name FROM migrations WHERE name = ?', [newest])).toHaveLength(1);
  } finally {
    await service.stop();
  }
});

it('an address in use is said before anything else is done', async () => {
  const port = await freePort();
  const settings = { DATA_DIR: place.dataDir, DATABASE_URL: place.databaseUrl, PORT: String(port) };
  const service = await startChild(settings);
  try {
    const other = startChild({ ...settings, DATABASE_URL: 'sqlite:////nowhere/at/all.db' });
    await expect(other).rejects.toThrow(/The address is already in use: 127.0.0.1:\d+/);
  } finally {
    await service.stop();
  }
});
