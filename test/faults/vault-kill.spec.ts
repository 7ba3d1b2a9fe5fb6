import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { QUICK_LOAD, startChild, type ChildService } from '../support/child';
import { startApp } from '../support/app';
import { ApiClient } from '../support/client';
import { runCli } from '../support/cli';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { aGraphOf, GRAPHS, type GraphJson } from '../support/graphs';
import { rawSql } from '../support/raw-database';
import { calledStored, missingIn, present, recoverable } from '../support/recovered';
import { copyNow, requestCopy, verifyNow } from '../support/vault';

/**
 * Spread evenly over what is killed, each at a random moment of its part, so that a run meets every part of it. The
 * other database differs in nothing here but how a state is read.
 */
const KILLS = databaseKind === 'sqlite' ? 10 : 4;
const within = (attempt: number, ms: number) => (((attempt % KILLS) + Math.random()) / KILLS) * ms;
const ADMIN = { email: 'operator@test.example', password: 'an operator of the kill tests' };
const TOOL = join(__dirname, '..', '..', 'dist', 'cli', 'vault.js');
const YEARLY = '0 0 1 1 *';

let place: TestPlace;
let child: ChildService | undefined;
beforeEach(async () => {
  child = undefined;
  place = await newPlace();
});
afterEach(async () => {
  await child?.stop('SIGKILL');
  await place.remove();
});

const settings = () => ({
  DATA_DIR: place.dataDir,
  DATABASE_URL: place.databaseUrl,
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  THROTTLE_LOGIN_PER_MINUTE: '0',
  BACKUP_CRON: YEARLY,
  VERIFY_CRON: YEARLY,
  BACKUP_FULL_CRON: YEARLY,
  BACKUP_KEEP_GENERATIONS: '1',
});

/** What no compression makes smaller, so that a copy takes its time. */
const large = (bytes: number) => JSON.stringify({ picture: randomBytes(bytes).toString('base64') });

async function start(): Promise<ApiClient> {
  // As if the time of the dead run's lease had passed.
  if (child) await rawSql(place, 'UPDATE jobs SET expires_at = 0');
  child = await startChild(settings());
  return new ApiClient(child.url).signIn(ADMIN.email, ADMIN.password);
}

async function afterRun(client: ApiClient, kind: 'incremental' | 'full'): Promise<number> {
  const begun = performance.now();
  const run = await requestCopy(client, kind);
  expect(run.error).toBeNull();
  return performance.now() - begun;
}

/** Changes two graphs, asks for a copy, and kills the service a moment later. */
async function killedDuring(
  client: ApiClient,
  ids: readonly string[],
  kind: 'incremental' | 'full',
  afterMs: number,
): Promise<void> {
  for (const id of ids)
    expect((await client.put(`${GRAPHS}/${id}`, `{"config":${large(60_000)}}`)).status).toBe(200);
  const asked = client.post('/api/v1/backups/runs', { kind }).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await child!.stop('SIGKILL');
  await asked;
}

describe.each(['incremental', 'full'] as const)('killed in the middle of a copy, %s', (kind) => {
  it('the service finds in the vault whatever it has called stored, and goes on', async () => {
    let client = await start();
    const ids: string[] = [];
    for (let graph = 0; graph < 4; graph += 1) ids.push((await aGraphOf(client, large(400_000))).id);
    await afterRun(client, 'full');
    const takesMs = await afterRun(client, kind);
    // A full copy is verified, and the generation before it expires, after it has been called stored.
    const lastsMs = kind === 'full' ? 3 * takesMs : 1.5 * takesMs;
    for (let kill = 0; kill < KILLS; kill += 1) {
      await killedDuring(client, ids.slice(0, 2), kind, within(kill, lastsMs));
      const back = await recoverable(place);
      expect(missingIn(back!, await calledStored(place))).toEqual([]);
      client = await start();
    }
    await afterRun(client, 'incremental');
    await child!.stop('SIGTERM');
    expect(missingIn((await recoverable(place))!, await present(place))).toEqual([]);
    const seen = await runCli('vault', ['verify'], place);
    expect(seen).toMatchObject({ code: 0, output: expect.stringContaining(' 0 faults') });
  }, 240_000);
});

/** Runs a rebuild and kills (or stops) it after a time; the exit code, or null when it was killed. */
function rebuildFor(
  target: TestPlace,
  afterMs: number,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<number | null> {
  const env = { PATH: process.env['PATH'], DATA_DIR: place.dataDir };
  const args = [...QUICK_LOAD, TOOL, 'rebuild', '--to', target.databaseUrl];
  const tool = spawn(process.execPath, args, { env, cwd: place.dataDir, stdio: 'ignore' });
  const timer = setTimeout(() => tool.kill(signal), afterMs);
  return new Promise((resolve) =>
    tool.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code);
    }),
  );
}

it('killed in the middle of a rebuild it goes on where it was, and ends with everything', async () => {
  const app = await startApp({}, place);
  const user = await app.aUser();
  for (let graph = 0; graph < 6; graph += 1) {
    const { id } = await aGraphOf(user, large(700_000));
    for (let i = 0; i < 3; i += 1)
      await user.put(`${GRAPHS}/${id}`, `{"title":"${i}","config":${large(300_000)}}`);
    expect(await copyNow(app)).toBe('done');
  }
  const gone = await user.post(GRAPHS, `{"title":"gone","config":${large(10_000)}}`);
  await user.delete(`${GRAPHS}/${gone.json<GraphJson>().id}`);
  await user.post(`${GRAPHS}/${gone.json<GraphJson>().id}/purge`);
  expect(await copyNow(app)).toBe('done');
  expect(await verifyNow(app)).toBe('done');
  await app.stop();
  const expected = await present(place);

  const whole = await newPlace();
  const begun = performance.now();
  expect(await rebuildFor(whole, 60_000)).toBe(0);
  const takesMs = performance.now() - begun;
  // Stopped in good order it says so by its exit code (before it has begun it just ends), and goes on like one that was killed.
  const stopped = await newPlace();
  let code = await rebuildFor(stopped, takesMs * 0.6, 'SIGINT');
  expect([0, 1, null]).toContain(code);
  code = await rebuildFor(stopped, 60_000);
  expect([0, 2]).toContain(code);
  expect(await present(stopped)).toEqual(expected);
  await stopped.remove();

  let kills = 0;
  let attempts = 0;
  while (kills < KILLS) {
    const target = await newPlace();
    let code: number | null = null;
    for (; code === null && kills < KILLS; attempts += 1) {
      // The first part of the time is the program's own start.
      code = await rebuildFor(target, takesMs * 0.4 + within(attempts, takesMs * 0.7));
      kills += code === null ? 1 : 0;
    }
    code ??= await rebuildFor(target, 60_000);
    // 2: it was killed when all had been done, and says so.
    expect([0, 2]).toContain(code);
    expect(await present(target)).toEqual(expected);
    expect(await runCli('check', [], { ...target, dataDir: place.dataDir })).toMatchObject({ code: 0 });
    await target.remove();
  }
  await whole.remove();
  expect(existsSync(join(place.dataDir, 'vault'))).toBe(true);
}, 300_000);
