import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../support/app';
import { startChild, type ChildService } from '../support/child';
import { ApiClient } from '../support/client';
import { migratedPlace, type TestPlace } from '../support/database';
import { GRAPHS, aGraphOf } from '../support/graphs';
import { KILLABLE, killPoint } from '../support/killed';
import { WriteLoad } from '../support/load';
import { rawSql } from '../support/raw-database';

const ROOT = join(__dirname, '..', '..');
const ADMIN = { email: 'upgrade@test.example', password: 'an operator of upgrades' };

let place: TestPlace;
let program: string;
let settings: Record<string, string>;
let service: ChildService;
beforeEach(async () => {
  place = await migratedPlace();
  program = mkdtempSync(join(tmpdir(), 'graphomat-test-program-'));
  for (const name of ['dist', 'package.json'])
    cpSync(join(ROOT, name), join(program, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(program, 'node_modules'));
  settings = {
    DATA_DIR: place.dataDir,
    DATABASE_URL: place.databaseUrl,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    THROTTLE_LOGIN_PER_MINUTE: '0',
  };
  service = await startChild(settings, [], join(program, 'dist', 'main.js'));
});
afterEach(async () => {
  await service.stop('SIGKILL');
  rmSync(program, { recursive: true, force: true });
  await place.remove();
});

const text = (bytes: number, value = 'x') => JSON.stringify({ nodes: [], text: value.repeat(bytes) });

/** What users ask for; the status of each answer. */
async function everyKind(user: ApiClient): Promise<Record<string, number>> {
  const { id } = await aGraphOf(user, text(100));
  const statuses: Record<string, number> = {};
  const ask = async (name: string, answer: Promise<{ status: number }>) =>
    void (statuses[name] = (await answer).status);
  await ask('small change', user.put(`${GRAPHS}/${id}`, `{"config":${text(200)}}`));
  await ask('large change', user.put(`${GRAPHS}/${id}`, `{"config":${text(400_000, 'y')}}`));
  await ask('very large change', user.put(`${GRAPHS}/${id}`, `{"config":${text(3_000_000, 'z')}}`));
  await ask('read', user.get(`${GRAPHS}/${id}`));
  await ask('old version', user.get(`${GRAPHS}/${id}/versions/1`));
  await ask('difference', user.get(`${GRAPHS}/${id}/diff?from=1&to=2`));
  await ask('picture', user.get(`${GRAPHS}/${id}/picture.svg`));
  await ask('list', user.get(GRAPHS));
  await ask('sign in', user.post('/api/v1/auth/login', ADMIN));
  await ask('copy', user.post('/api/v1/backups/runs', { kind: 'incremental' }));
  await ask('ready', user.get('/health/ready'));
  await ask('metrics', user.get('/metrics'));
  return statuses;
}

const faulty = (statuses: Record<string, number>) =>
  Object.entries(statuses).filter(([, status]) => status >= 500 && status !== 503);

it('goes on while its program is replaced under it: what needs a file that is gone is a 503, never a 500', async () => {
  const user = await new ApiClient(service.url).signIn(ADMIN.email, ADMIN.password);
  const before = await aGraphOf(user, text(50));
  const away = join(program, 'away');
  mkdirSync(away);
  renameSync(join(program, 'dist'), join(away, 'dist'));
  rmSync(join(program, 'node_modules'));
  for (let round = 0; round < 2; round += 1) {
    const statuses = await everyKind(user);
    expect(faulty(statuses)).toEqual([]);
    expect(statuses).toMatchObject({ 'small change': 200, read: 200, list: 200, 'sign in': 200, ready: 200 });
  }
  expect(service.process.exitCode).toBeNull();
  expect((await user.get(`${GRAPHS}/${before.id}`)).configBytes.toString()).toBe(text(50));

  // The new build is there: workers start again, and a stop is in order.
  renameSync(join(away, 'dist'), join(program, 'dist'));
  symlinkSync(join(ROOT, 'node_modules'), join(program, 'node_modules'));
  const after = await everyKind(user);
  expect(Object.values(after).every((status) => status < 500)).toBe(true);
  expect(await service.stop()).toBe(0);
});

/** What the next release adds to database-schema.js: five statements, the last of which needs all others. */
const MIGRATION = `
  class NextRelease1999000000000 {
    name = 'NextRelease1999000000000';
    async up(runner) {
      await runner.query('CREATE TABLE "next_release" ("user_key" bigint, "title" text)');
      await runner.query('ALTER TABLE "graphs" ADD COLUMN "next_release" text');
      await runner.query("UPDATE graphs SET next_release = title");
      await runner.query('INSERT INTO next_release (user_key, title) SELECT user_key, next_release FROM graphs');
      await runner.query('DELETE FROM next_release WHERE title IS NULL');
    }
    async down() {}
  }
  databaseSchema.migrations.push(NextRelease1999000000000);
`;
/** What a build's index of its bundle says of single files; see src/load-bundle.ts. */
interface BundleIndex {
  files: string[];
  sizes: Record<string, number>;
  folders: Record<string, Record<string, number>>;
}

/** Takes a module out of a build's bundle, so that its file may differ: a build without a bundle takes twice the time. */
function unbundle(dist: string, file: string): void {
  const name = join(dist, 'bundle.json');
  const index = JSON.parse(readFileSync(name, 'utf8')) as BundleIndex;
  const id = index.files.indexOf(file);
  Reflect.deleteProperty(index.sizes, file);
  for (const modules of Object.values(index.folders))
    for (const [request, module] of Object.entries(modules))
      if (module === id) Reflect.deleteProperty(modules, request);
  writeFileSync(name, JSON.stringify(index));
}

/** Before the first statement, in the middle, before the row in `migrations`, before COMMIT. */
const KILLED_BEFORE = [1, 3, 6, 7];

it('upgraded in place and killed under load and in its migration, keeps every answered write', async () => {
  const load = new WriteLoad();
  // The new build comes in place of the old one while that one runs.
  const upgrade = join(program, 'upgrade');
  cpSync(join(ROOT, 'dist'), upgrade, { recursive: true });
  appendFileSync(join(upgrade, 'database-schema.js'), MIGRATION);
  unbundle(upgrade, 'database-schema.js');
  let upgraded = false;
  await load.run(service.url, 4, (answers) => {
    if (answers === 20) {
      rmSync(join(program, 'dist'), { recursive: true });
      renameSync(upgrade, join(program, 'dist'));
      upgraded = true;
    }
    if (answers === 60) service.process.kill('SIGKILL');
  });
  expect(upgraded).toBe(true);
  expect(load.refusals.filter((refusal) => 'status' in refusal)).toEqual([]);

  const main = join(program, 'dist', 'main.js');
  for (const statement of KILLED_BEFORE) {
    const killed = killPoint({ at: statement, from: 'next_release' });
    const start = startChild({ ...settings, ...killed }, KILLABLE, main);
    await expect(start).rejects.toThrow('ended with code null');
    expect(await rawSql(place, `SELECT name FROM migrations WHERE name LIKE 'NextRelease%'`)).toEqual([]);
  }
  // The operator can still go back to the old build.
  const old = await startApp({}, place);
  expect((await load.verify(old.url)).versions).toBeGreaterThanOrEqual(load.answeredVersions);
  await old.stop();

  service = await startChild(settings, [], main);
  await service.stop('SIGKILL');
  service = await startChild(settings, [], main);
  const { versions } = await load.verify(service.url);
  expect(versions).toBeGreaterThanOrEqual(load.answeredVersions);
  expect(await rawSql(place, 'SELECT title FROM next_release ORDER BY title')).toEqual(
    await rawSql(place, 'SELECT title FROM graphs ORDER BY title'),
  );
  expect(await service.stop()).toBe(0);
});
