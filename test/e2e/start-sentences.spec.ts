import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { spawnCli } from '../support/cli';
import { databaseKind, newPlace, type TestPlace } from '../support/database';

const MAIN = join(__dirname, '..', '..', 'dist', 'main.js');
const onSqlite = databaseKind === 'sqlite' ? it : it.skip;
const asUser = process.getuid?.() === 0 ? it.skip : it;

let place: TestPlace;
beforeEach(async () => {
  place = await newPlace();
});
afterEach(() => place.remove());

/** What a start that fails says on standard error, and its exit code. */
function start(environment: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const env = { PATH: process.env['PATH'] ?? '', DATA_DIR: place.dataDir, PORT: '0', LOG_LEVEL: 'silent' };
  const child = spawn(process.execPath, [MAIN], {
    cwd: place.dataDir,
    env: { ...env, DATABASE_URL: place.databaseUrl, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said })));
}

async function expectSentence(environment: Record<string, string>, sentence: RegExp): Promise<void> {
  const { code, said } = await start(environment);
  expect({ code, said }).toMatchObject({ code: 1, said: expect.stringMatching(sentence) as string });
  expect(said).not.toMatch(/^\s+at /m);
}

it('names an address that is not one of this machine, or is taken', async () => {
  await expectSentence({ HOST: '203.0.113.7' }, /HOST=203\.0\.113\.7 is not an address of this machine/);
  await expectSentence({ HOST: 'no-such-host.invalid' }, /HOST=no-such-host\.invalid is not an address/);
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  await expectSentence({ PORT: String(port) }, /already in use/);
  taken.close();
});

it('names a key file that holds something else, and leaves it alone', async () => {
  mkdirSync(join(place.dataDir, 'keys'));
  writeFileSync(join(place.dataDir, 'keys', 'encryption.key'), 'not a key');
  await expectSentence({ ALLOW_EMPTY_DATABASE: 'true' }, /encryption\.key does not hold 32 bytes/);
});

it('says that PostgreSQL is not there, or does not have the database', async () => {
  const nowhere = { DATABASE_URL: 'postgres://someone:secret-word@127.0.0.1:1/nothing' };
  await expectSentence(nowhere, /cannot be reached/);
  expect((await start(nowhere)).said).not.toContain('secret-word');
  const tool = await spawnCli('check', [], place, nowhere);
  expect(tool).toMatchObject({ code: 2, output: expect.stringContaining('cannot be reached') as string });
  if (databaseKind === 'postgres') {
    const url = new URL(place.databaseUrl);
    url.pathname = '/test_that_is_not_there';
    await expectSentence({ DATABASE_URL: url.toString() }, /does not exist on the server/);
  }
});

onSqlite('says what is wrong with the place of a database file', async () => {
  writeFileSync(join(place.dataDir, 'a-file'), '');
  const below = `sqlite:///${join(place.dataDir, 'a-file', 'workflow.db')}`;
  await expectSentence({ DATABASE_URL: below }, /cannot be used|cannot be opened/);
  const garbage = join(place.dataDir, 'garbage.db');
  writeFileSync(garbage, 'no database at all, but long enough to look like one'.repeat(100));
  await expectSentence({ DATABASE_URL: `sqlite:///${garbage}` }, /another program/);
});

onSqlite('ends where no folder can ever be created, and where a folder has the name of a file', async () => {
  if (existsSync('/proc/self'))
    await expectSentence(
      { DATA_DIR: '/proc/graphomat-backup/data', DATABASE_URL: '' },
      /\(ENOENT, \/proc\/gr/,
    );
  mkdirSync(join(place.dataDir, 'keys', 'secret.key'), { recursive: true });
  await expectSentence({}, /secret\.key is a folder, so it cannot be a key/);
});

asUser('says that a folder cannot be written', async () => {
  const folder = join(place.dataDir, 'closed');
  mkdirSync(folder);
  chmodSync(folder, 0o500);
  await expectSentence({ DATA_DIR: folder, DATABASE_URL: '' }, /cannot be (used|opened)|read-only/);
  chmodSync(folder, 0o700);
});
