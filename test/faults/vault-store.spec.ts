import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { runCli } from '../support/cli';
import { migratedPlace, newPlace, type TestPlace } from '../support/database';
import { aGraphOf, GRAPHS, type GraphJson } from '../support/graphs';
import { itOnSqlite } from '../support/on-sqlite';
import { missingIn, present, recoverable } from '../support/recovered';
import { startS3, type S3Server } from '../support/s3-server';
import { copyNow, runsOf, verifyNow } from '../support/vault';

let place: TestPlace;
let app: TestApp;
let user: ApiClient;

beforeEach(async () => {
  place = await migratedPlace();
});
afterEach(() => app.close());

const start = async (environment: Record<string, string> = {}) => {
  app = await startApp(environment, place);
  // The folder and the database go with the app.
  app.close = async () => {
    await app.stop();
    await place.remove();
  };
  user = await app.aUser();
};

const large = (bytes: number) => JSON.stringify({ picture: randomBytes(bytes).toString('base64') });
const statusOf = async (id: string) => (await user.get(`${GRAPHS}/${id}`)).json<GraphJson>().backup_status;
const lastRun = async () => (await runsOf(await app.admin()))[0]!;

/** A small file system of its own for the vault; false where this user may not mount one. */
function mounted(folder: string, options: string): boolean {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const remount = (folder: string, options: string) =>
  execFileSync('mount', ['-o', `remount,${options}`, folder], { stdio: 'ignore' });

const canMount = (() => {
  const folder = join(process.env['TMPDIR'] ?? '/tmp', `graphomat-mount-${process.pid}`);
  const can = mounted(folder, 'size=64k');
  if (can) execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
  return can;
})();

const describeMounted = canMount ? describe : describe.skip;

describeMounted('a vault on a small disk (skipped where this user may not mount a tmpfs)', () => {
  const vault = () => join(place.dataDir, 'vault');

  beforeEach(async () => {
    // Copies stop while 32 MiB are left.
    expect(mounted(vault(), 'size=34m')).toBe(true);
    await start();
  });
  afterEach(() => execFileSync('umount', ['-l', vault()]));

  it('that is full is said to be full; users go on, nothing half is left, and it catches up', async () => {
    const { id } = await aGraphOf(user, large(200_000));
    expect(await copyNow(app)).toBe('done');
    const filler = await aGraphOf(user, large(8_000_000));
    expect(await copyNow(app)).toBe('failed');
    expect(await lastRun()).toMatchObject({ status: 'failed', error: expect.stringContaining('is full') });
    expect(await statusOf(filler.id)).toBe('pending');
    expect(readdirSync(join(vault(), '.unfinished'))).toEqual([]);
    expect((await user.put(`${GRAPHS}/${id}`, { title: 'while it is full' })).status).toBe(200);
    expect((await app.anonymous.get('/health')).status).toBe(200);
    remount(vault(), 'size=80m');
    expect(await copyNow(app)).toBe('done');
    expect(missingIn((await recoverable(place))!, await present(place))).toEqual([]);
  });

  itOnSqlite('that can only be read is said so; users go on, and it catches up', async () => {
    const { id } = await aGraphOf(user, large(1_000));
    expect(await copyNow(app)).toBe('done');
    remount(vault(), 'ro');
    expect((await user.put(`${GRAPHS}/${id}`, { title: 'while it is read-only' })).status).toBe(200);
    expect(await copyNow(app)).toBe('failed');
    expect(await lastRun()).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('Check its permissions'),
    });
    remount(vault(), 'rw');
    expect(await copyNow(app)).toBe('done');
    expect(missingIn((await recoverable(place))!, await present(place))).toEqual([]);
  });
});

describe('a vault on an S3 server', () => {
  let s3: S3Server;
  beforeEach(async () => {
    s3 = await startS3();
    await start({ BACKUP_STORE_URL: s3.url('vault') });
  });
  afterEach(() => s3.close());

  const credentials = () => ({
    AWS_ACCESS_KEY_ID: process.env['AWS_ACCESS_KEY_ID']!,
    AWS_SECRET_ACCESS_KEY: process.env['AWS_SECRET_ACCESS_KEY']!,
  });

  itOnSqlite('takes copies, is verified, and brings everything back', async () => {
    const { id } = await aGraphOf(user, large(9_000_000));
    expect(await copyNow(app)).toBe('done');
    await user.put(`${GRAPHS}/${id}`, { config: { small: 1 } });
    expect(await copyNow(app)).toBe('done');
    expect(await verifyNow(app)).toBe('done');
    expect(await statusOf(id)).toBe('verified');
    expect(s3.uploads.size).toBe(0);
    const expected = await present(place);
    await app.stop();
    const target = await newPlace();
    const rebuilt = await runCli(
      'vault',
      ['rebuild', '--from', s3.url('vault'), '--to', target.databaseUrl],
      { ...target, dataDir: place.dataDir },
      credentials(),
    );
    expect(rebuilt).toMatchObject({ code: 0, output: expect.stringContaining('1 graphs, 2 versions') });
    expect(await present(target)).toEqual(expected);
    await target.remove();
  });

  it('that is slow keeps no user waiting, and loses nothing', async () => {
    const { id } = await aGraphOf(user, large(100_000));
    expect(await copyNow(app)).toBe('done');
    s3.delayMs = 300;
    await user.put(`${GRAPHS}/${id}`, { config: { first: true } });
    const copy = copyNow(app);
    let ended = false;
    void copy.then(() => (ended = true));
    let answered = 0;
    while (!ended && answered < 20) {
      expect((await user.put(`${GRAPHS}/${id}`, { config: { answered } })).status).toBe(200);
      answered += 1;
    }
    // Each copy asks the store several times, and twenty changes were answered meanwhile.
    expect({ ended, answered }).toEqual({ ended: false, answered: 20 });
    expect(await copy).toBe('done');
    s3.delayMs = 0;
    await user.put(`${GRAPHS}/${id}`, { config: { last: true } });
    expect(await statusOf(id)).toBe('pending');
    expect(await copyNow(app)).toBe('done');
    expect(await statusOf(id)).toBe('stored');
  });

  itOnSqlite('that refuses the credentials is said so; nothing is lost, and it catches up', async () => {
    const { id } = await aGraphOf(user, large(1_000));
    s3.fault = { status: 403, code: 'SignatureDoesNotMatch' };
    expect(await copyNow(app)).toBe('failed');
    expect(await lastRun()).toMatchObject({
      error: expect.stringContaining('refuses the credentials'),
    });
    expect((await user.put(`${GRAPHS}/${id}`, { title: 'meanwhile' })).status).toBe(200);
    s3.fault = undefined;
    expect(await copyNow(app)).toBe('done');
    expect(await verifyNow(app)).toBe('done');
    expect(await statusOf(id)).toBe('verified');
  });
});
