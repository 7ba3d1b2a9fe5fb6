import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { ACTION_CODES } from '../../src/audit/domain/actions';
import { decodeKeys } from '../../src/backups/vault-keys';
import type { TestApp } from '../support/app';
import { runCli } from '../support/cli';
import type { ApiClient } from '../support/client';
import { databaseKind, type TestPlace } from '../support/database';
import { GRAPHS, aGraphOf } from '../support/graphs';
import { killCli, type KillPlace } from '../support/killed-cli';
import { rawSql } from '../support/raw-database';
import { severalPlaces } from '../support/several-places';
import { copyNow, verifyNow } from '../support/vault';
import { untilAlone } from '../support/waiting';

/** Copies of an older schema; see test/e2e/vault-older-schema.spec.ts. */
const FIXTURE = join(__dirname, '..', 'fixtures', 'vault-1764001200000');
/** More than one transaction of a rotation. */
const MANY_KEYS = 250;
const onPostgres = databaseKind === 'postgres' ? it : it.skip;

/** The steps of a rotation in their order; a run that was killed at one of them gets to the next. */
const NEW_KEY: KillPlace[] = [
  ['LINK keys/encryption-previous.key', 1],
  [' TO keys/encryption.key', 1],
  ['INSERT INTO master_keys', 1],
];
const IN_DATABASE: KillPlace[] = [
  ['UPDATE user_keys', 1],
  ['UPDATE user_keys', 3],
];
const SECOND_BATCH: KillPlace = ['UPDATE user_keys', 210];
const IN_COPIES: KillPlace[] = [
  ['.keys', 1],
  ['.keys', 2],
];
const OLD_KEY: KillPlace[] = [
  ['UPDATE master_keys SET retired_at = ', 1],
  ['INSERT INTO journal', 1],
  ['RENAME keys/encryption-previous.key', 1],
];

/** A graph, its owner, and its configs from version 1 on. */
interface Kept {
  owner: { email: string; password: string };
  id: string;
  configs: string[];
}

const { aPlace, aMigratedPlace, startOn, keep } = severalPlaces();

/** The folder as it is now, with the given database. */
function copied({ dataDir }: TestPlace, databaseUrl: string): TestPlace {
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-test-before-'));
  cpSync(dataDir, folder, { recursive: true });
  const remove = () => Promise.resolve(rmSync(folder, { recursive: true }));
  return keep({ dataDir: folder, databaseUrl, remove });
}

function forgetRetiredKeys({ dataDir }: TestPlace): void {
  for (const name of readdirSync(join(dataDir, 'keys')))
    if (name.startsWith('encryption-')) rmSync(join(dataDir, 'keys', name));
}

async function kept(user: ApiClient, name: string): Promise<Kept> {
  const configs = [`{ "of": "${name}",  "n": 1.0 }`, `{ "of": "${name}",  "n": 1e400 }`];
  const { id } = await aGraphOf(user, configs[0]!);
  const changed = await user.put(`${GRAPHS}/${id}`, `{"config":${configs[1]}}`);
  expect(changed.status).toBe(200);
  return { owner: user.credentials!, id, configs };
}

async function expectKept(app: TestApp, graphs: readonly Kept[]): Promise<void> {
  for (const { owner, id, configs } of graphs) {
    const user = await app.anonymous.signIn(owner.email, owner.password);
    for (const [at, config] of configs.entries()) {
      const answer = await user.get(`${GRAPHS}/${id}/versions/${at + 1}`);
      expect(answer.configBytes.toString()).toBe(config);
    }
  }
}

/** More keys than one transaction rewraps, wrapped as the first account's. */
const MORE_KEYS = `INSERT INTO user_keys (user_key, user_id, master_id, created_at, wrapped)
  WITH RECURSIVE numbers(n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${999 + MANY_KEYS})
  SELECT n, user_id, master_id, 1, wrapped FROM numbers, (SELECT * FROM user_keys WHERE user_key > 0 ORDER BY user_key LIMIT 1) AS one`;

/** As if the time of a dead run's lease had passed. */
const forgetLeases = (place: TestPlace) => rawSql(place, 'UPDATE jobs SET expires_at = 0');

