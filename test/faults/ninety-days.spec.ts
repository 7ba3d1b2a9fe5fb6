import { join } from 'node:path';
import { startChild } from '../support/child';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from '../support/app';
import { spawnCli } from '../support/cli';
import type { ApiClient } from '../support/client';
import { migratedPlace, newPlace, type TestPlace } from '../support/database';
import { GRAPHS, aGraphOf, versionsOf, type GraphJson } from '../support/graphs';
import { WriteLoad } from '../support/load';
import { rawSql } from '../support/raw-database';
import { DAY_MS, HOUR_MS, LAST_TWO, type RunJson } from '../support/retention';
import { TestClock } from '../support/test-clock';

/** Days before the child process, whose clock is the real one; then some more. */
const DAYS_BEFORE = 86;
const DAYS_AFTER = 4;
const ABSENCE_MS = 40 * HOUR_MS;
const TRASH_DAYS = 7;
const AUDIT_DAYS = 30;
/** Hours between two looks at the schedules: each of them catches up on what was due since the last one. */
const STEP_HOURS = 12;
const SETTINGS = {
  DELETED_RETENTION_DAYS: String(TRASH_DAYS),
  AUDIT_RETENTION_DAYS: String(AUDIT_DAYS),
};

const clock = new TestClock();
let app: TestApp;
let place: TestPlace;
/** Databases that were lost, to be removed at the end. */
const lost: TestPlace[] = [];
let credentials: { email: string; password: string };
let graph: GraphJson;
let deleted = 0;

const SHIFTED_CLOCK = join(__dirname, '..', 'support', 'shifted-clock.cjs');
/** A tool of the operator, at the simulated time. */
const tool = (name: string, args: string[]) =>
  spawnCli(name, args, place, {
    NODE_OPTIONS: `--require ${SHIFTED_CLOCK}`,
    CLOCK_SHIFT_MS: String(clock.now() - new TestClock().now()),
  });
const signedIn = (): Promise<ApiClient> => app.anonymous.signIn(credentials.email, credentials.password);

beforeAll(async () => {
  clock.set(-DAYS_BEFORE * DAY_MS);
  place = await migratedPlace();
  app = await startApp(SETTINGS, place, clock);
  const user = await app.aUser();
  credentials = user.credentials!;
  expect((await user.put('/api/v1/backup-policy', LAST_TWO)).status).toBe(200);
  graph = await aGraphOf(user, '{"day":0}');
});

afterAll(async () => {
  await app.close();
  for (const one of lost) await one.remove();
});

/** One day: the user changes a graph, sometimes deletes another one, and the service does what is due. */
async function aDay(day: number): Promise<void> {
  const user = await signedIn();
  const changed = await user.send('PUT', `${GRAPHS}/${graph.id}`, { config: { day } });
  expect(changed.status).toBe(200);
  if (day % 10 === 1) {
    const other = await aGraphOf(user, `{"short":${day}}`);
    expect((await user.delete(`${GRAPHS}/${other.id}`)).status).toBe(200);
    deleted += 1;
  }
  for (let hours = 0; hours < 24; hours += STEP_HOURS) {
    clock.advance(STEP_HOURS * HOUR_MS);
    await app.service.app.get(JobRunner).runDueJobs();
  }
}

async function absence(): Promise<void> {
  await app.stop();
  clock.advance(ABSENCE_MS);
  app = await startApp(SETTINGS, place, clock);
}

async function rotateMasterKey(): Promise<void> {
  expect(await tool('keys', ['rotate'])).toMatchObject({ code: 0 });
}

async function loseAndRebuildDatabase(): Promise<void> {
  await app.stop();
  const fresh = await newPlace();
  lost.push({ ...place, dataDir: fresh.dataDir });
  const rebuilt = { ...place, databaseUrl: fresh.databaseUrl };
  const { code, output } = await tool('vault', ['rebuild', '--to', rebuilt.databaseUrl]);
  expect({ code, output }).toMatchObject({ code: 0 });
  place = rebuilt;
  app = await startApp(SETTINGS, place, clock);
}

/** A real process on the same data is killed while clients write; by now the simulated time is the real one. */
async function killUnderLoad(): Promise<void> {
  await app.stop();
  const child = await startChild({
    DATA_DIR: place.dataDir,
    DATABASE_URL: place.databaseUrl,
    THROTTLE_LOGIN_PER_MINUTE: '0',
    ...SETTINGS,
  });
  let killed: Promise<number | null> | undefined;
  await new WriteLoad().run(child.url, 4, (answers) => {
    if (answers >= 20) killed ??= child.stop('SIGKILL');
  });
  expect(await killed).toBeNull();
  app = await startApp(SETTINGS, place, clock);
}

it('does all that is due in 90 days, with no call by a person but the rotation and the rebuild', async () => {
  for (let day = 1; day <= DAYS_BEFORE - 4; day += 1) {
    if (day === 20 || day === 50) await absence();
    if (day === 30) await rotateMasterKey();
    if (day === 60) await loseAndRebuildDatabase();
    await aDay(day);
  }
  await killUnderLoad();
  for (let day = DAYS_BEFORE + 1; day <= DAYS_BEFORE + DAYS_AFTER; day += 1) await aDay(day);

  const now = clock.now();
  const admin = await app.admin();
  const user = await signedIn();
  const last = `{"day":${DAYS_BEFORE + DAYS_AFTER}}`;

  // Kept: the newest state, byte for byte.
  expect((await user.get(`${GRAPHS}/${graph.id}`)).configBytes.toString()).toBe(last);
  // Pruned: the policy keeps two versions, and the last day's are younger than the last run.
  const versions = await versionsOf(user, graph.id);
  expect(versions.length).toBeGreaterThanOrEqual(2);
  expect(versions.length).toBeLessThanOrEqual(3);
  // Purged: graphs whose time in the trash is over.
  expect(deleted).toBeGreaterThan(5);
  const overdue = 'SELECT COUNT(*) AS n FROM graphs WHERE purge_at IS NOT NULL AND purge_at < ?';
  expect(Number((await rawSql(place, overdue, [now]))[0]!['n'])).toBe(0);
  const runs = (await admin.get('/api/v1/retention/runs')).json<RunJson[]>();
  expect(runs[0]).toMatchObject({
    status: 'done',
    stopped_because: null,
    held_policies: [],
    graphs_failed: 0,
  });
  // Sealed, and expired: no event is much older than the limit.
  const oldest = Number((await rawSql(place, 'SELECT MIN(at) AS at FROM journal'))[0]!['at']);
  expect(now - oldest).toBeLessThan((AUDIT_DAYS + 2) * DAY_MS);
  const seals = (await admin.get('/api/v1/audit/verification')).json<{ intact: boolean }>();
  expect(seals.intact).toBe(true);
  // Copied and verified.
  const status = (await user.get('/api/v1/backups/status')).json<{
    last_stored_at: string;
    last_verified_at: string;
  }>();
  expect(now - Date.parse(status.last_stored_at)).toBeLessThan(DAY_MS);
  expect(now - Date.parse(status.last_verified_at)).toBeLessThan(2 * DAY_MS);
  // No job is left failing.
  const failed = await rawSql(
    place,
    `SELECT job_id, error FROM job_runs r WHERE status = 'failed'
     AND fence = (SELECT MAX(fence) FROM job_runs n WHERE n.job_id = r.job_id AND n.status <> 'running')`,
  );
  expect(failed).toEqual([]);
}, 600_000);
