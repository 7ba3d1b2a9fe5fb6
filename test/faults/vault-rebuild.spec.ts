import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from '../support/app';
import { runCli } from '../support/cli';
import type { ApiClient } from '../support/client';
import { newPlace, type TestPlace } from '../support/database';
import { GRAPHS, aGraphOf, versionsOf, type GraphJson } from '../support/graphs';
import { flipBit } from '../support/raw-database';
import { copyNow, requestCopy } from '../support/vault';

let app: TestApp;
let user: ApiClient;
let target: TestPlace;

beforeEach(async () => {
  app = await startApp();
  user = await app.aUser();
  target = await newPlace();
});
afterEach(async () => {
  await app.close();
  await target.remove();
});

const vaultOf = ({ dataDir }: TestPlace) => join(dataDir, 'vault');
const storeUrl = (place: TestPlace) => `file://${vaultOf(place)}`;

/** The vault's tool, with the keys and the vault of the first place, and nothing else of it. */
const vault = (args: string[], environment: Record<string, string> = {}) =>
  runCli('vault', args, target, {
    DATA_DIR: app.place.dataDir,
    DATABASE_URL: 'sqlite:////nowhere/at/all.db',
    BACKUP_STORE_URL: storeUrl(app.place),
    ...environment,
  });

const rebuild = (...more: string[]) => vault(['rebuild', '--to', target.databaseUrl, ...more]);

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

/** The service on the rebuilt database, with the keys of the first place. */
async function onTarget(): Promise<TestApp> {
  cpSync(join(app.place.dataDir, 'keys'), join(target.dataDir, 'keys'), { recursive: true });
  const rebuilt = await startApp({}, target);
  rebuilt.clock.advance(app.clock.now() - rebuilt.clock.now());
  return rebuilt;
}

const text = (i: number) =>
  `{"nodes": [${Array.from({ length: 30 }, (_, n) => n * (i + 1)).join(', ')}], "n": 1e${i + 400}}`;

/** Two graphs with histories, labels and a policy, one of them in the bin; and everything copied. */
async function aLife(): Promise<{ first: GraphJson; second: GraphJson }> {
  const first = await aGraphOf(user, text(0));
  for (let i = 1; i < 12; i += 1)
    await user.put(`${GRAPHS}/${first.id}`, `{"title":"v${i}","config":${text(i)}}`);
  await user.send('PATCH', `${GRAPHS}/${first.id}/versions/3`, { label: 'before the move', pinned: true });
  await user.put(`/api/v1/backup-policy`, { keep_last: 7 });
  expect(await copyNow(app)).toBe('done');
  const second = await aGraphOf(user, '["second"]');
  await user.delete(`${GRAPHS}/${second.id}`);
  await user.put(`${GRAPHS}/${first.id}`, `{"config":${text(99)}}`);
  expect(await copyNow(app)).toBe('done');
  return { first, second };
}

it('brings everything back that was stored, byte for byte, into an empty database, and history goes on', async () => {
  const { first, second } = await aLife();
  const before = await versionsOf(user, first.id);
  const events = (await user.get('/api/v1/audit?limit=500')).json<unknown[]>();
  await app.stop();

  const dry = await vault(['rebuild', '--dry-run']);
  expect(dry).toMatchObject({ code: 0, output: expect.stringContaining('2 graphs, 15 versions') });
  const done = await rebuild();
  expect(done).toMatchObject({ code: 0, output: expect.stringContaining('Rebuilt: ') });
  expect(await rebuild()).toMatchObject({ code: 2, output: expect.stringMatching(/empty/i) });

  const rebuilt = await onTarget();
  try {
    const again = await rebuilt.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    expect((await user.get('/api/v1/auth/me').catch(() => ({ status: 0 }))).status).not.toBe(200);
    const after = await versionsOf(again, first.id);
    const plain = (list: typeof after) => list.map(({ backup_status: _, ...version }) => version);
    expect(plain(after)).toEqual(plain(before));
    for (let i = 0; i < 12; i += 1)
      expect((await again.get(`${GRAPHS}/${first.id}/versions/${i + 1}`)).configBytes.toString()).toBe(
        text(i),
      );
    expect((await again.get(`${GRAPHS}/${first.id}`)).configBytes.toString()).toBe(text(99));
    expect((await again.get('/api/v1/backup-policy')).json()).toMatchObject({ keep_last: 7 });
    expect((await again.post(`${GRAPHS}/${second.id}/recover`)).status).toBe(200);
    expect((await again.put(`${GRAPHS}/${first.id}`, { title: 'on with it' })).status).toBe(200);
    const then = (await again.get('/api/v1/audit?limit=500')).json<Array<{ seq: number }>>();
    const known = new Set(then.map(({ seq }) => seq));
    expect((events as Array<{ seq: number }>).filter(({ seq }) => !known.has(seq))).toEqual([]);
    expect((await runCli('check', [], target)).output).toContain('0 graphs damaged');
    expect(await copyNow(rebuilt)).toBe('done');
  } finally {
    await rebuilt.stop();
  }
});