async function killRotation(place: TestPlace, at: KillPlace): Promise<void> {
  await killCli('keys', ['rotate'], place, at);
  await forgetLeases(place);
}

async function killRebuild(place: TestPlace, target: TestPlace, at: KillPlace): Promise<void> {
  await killCli('vault', rebuildArgs(target.databaseUrl), place, at);
  await untilAlone(target);
}

const rotate = (place: TestPlace) => runCli('keys', ['rotate'], place);
const rebuildArgs = (to: string) => ['rebuild', '--to', to];
const rebuild = (place: TestPlace, to: string) => runCli('vault', rebuildArgs(to), place);

/** Ids of the accounts whose keys can still be unwrapped in the copies, in hexadecimal. */
function ownersInCopies({ dataDir }: TestPlace): Set<string> {
  const vault = join(dataDir, 'vault');
  const names = readdirSync(vault, { recursive: true, encoding: 'utf8' });
  const rows = names
    .filter((name) => name.endsWith('.keys'))
    .flatMap((name) => decodeKeys(name, readFileSync(join(vault, name))));
  return new Set(
    rows.filter((row) => row.destroyed_at === null).map(({ user_id }) => user_id.toString('hex')),
  );
}

/** How often the audit log has the change of the master key. */
async function noted(place: TestPlace): Promise<number> {
  const [row] = await rawSql(place, 'SELECT COUNT(*) AS events FROM journal WHERE action = ?', [
    ACTION_CODES['service.master_key_changed'],
  ]);
  return Number(row!['events']);
}

const hexOf = (user: ApiClient) => user.userId!.replaceAll('-', '');

it('rotation × deleted accounts × kill -9 at each step: others keep every byte, and the new key alone opens it', async () => {
  const place = await aMigratedPlace();
  const app = await startOn(place);
  const graphs = [await kept(await app.aUser(), 'first'), await kept(await app.aUser(), 'second')];
  const [early, late] = [await app.aUser(), await app.aUser()];
  for (const user of [early, late]) await kept(user, 'gone');
  await rawSql(place, MORE_KEYS);
  expect(await copyNow(app)).toBe('done');
  const before = copied(place, place.databaseUrl);
  const admin = await app.admin();
  expect((await admin.delete(`/api/v1/users/${early.userId}`)).status).toBeLessThan(300);

  for (const at of [...NEW_KEY, ...IN_DATABASE, SECOND_BATCH, ...IN_COPIES, ...OLD_KEY]) {
    await killRotation(place, at);
    await expectKept(app, graphs);
    if (at === SECOND_BATCH)
      expect((await admin.delete(`/api/v1/users/${late.userId}`)).status).toBeLessThan(300);
    if (at !== IN_COPIES[0]) continue;
    // While some keys in the copies are under the old key, a new account gets the new one.
    graphs.push(await kept(await app.aUser(), 'during'));
  }
  expect(await copyNow(app)).toBe('done');
  expect(await rotate(place)).toMatchObject({ code: 0 });
  expect(await noted(place)).toBe(1);
  expect(await verifyNow(app)).toBe('done');
  await app.stop();
  forgetRetiredKeys(place);
  const owners = ownersInCopies(place);
  for (const user of [early, late]) expect(owners).not.toContain(hexOf(user));
  expect(await runCli('check', [], place)).toMatchObject({ code: 0 });
  expect(await runCli('vault', ['verify'], place)).toMatchObject({ code: 0 });
  await expectKept(await startOn(place), graphs);

  const [ofNew, ofOld] = [await aPlace(), await aPlace()];
  expect(await rebuild(place, ofNew.databaseUrl)).toMatchObject({ code: 0 });
  await expectKept(await startOn({ ...place, databaseUrl: ofNew.databaseUrl }), graphs);
  // The folder from before the rotation has the old key alone.
  expect(await rebuild(before, ofOld.databaseUrl)).toMatchObject({ code: 0 });
  await expectKept(await startOn({ ...before, databaseUrl: ofOld.databaseUrl }), graphs.slice(0, 2));
});

