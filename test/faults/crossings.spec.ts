import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeyRotation } from '../../src/platform/crypto/key-rotation';
import { MasterKeySource } from '../../src/platform/crypto/master-key-source';
import { beginFileRotation } from '../../src/platform/crypto/key-file-rotation';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import type { TestApp } from '../support/app';
import { runCli } from '../support/cli';
import type { ApiClient } from '../support/client';
import { databaseKind, type TestPlace } from '../support/database';
import { GRAPHS, aGraphOf } from '../support/graphs';
import { rawSql } from '../support/raw-database';
import { severalPlaces } from '../support/several-places';
import { copyNow, requestCopy, verifyNow } from '../support/vault';

/** Copies of an older schema; see test/e2e/vault-older-schema.spec.ts. */
const FIXTURE = join(__dirname, '..', 'fixtures', 'vault-1764001200000');
const onSqlite = databaseKind === 'sqlite' ? it : it.skip;
const onPostgres = databaseKind === 'postgres' ? it : it.skip;

const { aPlace, aMigratedPlace, startOn } = severalPlaces();

const rotate = (place: TestPlace) => runCli('keys', ['rotate'], place);
const again = (app: TestApp, user: ApiClient) =>
  app.anonymous.signIn(user.credentials!.email, user.credentials!.password);

function forgetRetiredKeys({ dataDir }: TestPlace): void {
  for (const name of readdirSync(join(dataDir, 'keys')))
    if (name.startsWith('encryption-')) rmSync(join(dataDir, 'keys', name));
}

async function lineageOf(place: TestPlace): Promise<string> {
  const [row] = await rawSql(place, 'SELECT lineage FROM vault_state');
  return String(row!['lineage']);
}

it('rebuild × rotation half-way: both keys bring everything back, and the rotation ends on the new database', async () => {
  const place = await aMigratedPlace();
  const app = await startOn(place);
  const users = [await app.aUser(), await app.aUser(), await app.aUser()];
  const graphs = await Promise.all(users.map((user, i) => aGraphOf(user, `["of ${i}"]`)));
  // The new key is made and some keys are rewrapped, one of them copied so; then everything stops.
  beginFileRotation(place.dataDir);
  app.service.app.get(MasterKeySource).reload();
  const half = new AbortController();
  half.abort();
  await app.service.app.get(KeyRotation).rewrap(() => undefined, half.signal);
  const late = await app.aUser();
  const lateGraph = await aGraphOf(late, '["late"]');
  expect(await copyNow(app)).toBe('done');
  await app.stop();

  const target = await aPlace();
  const previous = join(place.dataDir, 'keys', 'encryption-previous.key');
  copyFileSync(previous, join(place.dataDir, 'aside'));
  rmSync(previous);
  const refused = await runCli('vault', ['rebuild', '--to', target.databaseUrl], place);
  expect(refused).toMatchObject({ code: 2, output: expect.stringContaining('master key') });
  copyFileSync(join(place.dataDir, 'aside'), previous);
  expect(await runCli('vault', ['rebuild', '--to', target.databaseUrl], place)).toMatchObject({ code: 0 });

  const rebuilt = { ...place, databaseUrl: target.databaseUrl };
  expect(await rotate(rebuilt)).toMatchObject({ code: 0 });
  forgetRetiredKeys(place);
  const next = await startOn(rebuilt);
  for (const [i, user] of users.entries())
    expect((await (await again(next, user)).get(`${GRAPHS}/${graphs[i]!.id}`)).configBytes.toString()).toBe(
      `["of ${i}"]`,
    );
  expect((await (await again(next, late)).get(`${GRAPHS}/${lateGraph.id}`)).status).toBe(200);
  expect(await copyNow(next)).toBe('done');
});

it('rebuild × older schema × rotation: the older copies open with the new key alone', async () => {
  const place = await aPlace();
  const expected = JSON.parse(readFileSync(join(FIXTURE, 'expected.json'), 'utf8')) as {
    email: string;
    password: string;
    graph: string;
    versions: string[];
  };
  mkdirSync(join(place.dataDir, 'keys'));
  cpSync(join(FIXTURE, 'encryption.key'), join(place.dataDir, 'keys', 'encryption.key'));
  cpSync(join(FIXTURE, 'vault'), join(place.dataDir, 'vault'), { recursive: true });
  expect(await runCli('vault', ['rebuild', '--to', place.databaseUrl], place)).toMatchObject({ code: 0 });
  await (await startOn(place)).stop();
  expect(await rotate(place)).toMatchObject({ code: 0 });
  forgetRetiredKeys(place);

  const target = await aPlace();
  expect(await runCli('vault', ['rebuild', '--to', target.databaseUrl], place)).toMatchObject({ code: 0 });
  const app = await startOn({ ...place, databaseUrl: target.databaseUrl });
  const user = await app.anonymous.signIn(expected.email, expected.password);
  for (const [at, config] of expected.versions.entries())
    expect((await user.get(`${GRAPHS}/${expected.graph}/versions/${at + 1}`)).configBytes.toString()).toBe(
      config,
    );
  expect(await requestCopy(app, 'full')).toMatchObject({ error: null });
  expect(await verifyNow(app)).toBe('done');
});

