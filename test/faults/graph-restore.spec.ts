import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app';
import { runCli, spawnCli } from '../support/cli';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraphOf, versionsOf, type GraphJson } from '../support/graphs';
import { itOnSqlite } from '../support/on-sqlite';
import { rawSql } from '../support/raw-database';
import { copyNow, requestCopy, verifyNow } from '../support/vault';

let app: TestApp;
let user: ApiClient;
beforeAll(async () => {
  app = await startApp();
});
beforeEach(async () => {
  user = await app.aUser();
});
afterAll(() => app.close());

const restore = (...more: string[]) =>
  runCli('vault', ['restore', '--user', user.credentials!.email, ...more], app.place);

/** A graph with a history, labels, a policy of its own, and numbers that no parser keeps. */
async function aFlow(): Promise<GraphJson> {
  const graph = await aGraphOf(user, '{"step": 0, "n": 1e400}');
  for (let step = 1; step < 8; step += 1)
    await user.put(
      `${GRAPHS}/${graph.id}`,
      `{"title":"s${step}","config":{"step": ${step}, "n": 1e40${step}}}`,
    );
  await user.send('PATCH', `${GRAPHS}/${graph.id}/versions/3`, { label: 'the good one', pinned: true });
  await user.put(`${GRAPHS}/${graph.id}/backup-policy`, { keep_last: 5 });
  return graph;
}

async function purge({ id }: GraphJson): Promise<void> {
  await user.delete(`${GRAPHS}/${id}`);
  expect((await user.post(`${GRAPHS}/${id}/purge`)).status).toBeLessThan(300);
}

async function everything({ id }: GraphJson): Promise<unknown> {
  const versions = await versionsOf(user, id);
  const configs = [];
  for (const { version } of versions)
    configs.push((await user.get(`${GRAPHS}/${id}/versions/${version}`)).configBytes.toString());
  const policy = (await user.get(`${GRAPHS}/${id}/backup-policy`)).json<{ keep_last: number }>();
  return { configs, policy, versions: versions.map(({ backup_status: _, ...version }) => version) };
}

it('restores a purged graph with its history, byte for byte, while the service runs', async () => {
  const flow = await aFlow();
  const other = await aGraphOf(user, '["stays as it is"]');
  expect(await copyNow(app)).toBe('done');
  const before = await everything(flow);
  await purge(flow);
  expect(await copyNow(app)).toBe('done');
  expect((await user.get(`${GRAPHS}/${flow.id}`)).status).toBe(404);
  const usage = await rawSql(app.place, 'SELECT SUM(versions) AS n FROM user_usage');

  const dry = await restore('--graph', flow.id, '--dry-run');
  expect(dry).toMatchObject({ code: 0, output: expect.stringContaining('WOULD RESTORE') as string });
  expect((await user.get(`${GRAPHS}/${flow.id}`)).status).toBe(404);
  const done = await restore('--graph', flow.id);
  expect(done).toMatchObject({
    code: 0,
    output: expect.stringContaining(`RESTORED graph ${flow.id}`) as string,
  });
  expect(await everything(flow)).toEqual(before);
  expect((await user.get(`${GRAPHS}/${other.id}`)).configBytes.toString()).toBe('["stays as it is"]');

  const again = await restore('--graph', flow.id);
  expect(again).toMatchObject({ code: 1, output: expect.stringContaining('SKIPPED') as string });
  expect((await user.put(`${GRAPHS}/${flow.id}`, { title: 'goes on' })).status).toBe(200);
  const now = await rawSql(app.place, 'SELECT SUM(versions) AS n FROM user_usage');
  expect(Number(now[0]!['n'])).toBe(Number(usage[0]!['n']) + 9);
  const events = (await user.get('/api/v1/audit?action=graph.restored_from_backup')).json<unknown[]>();
  expect(events).toHaveLength(1);
  expect(await runCli('check', [], app.place)).toMatchObject({ code: 0 });
});

