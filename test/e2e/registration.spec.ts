import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppConfig } from '../../src/platform/config/app-config';
import { startApp, type TestApp } from '../support/app';
import { runCli, spawnCli } from '../support/cli';
import { databaseKind } from '../support/database';
import { expectProblem } from '../support/problem';
import { rawSql } from '../support/raw-database';

const REGISTER = '/api/v1/auth/register';
/** As a newcomer starts it: what startApp sets for other tests is not set. */
const DEFAULTS = { REGISTRATION: '', ADMIN_EMAIL: '', ADMIN_PASSWORD: '' };
const onSqlite = databaseKind === 'sqlite' ? it : it.skip;
const body = (name: string) => ({ email: `${name}@registration.example`, password: 'a password of tests' });

let app: TestApp;
afterEach(() => app.close());

const accounts = async () => Number((await rawSql(app.place, 'SELECT COUNT(*) AS n FROM users'))[0]!['n']);

it('closes by itself after the first account, before a password is hashed', async () => {
  app = await startApp(DEFAULTS);
  expect((await app.anonymous.post(REGISTER, body('first'))).status).toBe(201);
  const { detail } = expectProblem(
    await app.anonymous.post(REGISTER, body('second')),
    403,
    'registration-closed',
  );
  expect(detail).toMatch(/after the first account.*REGISTRATION=open/);
  expect(await accounts()).toBe(1);
});

it('lets exactly one of several first accounts win, also with two instances on one database', async () => {
  app = await startApp(DEFAULTS);
  const other = databaseKind === 'postgres' ? await startApp(DEFAULTS, app.place) : undefined;
  try {
    const instances = other ? [app, other] : [app];
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        instances[i % instances.length]!.anonymous.post(REGISTER, body(`racer${i}`)),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(7).fill(403)]);
    expect(await accounts()).toBe(1);
  } finally {
    await other?.stop();
  }
});

it('is closed when the administrator of the settings is the first account', async () => {
  app = await startApp({ REGISTRATION: '' });
  expectProblem(await app.anonymous.post(REGISTER, body('late')), 403, 'registration-closed');
});

it('is open to everybody only where the operator says so', async () => {
  app = await startApp({ REGISTRATION: 'open' });
  for (const name of ['one', 'two'])
    expect((await app.anonymous.post(REGISTER, body(name))).status).toBe(201);
});

it('is not needed for accounts that the operator adds on the machine', async () => {
  app = await startApp({ ...DEFAULTS, REGISTRATION: 'closed' });
  const added = await spawnCli('users', ['add', 'Ops@registration.example', '--role', 'operator'], app.place);
  expect(added).toMatchObject({ code: 0, output: expect.stringContaining('Created the account') as string });
  const token = /token=(\S+)/.exec(added.output)![1]!;
  const new_password = 'a better horse battery';
  const confirmed = await app.anonymous.post('/api/v1/auth/password-reset/confirm', { token, new_password });
  expect(confirmed.status).toBe(204);
  const user = await app.anonymous.signIn('ops@registration.example', new_password);
  expect((await user.get('/api/v1/auth/me')).json()).toMatchObject({ role: 'operator' });
  for (const args of [
    ['ops@registration.example'],
    ['no address'],
    ['a@registration.example', '--role', 'x'],
  ])
    expect((await runCli('users', ['add', ...args], app.place)).code).toBe(2);
  expect(await accounts()).toBe(1);
});

it('and requests are throttled by default, and the quota is stated', () => {
  const config = AppConfig.from({});
  const names = [
    'REGISTRATION',
    'THROTTLE_PER_MINUTE',
    'THROTTLE_LOGIN_PER_MINUTE',
    'USER_QUOTA_BYTES',
  ] as const;
  expect(names.map((name) => config.get(name))).toEqual(['first', 6_000, 10, 0]);
});

onSqlite(
  'creates the database and everything next to it for its owner only, whatever the umask is',
  async () => {
    const umask = process.umask(0o000);
    try {
      app = await startApp(DEFAULTS);
      await app.anonymous.post(REGISTER, body('first'));
      const files = ['workflow.db', 'workflow.db-wal', 'workflow.db-shm', 'workflow.db.lock'];
      const modes = files.map((file) => statSync(join(app.place.dataDir, file)).mode & 0o777);
      expect(modes).toEqual([0o600, 0o600, 0o600, 0o600]);
      expect(existsSync(join(app.place.dataDir, 'keys', 'encryption.key'))).toBe(true);
    } finally {
      process.umask(umask);
    }
  },
);
