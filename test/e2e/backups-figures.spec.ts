import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app';
import { degradedParts } from '../support/health';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph } from '../support/graphs';
import { expectProblem } from '../support/problem';
import { flipBit } from '../support/raw-database';
import { DAY_MS } from '../support/retention';
import { startS3 } from '../support/s3-server';
import { TestClock } from '../support/test-clock';
import { copyNow, runsOf, verifyNow } from '../support/vault';

const BACKUPS = '/api/v1/monitoring/backups';

interface Part {
  status: string;
  degraded?: boolean;
  reason?: string;
  [fact: string]: unknown;
}

/** The weekly full copy falls on a day that no test here reaches: it would be verified at once. */
const FULL_LATER = `0 0 * * ${new Date(new TestClock().now() + 5 * DAY_MS).getUTCDay()}`;

let app: TestApp;
let user: ApiClient;
beforeEach(async () => {
  app = await startApp({ BACKUP_FULL_CRON: FULL_LATER });
  user = await app.aUser();
});
afterEach(() => app.close());

const vault = () => join(app.place.dataDir, 'vault');
const backups = async () => (await (await app.admin()).get(BACKUPS)).json<Record<string, unknown>>();
const healthOf = async (on: TestApp = app) =>
  (await on.anonymous.get('/health')).json<{ status: string; details: Record<string, Part> }>();
const time = (): unknown => expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

function removeVault(): void {
  renameSync(vault(), `${vault()}-away`);
  writeFileSync(vault(), 'no folder');
}

function bringVaultBack(): void {
  rmSync(vault());
  renameSync(`${vault()}-away`, vault());
}

describe('GET /monitoring/backups', () => {
  it('says how far the copies are, before the first one and after it', async () => {
    await aGraph(user);
    app.clock.advance(90_000);
    const before = await backups();
    expect(before).toMatchObject({
      pending_versions: 1,
      pending_since: time(),
      last_success_at: null,
      recovery_point_at: null,
      recovery_seconds: null,
      failed_runs_24h: 0,
      last_failure: null,
      last_verification: null,
      vault: { objects: 0, bytes: 0, generations: 0 },
    });
    expect(before['lag_seconds']).toBeGreaterThanOrEqual(90);
    expect(await copyNow(app)).toBe('done');
    const [run] = await runsOf(await app.admin());
    expect(await backups()).toMatchObject({
      pending_versions: 0,
      last_success_at: time(),
      last_stored_at: time(),
      last_full_at: time(),
      damaged: false,
      recovery_point_at: time(),
      verified_recovery_point_at: time(),
      recovery_seconds: expect.any(Number),
      last_verification: { status: 'verified', versions: 1, graphs: 1, error: null, finished_at: time() },
      vault: { objects: 1, bytes: run!.bytes, generations: 1 },
    });
  });

  it('tells a newer recovery point from one that was read back', async () => {
    await aGraph(user);
    await copyNow(app);
    const first = await backups();
    app.clock.advance(60_000);
    await aGraph(user);
    await copyNow(app);
    const second = await backups();
    expect(second['verified_recovery_point_at']).toBe(first['verified_recovery_point_at']);
    expect(String(second['recovery_point_at']) > String(first['recovery_point_at'])).toBe(true);
    await verifyNow(app);
    const third = await backups();
    expect(third['verified_recovery_point_at']).toBe(second['recovery_point_at']);
  });

  it('counts the runs of a day that failed, and says why the last one did', async () => {
    await aGraph(user);
    await copyNow(app);
    removeVault();
    await aGraph(user);
    expect(await copyNow(app)).toBe('failed');
    expect(await backups()).toMatchObject({
      failed_runs_24h: 1,
      pending_versions: 1,
      last_failure: { at: time(), error: expect.stringContaining('backup store') },
    });
    bringVaultBack();
    app.clock.advance(2 * DAY_MS);
    expect(await copyNow(app)).toBe('done');
    expect(await backups()).toMatchObject({
      failed_runs_24h: 0,
      pending_versions: 0,
      last_failure: { at: time() },
    });
  });

  it('says that copies are damaged until they are replaced', async () => {
    await aGraph(user);
    await copyNow(app);
    const [run] = await runsOf(await app.admin());
    const object = join(vault(), run!.object!);
    writeFileSync(object, flipBit(readFileSync(object), 700));
    expect(await verifyNow(app)).toBe('failed');
    expect(await backups()).toMatchObject({ damaged: true, last_verification: { status: 'corrupt' } });
    expect((await healthOf()).details).toMatchObject({
      backups: { degraded: true, reason: expect.stringContaining('damaged') },
      verification: { degraded: true, reason: expect.stringContaining('damaged') },
    });
    await copyNow(app);
    expect(await backups()).toMatchObject({ damaged: false, last_verification: { status: 'verified' } });
    expect(await degradedParts(app)).toEqual([]);
  });

  it('is for operators only', async () => {
    expectProblem(await user.get(BACKUPS), 403);
    expectProblem(await app.anonymous.get(BACKUPS), 401);
  });
});