it('is copied again after it was restored: the next copies hold it, in parts and in full', async () => {
  const flow = await aFlow();
  expect(await copyNow(app)).toBe('done');
  const before = await everything(flow);
  await purge(flow);
  expect(await restore('--graph', flow.id)).toMatchObject({ code: 0 });
  expect(await copyNow(app)).toBe('done');
  expect(await verifyNow(app)).toBe('done');
  await purge(flow);
  expect(await restore('--graph', flow.id)).toMatchObject({ code: 0 });
  expect(await requestCopy(app, 'full')).toMatchObject({ error: null });
  expect(await everything(flow)).toEqual(before);
  expect(await runCli('vault', ['verify'], app.place)).toMatchObject({ code: 0 });
});

it('restores all graphs that the account had at a time, and leaves those alone that are there', async () => {
  const flows = [await aFlow(), await aFlow()];
  const trashed = await aGraphOf(user, '["in the trash"]');
  expect(await copyNow(app)).toBe('done');
  const at = new Date(app.clock.now()).toISOString();
  app.clock.advance(60_000);
  for (const flow of flows) await purge(flow);
  await user.delete(`${GRAPHS}/${trashed.id}`);
  expect(await copyNow(app)).toBe('done');
  const nothing = await restore();
  expect(nothing.output).toContain('trash');
  const done = await restore('--at', at);
  expect(done.code).toBe(0);
  expect(done.output.match(/^RESTORED/gm)).toHaveLength(2);
  for (const { id } of flows) expect((await user.get(`${GRAPHS}/${id}`)).status).toBe(200);
});

it('touches no other account, and says what it cannot do', async () => {
  const flow = await aFlow();
  expect(await copyNow(app)).toBe('done');
  await purge(flow);
  const stranger = await app.aUser();
  const missing = await runCli('vault', ['restore', '--user', 'unknown@test.example'], app.place);
  expect(missing).toMatchObject({ code: 2, output: expect.stringContaining('no account') as string });
  const of = (email: string, ...more: string[]) =>
    runCli('vault', ['restore', '--user', email, ...more], app.place);
  const foreign = await of(stranger.credentials!.email, '--graph', flow.id);
  expect(foreign.code).not.toBe(0);
  expect((await stranger.get(GRAPHS)).json<unknown[]>()).toEqual([]);
  const unknown = await restore('--graph', '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11');
  expect(unknown).toMatchObject({ code: 2, output: expect.stringContaining('No copy holds') as string });
  expect(await restore('--graph', 'x')).toMatchObject({ code: 2 });
});

describe('the tools', () => {
  itOnSqlite.each([
    ['vault', ['ls', '--graph', 'x']],
    ['keys', []],
    ['check', ['x']],
    ['move', ['--from', 'sqlite:///x.db', '--to', 'mysql://x']],
    ['retention', ['--x']],
    ['audit-verify', ['x']],
  ])('%s print their usage: with 0 when asked for help, with 2 after a wrong call', async (name, wrong) => {
    const nowhere = { ...app.place, databaseUrl: 'sqlite:////nowhere/at/all.db' };
    const help = await spawnCli(name, ['--help'], nowhere);
    expect(help).toMatchObject({ code: 0, output: expect.stringContaining('Usage: npm run') as string });
    const refused = await spawnCli(name, wrong, app.place);
    expect(refused).toMatchObject({ code: 2, output: expect.stringContaining('Usage: npm run') as string });
  });

  it('say that a vault is empty instead of calling it good', async () => {
    const empty = { BACKUP_STORE_URL: `file:///${join(app.place.dataDir, 'empty')}` };
    const verified = await runCli('vault', ['verify'], app.place, empty);
    expect(verified).toMatchObject({ code: 1, output: expect.stringContaining('no copies') as string });
  });

  it('list the copies without a key, and call no graph damaged because of a wrong one', async () => {
    const own = await startApp();
    user = await own.aUser();
    await aFlow();
    expect(await copyNow(own)).toBe('done');
    writeFileSync(join(own.place.dataDir, 'keys', 'encryption.key'), randomBytes(32).toString('base64'));
    const checked = await runCli('check', [], own.place);
    expect(checked).toMatchObject({ code: 2, output: expect.stringContaining('ENCRYPTION_KEY') as string });
    expect(checked.output).not.toContain('DAMAGED');
    const elsewhere = {
      DATA_DIR: join(own.place.dataDir, 'none'),
      BACKUP_STORE_URL: `file:///${own.place.dataDir}/vault`,
    };
    expect(await runCli('vault', ['ls'], own.place, elsewhere)).toMatchObject({ code: 0 });
    await own.close();
  });
});
