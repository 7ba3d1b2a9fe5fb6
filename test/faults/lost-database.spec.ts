import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { startApp, type TestApp } from '../support/app';
import { runCli } from '../support/cli';
import type { ApiClient } from '../support/client';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { GRAPHS, aGraphOf, type GraphJson } from '../support/graphs';
import { rawSql } from '../support/raw-database';
import { copyNow } from '../support/vault';

const onSqlite = databaseKind === 'sqlite' ? it : it.skip;
const NO_ADMIN = { ADMIN_EMAIL: '', ADMIN_PASSWORD: '' };
const ALLOWED = { ...NO_ADMIN, ALLOW_EMPTY_DATABASE: 'true' };

let app: TestApp;
let user: ApiClient;
let graph: GraphJson;
let empty: TestPlace;
/** The first installation's folder with its keys and copies, and another database. */
let lost: TestPlace;

beforeEach(async () => {
  app = await startApp();
  user = await app.aUser();
  graph = await aGraphOf(user, '["still here"]');
  expect(await copyNow(app)).toBe('done');
  await app.stop();
  empty = await newPlace();
  lost = { ...app.place, databaseUrl: empty.databaseUrl, remove: () => Promise.resolve() };
});
afterEach(async () => {
  await app.close();
  await empty.remove();
});

const fileOf = ({ databaseUrl }: TestPlace) => databaseUrl.slice('sqlite:///'.length);
const rebuild = (...more: string[]) =>
  runCli('vault', ['rebuild', '--to', empty.databaseUrl, ...more], app.place);

async function expectRebuilt(): Promise<void> {
  const rebuilt = await startApp({}, lost);
  try {
    const back = await rebuilt.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    expect((await back.get(`${GRAPHS}/${graph.id}`)).configBytes.toString()).toBe('["still here"]');
    expect(await copyNow(rebuilt)).toBe('done');
  } finally {
    await rebuilt.stop();
  }
}

/** The service has run on the empty database for a while: seals, copies, a failed sign-in, no account. */
async function anEmptyInstallation(): Promise<void> {
  const second = await startApp(ALLOWED, lost);
  await second.anonymous.signIn('unknown@test.example', 'a wrong password').catch(() => undefined);
  expect(await copyNow(second)).toBe('done');
  await second.stop();
  expect(await rawSql(lost, 'SELECT lineage FROM vault_state')).toHaveLength(1);
}

async function firstLine(): Promise<string> {
  const [row] = await rawSql(app.place, 'SELECT lineage FROM vault_state');
  return String(row!['lineage']);
}

it('refuses to begin an empty database where the keys of an installation are, and says what to run', async () => {
  rmSync(join(app.place.dataDir, 'vault'), { recursive: true });
  await expect(startApp({}, lost)).rejects.toThrow(/encryption\.key.*npm run vault -- rebuild/s);
  if (databaseKind === 'sqlite') expect(existsSync(fileOf(empty))).toBe(false);
  else expect(await rawSql(lost, `SELECT 1 FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
});

it('refuses to begin an empty database where copies of an installation are', async () => {
  const elsewhere = { ...empty, databaseUrl: empty.databaseUrl };
  const settings = {
    ENCRYPTION_KEY: Buffer.alloc(32, 5).toString('base64'),
    BACKUP_STORE_URL: `file:///${join(app.place.dataDir, 'vault')}`,
  };
  await expect(startApp(settings, elsewhere)).rejects.toThrow(/1 line of copies/);
  const meant = await startApp({ ...settings, ALLOW_EMPTY_DATABASE: 'true' }, elsewhere);
  expect(meant.logs.join('\n')).toContain('ALLOW_EMPTY_DATABASE');
  await meant.stop();
  await (await startApp(settings, elsewhere)).stop();
});

it('starts again on a database that holds no account yet', async () => {
  await anEmptyInstallation();
  const again = await startApp(NO_ADMIN, lost);
  expect((await again.anonymous.get('/health/ready')).status).toBe(200);
  await again.stop();
});

it('rebuilds into the database of an installation without accounts, whatever rows it has', async () => {
  await anEmptyInstallation();
  expect(await rebuild('--lineage', await firstLine())).toMatchObject({ code: 0 });
  await expectRebuilt();
});

it('says that a database with accounts is not empty, and changes nothing in it', async () => {
  const second = await startApp({ ALLOW_EMPTY_DATABASE: 'true' }, lost);
  await second.aUser();
  await second.stop();
  const before = await rawSql(lost, 'SELECT * FROM users ORDER BY key');
  const refused = await rebuild();
  expect(refused).toMatchObject({ code: 2, output: expect.stringMatching(/not empty.*2 accounts/) });
  expect(await rawSql(lost, 'SELECT * FROM users ORDER BY key')).toEqual(before);
  await (await startApp({}, lost)).stop();
});

/** As a kill in the middle of a rebuild leaves it. */
async function halfRebuilt(): Promise<void> {
  expect(await rebuild()).toMatchObject({ code: 0 });
  await rawSql(lost, 'UPDATE rebuild_progress SET finished = 0, frames = 1');
  await rawSql(lost, 'DELETE FROM versions');
}

it('runs again after a rebuild that ended half-way, also with other options', async () => {
  await halfRebuilt();
  await expect(startApp({}, lost)).rejects.toThrow(/rebuil/);
  expect(await runCli('keys', ['status'], lost)).toMatchObject({
    code: 2,
    output: expect.stringMatching(/rebuil/),
  });
  const now = new Date(app.clock.now() + 1_000).toISOString();
  const tooNew = await rebuild('--at', now);
  expect(tooNew.code).toBe(2);
  expect(await rebuild('--user', user.credentials!.email)).toMatchObject({ code: 0 });
  await expectRebuilt();
});

it('does not migrate a database whose rebuild has not ended', async () => {
  await halfRebuilt();
  const before = await rawSql(lost, 'SELECT name FROM migrations ORDER BY timestamp');
  await rawSql(lost, 'DELETE FROM migrations WHERE name = ?', [before.at(-1)!['name']]);
  await expect(startApp({}, lost)).rejects.toThrow(/rebuil/);
  expect(await rawSql(lost, 'SELECT name FROM migrations')).toHaveLength(before.length - 1);
});

it('starts again in a half-rebuilt database that an older program has migrated since', async () => {
  await halfRebuilt();
  await rawSql(lost, 'DELETE FROM migrations WHERE name LIKE ?', ['IdlePacking%']);
  expect(await rebuild()).toMatchObject({ code: 0 });
  await expectRebuilt();
});

onSqlite('leaves a file of another program as it is, byte for byte', async () => {
  const file = fileOf(empty);
  const foreign = new Sqlite(file);
  foreign.exec('CREATE TABLE notes (text); INSERT INTO notes VALUES (1)');
  foreign.close();
  const hash = () => createHash('sha256').update(readFileSync(file)).digest('hex');
  const before = hash();
  expect(await rebuild()).toMatchObject({ code: 2, output: expect.stringMatching(/another program/) });
  await expect(startApp({}, lost)).rejects.toThrow(/another program/);
  expect(hash()).toBe(before);
  expect(existsSync(`${file}-wal`)).toBe(false);
});
