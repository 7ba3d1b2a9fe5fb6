import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createService } from '../../src/app.setup';
import { AppConfig } from '../../src/platform/config/app-config';
import { Log } from '../../src/platform/logging/log';
import { startApp, type TestApp } from '../support/app';
import { runCli, spawnCli } from '../support/cli';
import { graphBody } from '../support/client';
import { newPlace } from '../support/database';
import { itOnSqlite } from '../support/on-sqlite';
import { rawSql } from '../support/raw-database';

let app: TestApp;
afterEach(() => app.close());

const keyFile = (name: string) => join(app.place.dataDir, 'keys', `${name}.key`);

async function startAgain(environment: Record<string, string> = {}): Promise<void> {
  const config = AppConfig.from({
    DATA_DIR: app.place.dataDir,
    DATABASE_URL: app.place.databaseUrl,
    LOG_LEVEL: 'silent',
    ...environment,
  });
  const service = await createService(config, { log: Log.create({ level: 'silent', format: 'json' }) });
  await service.close();
}

it('rewraps all data keys while the service runs, reads and writes continue, and new accounts use the new key', async () => {
  app = await startApp();
  const users = await Promise.all(Array.from({ length: 5 }, () => app.aUser()));
  const graphs = await Promise.all(
    users.map(
      async (user, i) =>
        (await user.post('/api/v1/graphs', graphBody('g', `[${i}]`))).json<{ id: string }>().id,
    ),
  );
  const before = await rawSql(app.place, 'SELECT wrapped FROM user_keys ORDER BY user_key');

  const rotated = await spawnCli('keys', ['rotate'], app.place);
  expect(rotated).toMatchObject({ code: 0 });
  expect(rotated.output).toContain('All keys are wrapped by the new master key');
  const after = await rawSql(app.place, 'SELECT wrapped FROM user_keys ORDER BY user_key');
  expect(after).toHaveLength(before.length);
  for (const [i, row] of after.entries()) expect(row['wrapped']).not.toEqual(before[i]!['wrapped']);

  for (const [i, user] of users.entries())
    expect((await user.get(`/api/v1/graphs/${graphs[i]}`)).configBytes.toString()).toBe(`[${i}]`);
  const late = await app.aUser();
  expect((await late.post('/api/v1/graphs', { title: 'after' })).status).toBe(201);
  const status = await spawnCli('keys', ['status'], app.place);
  expect(status).toMatchObject({ code: 0 });
  expect(status.output).toMatch(/current\s+7 keys {2}available/);
  expect(status.output).toMatch(/retired .*\s0 keys/);
});

it('starts on the new key alone after a rotation, and every graph reads back', async () => {
  app = await startApp();
  const user = await app.aUser();
  const { id } = (await user.post('/api/v1/graphs', graphBody('g', '{"kept":true}'))).json<{ id: string }>();
  await runCli('keys', ['rotate'], app.place);
  for (const name of readdirSync(join(app.place.dataDir, 'keys'))) {
    if (name.startsWith('encryption-retired')) rmSync(join(app.place.dataDir, 'keys', name));
  }
  expect(await runCli('check', [], app.place)).toMatchObject({ code: 0 });
  expect((await user.get(`/api/v1/graphs/${id}`)).configBytes.toString()).toBe('{"kept":true}');
  await app.stop();
  await startAgain();
});

it('goes on with a rotation that was stopped after its new key was made', async () => {
  app = await startApp();
  const user = await app.aUser();
  const { id } = (await user.post('/api/v1/graphs', graphBody('g', '[7]'))).json<{ id: string }>();
  // As a kill between making the key and wrapping leaves it.
  copyFileSync(keyFile('encryption'), keyFile('encryption-previous'));
  writeFileSync(keyFile('encryption'), randomBytes(32).toString('base64'));
  expect(await runCli('keys', ['rotate'], app.place)).toMatchObject({ code: 0 });
  expect(existsSync(keyFile('encryption-previous'))).toBe(false);
  expect((await user.get(`/api/v1/graphs/${id}`)).configBytes.toString()).toBe('[7]');
  expect(await runCli('check', [], app.place)).toMatchObject({ code: 0 });
});

itOnSqlite(
  'changes a key of the environment with ENCRYPTION_KEY_PREVIOUS, and refuses the old key afterwards',
  async () => {
    const old = randomBytes(32).toString('base64');
    const fresh = randomBytes(32).toString('base64');
    app = await startApp({ ENCRYPTION_KEY: old });
    await app.aUser();
    expect(await runCli('keys', ['rotate'], app.place, { ENCRYPTION_KEY: fresh })).toMatchObject({ code: 2 });
    const both = { ENCRYPTION_KEY: fresh, ENCRYPTION_KEY_PREVIOUS: old };
    expect(await runCli('keys', ['rotate'], app.place, both)).toMatchObject({ code: 0 });
    await app.stop();
    await startAgain({ ENCRYPTION_KEY: fresh });
    await expect(startAgain({ ENCRYPTION_KEY: old })).rejects.toThrow(/ENCRYPTION_KEY is not the key/);
  },
);

itOnSqlite(
  'notices a wrong or lost key at start, before anything is written, and says what to do',
  async () => {
    app = await startApp();
    await app.aUser();
    await app.stop();
    const before = await rawSql(app.place, 'SELECT * FROM master_keys');
    writeFileSync(keyFile('encryption'), randomBytes(32).toString('base64'));
    const status = await runCli('keys', ['status'], app.place);
    expect(status).toMatchObject({
      code: 1,
      output: expect.stringMatching(/needed .*NOT available/) as string,
    });
    expect(status.output).toMatch(/The key that is set, [0-9a-f]{16}, wraps nothing here/);
    await expect(startAgain()).rejects.toThrow(/put the file keys\/encryption.key of this installation back/);
    rmSync(keyFile('encryption'));
    await expect(startAgain()).rejects.toThrow(/master key is missing: there is no file .*encryption\.key/);
    writeFileSync(keyFile('encryption'), 'not a key');
    await expect(startAgain()).rejects.toThrow(/does not hold 32 bytes/);
    expect(await rawSql(app.place, 'SELECT * FROM master_keys')).toEqual(before);
  },
);

itOnSqlite('says so when there is no database to work on', async () => {
  app = await startApp();
  const nowhere = await newPlace();
  const answer = await runCli('keys', ['status'], nowhere);
  expect(answer.code).toBe(2);
  expect(answer.output).toMatch(/Start the service once first/);
  await nowhere.remove();
});