it('goes back to a time', async () => {
  const { id } = await aGraphOf(user, '["one"]');
  expect(await copyNow(app)).toBe('done');
  app.clock.advance(60_000);
  const between = new Date(app.clock.now()).toISOString();
  app.clock.advance(60_000);
  await user.put(`${GRAPHS}/${id}`, { config: ['two'] });
  expect(await copyNow(app)).toBe('done');
  await app.stop();
  expect(await rebuild('--at', between)).toMatchObject({ code: 0 });
  const rebuilt = await onTarget();
  try {
    const again = await rebuilt.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    expect((await again.get(`${GRAPHS}/${id}`)).configBytes.toString()).toBe('["one"]');
    expect(await versionsOf(again, id)).toHaveLength(1);
  } finally {
    await rebuilt.stop();
  }
});

it('does not bring back a deleted account or its data', async () => {
  const removed = await app.aUser();
  await aGraphOf(removed, '["of a deleted user"]');
  const { id } = await aGraphOf(user, '["of somebody who stays"]');
  expect(await copyNow(app)).toBe('done');
  await (await app.admin()).delete(`/api/v1/users/${removed.userId}`);
  expect(await (await app.service.app.get(JobRunner).trigger('housekeeping')).ended).toMatchObject({
    status: 'done',
  });
  expect(await copyNow(app)).toBe('done');
  await app.stop();
  expect(await rebuild()).toMatchObject({ code: 0, output: expect.stringContaining('1 graphs') });
  const rebuilt = await onTarget();
  try {
    await expect(
      rebuilt.anonymous.signIn(removed.credentials!.email, removed.credentials!.password),
    ).rejects.toThrow(/"status":401/);
    const again = await rebuilt.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    expect((await again.get(`${GRAPHS}/${id}`)).configBytes.toString()).toBe('["of somebody who stays"]');
  } finally {
    await rebuilt.stop();
  }
});

it('says at once that the key is another one, and makes nothing', async () => {
  await aLife();
  const wrong = await vault(['rebuild', '--to', target.databaseUrl], {
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  });
  expect(wrong.code).toBe(2);
  expect(wrong.output).toMatch(/key/i);
});

it('finds one flipped bit in any object by verification, and a full copy heals it', async () => {
  await aLife();
  expect((await vault(['verify'])).code).toBe(0);
  const segments = filesBelow(vaultOf(app.place)).filter((file) => statSync(file).size > 300);
  expect(segments.length).toBeGreaterThan(1);
  for (const file of segments) {
    const whole = readFileSync(file);
    writeFileSync(file, flipBit(whole, Math.floor(whole.length / 2)));
    const { code, output } = await vault(['verify']);
    expect([file.split('/').at(-1), code, output.includes('DAMAGED')]).toEqual([
      file.split('/').at(-1),
      1,
      true,
    ]);
    writeFileSync(file, whole);
  }
  writeFileSync(segments[0]!, flipBit(readFileSync(segments[0]!), 100));
  expect(await requestCopy(app, 'full')).toMatchObject({ error: null });
  await app.stop();
  expect(await rebuild()).toMatchObject({ code: 0 });
});

it('never fails a user when the vault is gone, and catches up when it is back', async () => {
  const { first } = await aLife();
  rmSync(vaultOf(app.place), { recursive: true });
  writeFileSync(vaultOf(app.place), 'a file where the folder was');
  expect((await user.put(`${GRAPHS}/${first.id}`, { title: 'while it is gone' })).status).toBe(200);
  expect(await copyNow(app)).toBe('failed');
  app.clock.advance(10 * 60_000);
  user = await user.signInAgain();
  expect((await app.anonymous.get('/health')).json()).toMatchObject({
    details: { backups: { degraded: true, reason: expect.stringContaining('no copy has succeeded') } },
  });
  expect((await user.get(`${GRAPHS}/${first.id}`)).status).toBe(200);
  app.clock.advance(60 * 60_000);
  const down = await app.anonymous.get('/health');
  expect(down.status).toBe(503);
  expect(down.json()).toMatchObject({ error: { backups: { status: 'down' } } });
  expect((await app.anonymous.get('/health/ready')).status).toBe(200);
  rmSync(vaultOf(app.place));
  expect(await copyNow(app)).toBe('done');
  expect((await app.anonymous.get('/health')).status).toBe(200);
  await app.stop();
  expect(await rebuild()).toMatchObject({ code: 0, output: expect.stringContaining('2 graphs') });
});
