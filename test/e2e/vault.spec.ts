import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { aGraph, aGraphOf, GRAPHS, versionsOf, type GraphJson } from '../support/graphs';
import { expectProblem } from '../support/problem';
import { copyNow, requestCopy, runsOf, verifyNow } from '../support/vault';
import { PATIENCE_MS, until } from '../support/within';

const BACKUPS = '/api/v1/backups';
let app: TestApp;
let user: ApiClient;
let admin: ApiClient;

beforeEach(async () => {
  app = await startApp();
  user = await app.aUser();
  admin = await app.admin();
});
afterEach(() => app.close());

const statusOf = async (id: string) => (await user.get(`${GRAPHS}/${id}`)).json<GraphJson>().backup_status;

it('follows each version from pending over stored to verified', async () => {
  const { id } = await aGraph(user, { config: { nodes: [1] } });
  expect(await statusOf(id)).toBe('pending');
  expect((await user.get(`${BACKUPS}/status`)).json()).toMatchObject({
    graphs: 1,
    versions: 1,
    pending_versions: 1,
    last_stored_at: null,
  });
  expect(await copyNow(app)).toBe('done');
  expect(await statusOf(id)).toBe('verified');
  await user.put(`${GRAPHS}/${id}`, { config: { nodes: [2] } });
  expect(await statusOf(id)).toBe('pending');
  expect(await copyNow(app)).toBe('done');
  expect((await versionsOf(user, id)).map(({ backup_status }) => backup_status)).toEqual([
    'stored',
    'verified',
  ]);
  expect(await verifyNow(app)).toBe('done');
  expect((await versionsOf(user, id)).map(({ backup_status }) => backup_status)).toEqual([
    'verified',
    'verified',
  ]);
  expect((await runsOf(admin)).map(({ kind, status, versions }) => [kind, status, versions])).toEqual([
    ['incremental', 'verified', 1],
    ['full', 'verified', 1],
  ]);
  const status = (await user.get(`${BACKUPS}/status`)).json();
  expect(status).toMatchObject({ pending_versions: 0, oldest_pending_at: null, versions: 2 });
  expect(status['last_verified_at']).toEqual(expect.any(String));
});

it('writes nothing when there is nothing new, unless somebody asks', async () => {
  await aGraph(user);
  await copyNow(app);
  const before = await runsOf(admin);
  await copyNow(app);
  expect(await runsOf(admin)).toEqual(before);
  const asked = await requestCopy(app, 'incremental');
  expect(asked).toMatchObject({ kind: 'incremental', status: 'stored', error: null });
  expect(asked.object).toMatch(/^lineages\/[0-9a-f]{32}\/segments\/0000000001\/0000000\d-\d{12}-part\.seg$/);
});

it('makes a full copy each week by the clock, and keeps two proven generations', async () => {
  await aGraph(user, { config: { a: 1 } });
  for (let week = 0; week < 4; week += 1) {
    expect(await copyNow(app)).toBe('done');
    app.clock.advance(7 * 86_400_000);
  }
  admin = await admin.signInAgain();
  const runs = await runsOf(admin);
  expect(runs.map(({ generation, kind }) => [generation, kind])).toEqual([
    [4, 'full'],
    [3, 'full'],
    [2, 'full'],
    [1, 'full'],
  ]);
  expect(runs.map(({ object }) => object === null)).toEqual([false, false, true, true]);
});

it('verifies one run, or everything, when an operator asks', async () => {
  const { id } = await aGraphOf(user, '{"a": 1e400}');
  const run = await requestCopy(app, 'full');
  const begun = await admin.post(`${BACKUPS}/verifications`, { run_id: run.id });
  expect(begun.status).toBe(202);
  const { id: asked } = begun.json<{ id: string }>();
  const record = async () =>
    (await admin.get(`${BACKUPS}/verifications`))
      .json<Array<{ id: string; status: string }>>()
      .find((one) => one.id === asked);
  while ((await record())!.status === 'running') await new Promise((resolve) => setTimeout(resolve, 20));
  // The mark is moved with the record's end, and may have been read a moment before.
  while ((await statusOf(id)) === 'stored') await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await statusOf(id)).toBe('verified');
  expect(await record()).toMatchObject({
    run_id: run.id,
    status: 'verified',
    graphs: 1,
    versions: 1,
    error: null,
  });
});

it('is for operators only, and says what it does not know', async () => {
  for (const answer of [
    await user.get(`${BACKUPS}/runs`),
    await user.post(`${BACKUPS}/runs`, { kind: 'full' }),
    await user.post(`${BACKUPS}/verifications`, {}),
    await user.get(`${BACKUPS}/verifications`),
  ])
    expectProblem(answer, 403, 'forbidden');
  expectProblem(await admin.get(`${BACKUPS}/runs/nothing`), 404, 'not-found');
  expectProblem(await admin.post(`${BACKUPS}/runs`, { kind: 'partial' }), 400, 'invalid-input');
  expectProblem(await admin.post(`${BACKUPS}/runs`, { kind: null }), 400, 'invalid-input');
  expectProblem(await admin.post(`${BACKUPS}/verifications`, { run_id: 'x' }), 400, 'invalid-input');
  expectProblem(
    await admin.post(`${BACKUPS}/verifications`, { run_id: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' }),
    404,
    'not-found',
  );
});

it('takes a request without a body as one for the defaults', async () => {
  const run = await admin.post(`${BACKUPS}/runs`);
  expect(run.status).toBe(202);
  const runs = `${BACKUPS}/runs/${run.json<{ id: string }>().id}`;
  await until(PATIENCE_MS, 'the end of the run', async () =>
    (await admin.get(runs)).json<{ status: string }>().status === 'running' ? undefined : true,
  );
  expect((await admin.post(`${BACKUPS}/verifications`, '')).status).toBe(202);
  expect((await admin.post('/api/v1/backup-policy/preview')).status).toBe(200);
});
