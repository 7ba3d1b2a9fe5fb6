import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { startApp, type TestApp } from '../support/app';
import { runCli } from '../support/cli';
import { GRAPHS, aGraphOf } from '../support/graphs';
import { newPlace, type TestPlace } from '../support/database';
import { rawSql } from '../support/raw-database';
import { copyNow, requestCopy, verifyNow } from '../support/vault';

let app: TestApp;
let target: TestPlace;

beforeEach(async () => {
  app = await startApp();
  target = await newPlace();
});
afterEach(async () => {
  await app.close();
  await target.remove();
});

const keysFolder = () => join(app.place.dataDir, 'keys');

/** The service again on the same data, and later on the rebuilt database. */
async function restart(databaseUrl = app.place.databaseUrl): Promise<void> {
  await app.stop();
  const { place } = app;
  const next = await startApp({}, { ...place, databaseUrl });
  next.clock.advance(Math.max(0, app.clock.now() - next.clock.now()) + 1_000);
  app = { ...next, place, close: () => next.stop().then(() => place.remove()) };
}

/** Leaves the newest master key alone: what was retired is on no disk any more. */
function forgetRetiredKeys(): void {
  for (const name of readdirSync(keysFolder()))
    if (name.startsWith('encryption-')) rmSync(join(keysFolder(), name));
}

const rotate = () => runCli('keys', ['rotate'], app.place);
const rebuild = (...more: string[]) =>
  runCli('vault', ['rebuild', '--to', target.databaseUrl, ...more], app.place);

it('rotates the key of the copies too: copies go on, and all of them open with the new key alone', async () => {
  const user = await app.aUser();
  const { id } = await aGraphOf(user, '{"kept": 1e400}');
  expect(await copyNow(app)).toBe('done');

  expect(await rotate()).toMatchObject({ code: 0 });
  forgetRetiredKeys();
  const status = await runCli('keys', ['status'], app.place);
  expect(status).toMatchObject({ code: 0 });
  expect(status.output).toMatch(/current\s+\d+ keys {2}available, [1-9]\d* in the copies/);
  await restart();

  const again = await app.anonymous.signIn(user.credentials!.email, user.credentials!.password);
  await again.put(`${GRAPHS}/${id}`, { config: ['after'] });
  expect(await copyNow(app)).toBe('done');
  expect(await verifyNow(app)).toBe('done');
  expect(await requestCopy(app, 'full')).toMatchObject({ error: null });
  const lines = await rawSql(app.place, 'SELECT DISTINCT lineage FROM backup_runs');
  expect(lines).toHaveLength(1);
  await app.stop();

  expect(await runCli('vault', ['verify'], app.place)).toMatchObject({ code: 0 });
  expect(await rebuild()).toMatchObject({ code: 0 });
  await restart(target.databaseUrl);
  const back = await app.anonymous.signIn(user.credentials!.email, user.credentials!.password);
  expect((await back.get(`${GRAPHS}/${id}/versions/1`)).configBytes.toString()).toBe('{"kept": 1e400}');
});

it('rewraps the keys in the store before it retires the old key: a rebuild needs no copy made since', async () => {
  const user = await app.aUser();
  const { id } = await aGraphOf(user, '["only here"]');
  expect(await copyNow(app)).toBe('done');
  await app.stop();
  expect(await rotate()).toMatchObject({ code: 0 });
  forgetRetiredKeys();
  expect(await rebuild()).toMatchObject({ code: 0 });
  await restart(target.databaseUrl);
  const back = await app.anonymous.signIn(user.credentials!.email, user.credentials!.password);
  expect((await back.get(`${GRAPHS}/${id}`)).configBytes.toString()).toBe('["only here"]');
});

it('rewraps the keys of older lines of copies', async () => {
  const user = await app.aUser();
  await aGraphOf(user, '["of the first line"]');
  expect(await copyNow(app)).toBe('done');
  const [first] = await rawSql(app.place, 'SELECT lineage FROM vault_state');
  // As after a restore of a database from before the first copy.
  await rawSql(app.place, 'DELETE FROM user_keys WHERE user_key = -1');
  expect(await requestCopy(app, 'full')).toMatchObject({ error: null });
  await app.stop();
  expect(await rotate()).toMatchObject({ code: 0 });
  forgetRetiredKeys();
  expect(await runCli('vault', ['verify'], app.place)).toMatchObject({ code: 0 });
  expect(await rebuild('--lineage', String(first!['lineage']))).toMatchObject({ code: 0 });
});

it('leaves the old key in use while the backup store cannot be written, and ends the rotation later', async () => {
  const user = await app.aUser();
  await aGraphOf(user, '["x"]');
  expect(await copyNow(app)).toBe('done');
  writeFileSync(join(app.place.dataDir, 'a-file'), 'where a folder was');
  const store = `file:///${app.place.dataDir}/a-file/vault`;
  const broken = await runCli('keys', ['rotate'], app.place, { BACKUP_STORE_URL: store });
  expect(broken.code).toBe(2);
  expect(broken.output).toMatch(/backup store/i);
  expect(readdirSync(keysFolder())).toContain('encryption-previous.key');
  expect(await rotate()).toMatchObject({ code: 0 });
  expect(readdirSync(keysFolder())).not.toContain('encryption-previous.key');
  forgetRetiredKeys();
  expect(await runCli('vault', ['verify'], app.place)).toMatchObject({ code: 0 });
});

it('does not need the old key for an account that was deleted before the rotation', async () => {
  const gone = await app.aUser();
  await aGraphOf(gone, '["gone"]');
  const user = await app.aUser();
  const { id } = await aGraphOf(user, '["stays"]');
  expect(await copyNow(app)).toBe('done');
  await (await app.admin()).delete(`/api/v1/users/${gone.userId}`);
  expect(await copyNow(app)).toBe('done');
  expect(await rotate()).toMatchObject({ code: 0 });
  forgetRetiredKeys();
  await app.stop();
  expect(await rebuild()).toMatchObject({ code: 0 });
  await restart(target.databaseUrl);
  const back = await app.anonymous.signIn(user.credentials!.email, user.credentials!.password);
  expect((await back.get(`${GRAPHS}/${id}`)).configBytes.toString()).toBe('["stays"]');
  expect(await copyNow(app)).toBe('done');
});

it('names the key that a rebuild lacks before it writes anything', async () => {
  const user = await app.aUser();
  await aGraphOf(user, '["x"]');
  expect(await copyNow(app)).toBe('done');
  await app.stop();
  const file = join(keysFolder(), 'encryption.key');
  copyFileSync(file, join(app.place.dataDir, 'right.key'));
  writeFileSync(file, randomBytes(32).toString('base64'));
  const refused = await rebuild();
  expect(refused).toMatchObject({ code: 2, output: expect.stringContaining('master key') });
  expect(readFileSync(join(app.place.dataDir, 'right.key')).length).toBeGreaterThan(0);
});