it('rebuild × older schema × rotation × kill -9: each goes on where it was, and the new key alone opens it', async () => {
  const place = await aPlace();
  const expected = JSON.parse(readFileSync(join(FIXTURE, 'expected.json'), 'utf8')) as {
    email: string;
    password: string;
    graph: string;
    versions: string[];
  };
  const { email, password, graph: id, versions: configs } = expected;
  const graphs = [{ owner: { email, password }, id, configs }];
  mkdirSync(join(place.dataDir, 'keys'));
  cpSync(join(FIXTURE, 'encryption.key'), join(place.dataDir, 'keys', 'encryption.key'));
  cpSync(join(FIXTURE, 'vault'), join(place.dataDir, 'vault'), { recursive: true });
  /** Of a rebuild: within the old schema, between two blocks, in the step to the new schema, in the last transaction. */
  const steps: KillPlace[] = [
    ['CREATE TABLE', 5],
    ['INSERT INTO "users"', 1],
    ['INSERT INTO rebuild_progress', 3],
    ['CREATE TABLE "user_usage"', 1],
    ['INSERT INTO user_keys', 2],
    ['INSERT INTO journal', 1],
  ];

  for (const at of steps) await killRebuild(place, place, at);
  expect(await rebuild(place, place.databaseUrl)).toMatchObject({ code: 0 });
  // A rebuilt database is migrated already: the rotation may come before the first start.
  for (const at of [NEW_KEY[1]!, IN_DATABASE[1]!, IN_COPIES[0]!, OLD_KEY[2]!]) await killRotation(place, at);
  expect(await rotate(place)).toMatchObject({ code: 0 });
  forgetRetiredKeys(place);

  const target = await aPlace();
  for (const at of [steps[2]!, steps[5]!]) await killRebuild(place, target, at);
  expect(await rebuild(place, target.databaseUrl)).toMatchObject({ code: 0 });
  const app = await startOn({ ...place, databaseUrl: target.databaseUrl });
  await expectKept(app, graphs);
  expect(await copyNow(app)).toBe('done');
  expect(await verifyNow(app)).toBe('done');
});

onPostgres(
  'move × rotation half-way × kill -9: the rotation ends on PostgreSQL, and the copies go on',
  async () => {
    const target = await aPlace();
    const file = join(target.dataDir, 'workflow.db');
    const place = { ...target, databaseUrl: `sqlite:///${file}` };
    const first = await startOn(place);
    const graphs = [await kept(await first.aUser(), 'first'), await kept(await first.aUser(), 'second')];
    expect(await copyNow(first)).toBe('done');
    await first.stop();
    const before = copied(place, '');
    const database = new Sqlite(file);
    database.exec(MORE_KEYS);
    database.close();
    for (const at of [NEW_KEY[1]!, SECOND_BATCH]) await killCli('keys', ['rotate'], place, at);

    const move = ['--from', place.databaseUrl, '--to', target.databaseUrl];
    for (const at of [
      ['unfinished_move', 1],
      ['INSERT INTO "user_keys"', 1],
      ['DROP TABLE', 1],
    ] as const) {
      await killCli('migrate-to-postgres', move, place, at);
      await untilAlone(target);
    }
    expect(await runCli('migrate-to-postgres', move, place)).toMatchObject({ code: 0 });
    await forgetLeases(target);

    const app = await startOn(target);
    for (const at of [IN_DATABASE[0]!, ...IN_COPIES, ...OLD_KEY]) {
      await killRotation(target, at);
      await expectKept(app, graphs);
    }
    expect(await copyNow(app)).toBe('done');
    expect(await rotate(target)).toMatchObject({ code: 0 });
    expect(await noted(target)).toBe(1);
    forgetRetiredKeys(target);
    graphs.push(await kept(await app.aUser(), 'after'));
    expect(await copyNow(app)).toBe('done');
    expect(await verifyNow(app)).toBe('done');
    await app.stop();
    expect(await runCli('vault', ['verify'], target)).toMatchObject({ code: 0 });
    await expectKept(await startOn(target), graphs);
    // The old installation, put back as it was before the rotation, needs nothing but the old key.
    const back = { ...before, databaseUrl: `sqlite:///${join(before.dataDir, 'workflow.db')}` };
    await expectKept(await startOn(back), graphs.slice(0, 2));
  },
);