onPostgres(
  'move × rotation half-way: the rotation ends on PostgreSQL, and copies go on in the same line',
  async () => {
    const target = await aPlace();
    const place = { ...target, databaseUrl: `sqlite:///${join(target.dataDir, 'workflow.db')}` };
    const before = await startOn(place);
    const user = await before.aUser();
    const { id } = await aGraphOf(user, '["moved"]');
    expect(await copyNow(before)).toBe('done');
    await before.stop();
    beginFileRotation(place.dataDir);
    const moved = await runCli(
      'migrate-to-postgres',
      ['--from', place.databaseUrl, '--to', target.databaseUrl],
      place,
    );
    expect(moved).toMatchObject({ code: 0 });
    const app = await startOn(target);
    const line = await lineageOf(target);
    expect(await rotate(target)).toMatchObject({ code: 0 });
    forgetRetiredKeys(target);
    expect((await (await again(app, user)).get(`${GRAPHS}/${id}`)).configBytes.toString()).toBe('["moved"]');
    await aGraphOf(await again(app, user), '["after"]');
    expect(await copyNow(app)).toBe('done');
    expect(await verifyNow(app)).toBe('done');
    expect(await lineageOf(target)).toBe(line);
    expect(await runCli('vault', ['verify'], target)).toMatchObject({ code: 0 });
  },
);

onSqlite(
  'yesterday’s database × copies × seals × rotation: nothing that the copies hold is lost',
  async () => {
    const place = await aPlace();
    const file = place.databaseUrl.slice('sqlite:///'.length);
    const seal = async (app: TestApp) => (await app.service.app.get(JobRunner).trigger('seal')).ended;
    const first = await startOn(place);
    const user = await first.aUser();
    const { id } = await aGraphOf(user, '["yesterday"]');
    expect(await seal(first)).toMatchObject({ status: 'done' });
    expect(await copyNow(first)).toBe('done');
    await first.stop();
    copyFileSync(file, join(place.dataDir, 'yesterday.db'));

    const second = await startOn(place);
    second.clock.advance(60_000);
    const newcomer = await second.aUser();
    const today = await aGraphOf(newcomer, '["today"]');
    expect(await seal(second)).toMatchObject({ status: 'done' });
    expect(await copyNow(second)).toBe('done');
    const oldLine = await lineageOf(place);
    expect(await rotate(place)).toMatchObject({ code: 0 });
    await second.stop();

    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
    copyFileSync(join(place.dataDir, 'yesterday.db'), file);
    // The retired key is still in its file: yesterday's database opens, and the rotation is repeated on it.
    const third = await startOn(place);
    third.clock.advance(120_000);
    expect((await (await again(third, user)).get(`${GRAPHS}/${id}`)).configBytes.toString()).toBe(
      '["yesterday"]',
    );
    expect(await copyNow(third)).toBe('done');
    expect(await lineageOf(place)).not.toBe(oldLine);
    expect((await (await third.admin()).get('/api/v1/audit/verification')).json()).toMatchObject({
      intact: false,
    });
    expect(await rotate(place)).toMatchObject({ code: 0 });
    forgetRetiredKeys(place);
    expect(await copyNow(third)).toBe('done');
    expect(await verifyNow(third)).toBe('done');
    await third.stop();
    expect(await runCli('vault', ['verify'], place)).toMatchObject({ code: 0 });

    const target = await aPlace();
    const rebuilt = await runCli(
      'vault',
      ['rebuild', '--to', target.databaseUrl, '--lineage', oldLine],
      place,
    );
    expect(rebuilt).toMatchObject({ code: 0 });
    const fourth = await startOn({ ...place, databaseUrl: target.databaseUrl });
    expect((await (await again(fourth, newcomer)).get(`${GRAPHS}/${today.id}`)).configBytes.toString()).toBe(
      '["today"]',
    );
  },
);

it('keeps what is not a key file out of the keys', async () => {
  const place = await aMigratedPlace();
  await (await startOn(place)).stop();
  writeFileSync(join(place.dataDir, 'keys', 'encryption-retired-note.txt'), randomBytes(8));
  const app = await startOn(place);
  expect(app.service.app.get(MasterKeySource).current.size).toBe(1);
  expect((await app.anonymous.get('/health/ready')).status).toBe(200);
});
