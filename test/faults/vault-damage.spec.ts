import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import { ObjectStore, type ObjectBytes } from '../../src/platform/objects/object-store';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { runCli } from '../support/cli';
import { newPlace } from '../support/database';
import { aGraphOf, GRAPHS, type GraphJson } from '../support/graphs';
import { itOnSqlite } from '../support/on-sqlite';
import { flipBit, rawSql } from '../support/raw-database';
import { calledStored, missingIn, present, recoverable } from '../support/recovered';
import { copyNow, requestCopy, runsOf, verifyNow } from '../support/vault';

let app: TestApp;
let user: ApiClient;
let admin: ApiClient;
beforeEach(async () => {
  app = await startApp();
  user = await app.aUser();
  admin = await app.admin();
});
afterEach(() => app.close());

const inVault = (name: string) => join(app.place.dataDir, 'vault', name);
const statusOf = async (id: string) => (await user.get(`${GRAPHS}/${id}`)).json<GraphJson>().backup_status;
const job = async (id: string) => (await (await app.service.app.get(JobRunner).trigger(id)).ended).status;
const auditVerification = async () =>
  (await admin.get('/api/v1/audit/verification')).json<{ intact: boolean; reason?: string }>();

/** A graph with a version in each of three copies. */
async function threeCopies(): Promise<string> {
  const { id } = await aGraphOf(user, '{"copy": 0}');
  expect(await copyNow(app)).toBe('done');
  for (let copy = 1; copy < 3; copy += 1) {
    await user.put(`${GRAPHS}/${id}`, `{"config":{"copy": ${copy}}}`);
    expect(await copyNow(app)).toBe('done');
  }
  return id;
}

const damages: Array<[string, (path: string) => void]> = [
  ['one bit of it is flipped', (path) => writeFileSync(path, flipBit(readFileSync(path), 700))],
  ['it is cut', (path) => writeFileSync(path, readFileSync(path).subarray(0, -40))],
  ['it is missing', (path) => rmSync(path)],
  ['it is another one of the same vault', (path) => writeFileSync(path, 'GRAPHOMAT\u0001 but not a segment')],
];

itOnSqlite.each(damages)(
  'the nightly verification names a segment when %s, and the next copy heals it',
  async (_, damage) => {
    const id = await threeCopies();
    expect(await verifyNow(app)).toBe('done');
    expect(await statusOf(id)).toBe('verified');
    const object = (await runsOf(admin))[1]!.object!;
    damage(inVault(object));
    expect(await verifyNow(app)).toBe('failed');
    const [last] = (await admin.get('/api/v1/backups/verifications')).json<
      Array<{ status: string; error: string }>
    >();
    expect(last).toMatchObject({ status: 'corrupt', error: expect.stringContaining(object) });
    expect((await runsOf(admin))[1]).toMatchObject({ object, status: 'corrupt' });
    expect(await statusOf(id)).toBe('pending');
    expect((await app.anonymous.get('/health')).json()).toMatchObject({
      details: { backups: { degraded: true, reason: expect.stringContaining('damaged') } },
    });
    expect((await admin.get('/api/v1/audit?action=vault.damaged')).json()).toMatchObject([
      { details: { object } },
    ]);

    expect(await copyNow(app)).toBe('done');
    expect((await runsOf(admin))[0]).toMatchObject({ kind: 'full', status: 'verified' });
    expect(await statusOf(id)).toBe('verified');
    expect(await verifyNow(app)).toBe('done');
    expect(missingIn((await recoverable(app.place))!, await calledStored(app.place))).toEqual([]);
  },
);