describe('/health of the vault', () => {
  it('says in words, and to everybody without paths, that the vault takes no writes; users are served', async () => {
    await aGraph(user);
    await copyNow(app);
    expect((await healthOf()).details['vault']).toEqual({ status: 'up' });
    removeVault();
    app.clock.advance(31_000);
    const answer = await app.anonymous.get('/health');
    expect(answer.status).toBe(200);
    const { status, details } = answer.json<{ status: string; details: Record<string, Part> }>();
    expect(status).toBe('degraded');
    expect(details['vault']).toMatchObject({
      status: 'up',
      degraded: true,
      reason: expect.stringContaining('backup store'),
    });
    expect(answer.text).not.toContain(app.place.dataDir);
    expect((await app.anonymous.get('/health/ready')).status).toBe(200);
    expect((await user.post(GRAPHS, { title: 'g' })).status).toBe(201);
    bringVaultBack();
    app.clock.advance(31_000);
    expect(await degradedParts(app)).toEqual([]);
    expect(await copyNow(app)).toBe('done');
  });

  it('does not write for each request', async () => {
    await healthOf();
    blockVault();
    app.clock.advance(20_000);
    expect((await healthOf()).details['vault']).toEqual({ status: 'up' });
  });

  it('has a time limit: it reports a store that hangs, and everything else as well', async () => {
    const s3 = await startS3();
    const far = await startApp({ BACKUP_STORE_URL: s3.url('vault') });
    try {
      s3.delayMs = 7_000;
      const { details } = await healthOf(far);
      expect(details['vault']).toMatchObject({
        degraded: true,
        reason: expect.stringMatching(/ms|does not answer/),
      });
      expect(details['database']).toEqual({ status: 'up' });
    } finally {
      s3.delayMs = 0;
      await far.close();
      await s3.close();
    }
  });

  it('is degraded, and then down, when no copy succeeds, with the lag in seconds', async () => {
    await aGraph(user);
    await copyNow(app);
    await aGraph(user);
    app.clock.advance(11 * 60_000);
    const late = await healthOf();
    expect(late.details['backups']).toMatchObject({
      degraded: true,
      reason: expect.stringContaining('minutes'),
      pending_versions: 1,
    });
    expect(late.details['backups']!['lag_seconds']).toBeGreaterThanOrEqual(660);
    app.clock.advance(DAY_MS);
    expect((await healthOf()).details['backups']).toMatchObject({ status: 'down' });
  });

  it('is degraded when copies were not verified for three days, or could not be', async () => {
    await aGraph(user);
    await copyNow(app);
    expect((await healthOf()).details['verification']).toMatchObject({ status: 'up', last_verified: time() });
    app.clock.advance(3 * DAY_MS + 60_000);
    await copyNow(app);
    expect((await healthOf()).details['verification']).toMatchObject({
      degraded: true,
      reason: expect.stringContaining('three days'),
    });
    expect(await verifyNow(app)).toBe('done');
    expect((await healthOf()).details['verification']!.degraded).toBeUndefined();
    removeVault();
    expect(await verifyNow(app)).toBe('failed');
    expect((await healthOf()).details['verification']).toMatchObject({
      degraded: true,
      reason: expect.stringContaining('failed'),
    });
  });
});

/** Takes away what a first look has made. */
function blockVault(): void {
  rmSync(vault(), { recursive: true, force: true });
  writeFileSync(vault(), 'no folder');
}