it('an object with wrapped keys that was changed is named, and the next full copy heals it', async () => {
  const id = await threeCopies();
  const [{ lineage }] = (await rawSql(app.place, 'SELECT lineage FROM vault_state')) as [{ lineage: string }];
  const object = `lineages/${lineage}/keys/1f.keys`;
  writeFileSync(inVault(object), flipBit(readFileSync(inVault(object)), 5));
  expect(await verifyNow(app)).toBe('failed');
  expect(await runCli('vault', ['verify'], app.place)).toMatchObject({
    code: 1,
    output: expect.stringContaining(`DAMAGED ${object}`),
  });
  expect(await copyNow(app)).toBe('done');
  expect(await statusOf(id)).toBe('verified');
  expect(await runCli('vault', ['verify'], app.place)).toMatchObject({ code: 0 });
});

it('a user who registers during a copy is in it with a key, or is not called stored', async () => {
  await threeCopies();
  await user.put(`${GRAPHS}/${(await aGraphOf(user, '[]')).id}`, { config: ['more'] });
  const store = app.service.app.get(ObjectStore);
  const put = store.put.bind(store);
  let registered = 0;
  store.put = async (name: string, bytes: ObjectBytes, signal?: AbortSignal) => {
    // Before each object that is written, somebody comes and stores a graph.
    if (registered < 3) await aGraphOf(await app.aUser(), `{"guest": ${(registered += 1)}}`);
    return put(name, bytes, signal);
  };
  await requestCopy(app, 'full');
  store.put = put;
  expect(registered).toBeGreaterThan(0);
  expect(missingIn((await recoverable(app.place))!, await calledStored(app.place))).toEqual([]);
  expect(await copyNow(app)).toBe('done');
  expect(missingIn((await recoverable(app.place))!, await present(app.place))).toEqual([]);
});

it('the audit log is sealed on after a rebuild, and what was sealed before can still be proven', async () => {
  await threeCopies();
  expect(await job('seal')).toBe('done');
  await user.put(`${GRAPHS}/${(await aGraphOf(user, '[]')).id}`, { config: ['sealed later'] });
  expect(await job('seal')).toBe('done');
  expect(await copyNow(app)).toBe('done');
  const [{ seals }] = (await rawSql(app.place, 'SELECT COUNT(*) AS seals FROM seals')) as [{ seals: number }];
  // Younger than the last copy: lost, and this machine remembers the seal over it.
  await aGraphOf(user, '["lost"]');
  expect(await job('seal')).toBe('done');
  await app.stop();
  const target = await newPlace();
  const place = { ...target, dataDir: app.place.dataDir };
  expect(await runCli('vault', ['rebuild', '--to', target.databaseUrl], place)).toMatchObject({ code: 0 });
  const rebuilt = await startApp({}, place);
  rebuilt.clock.advance(60_000);
  admin = await rebuilt.admin();
  expect(await auditVerification()).toMatchObject({ intact: true });
  const [after] = await rawSql(place, 'SELECT COUNT(*) AS seals FROM seals');
  expect(Number(after!['seals'])).toBe(Number(seals));
  expect((await (await rebuilt.service.app.get(JobRunner).trigger('seal')).ended).status).toBe('done');
  expect(await auditVerification()).toMatchObject({ intact: true, unsealed_events: 0 });
  await rebuilt.stop();
  await target.remove();
});

it('a tail that was cut off the audit log shows by the seal in the vault, also where no machine remembers it', async () => {
  await threeCopies();
  expect(await job('seal')).toBe('done');
  await aGraphOf(user, '[]');
  expect(await job('seal')).toBe('done');
  expect(await copyNow(app)).toBe('done');
  const [last] = await rawSql(app.place, 'SELECT from_seq, number FROM seals ORDER BY number DESC LIMIT 1');
  await rawSql(app.place, `DELETE FROM journal WHERE seq >= ${Number(last!['from_seq'])}`);
  await rawSql(app.place, `DELETE FROM seals WHERE number = ${Number(last!['number'])}`);
  rmSync(join(app.place.dataDir, 'audit-seal.json'));
  expect(await verifyNow(app)).toBe('done');
  expect(await auditVerification()).toMatchObject({
    intact: false,
    reason: expect.stringContaining('truncated'),
  });
});
