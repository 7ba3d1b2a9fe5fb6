import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app';
import { runCli, spawnCli } from '../support/cli';
import { graphBody, type ApiClient } from '../support/client';
import { aGraphOf, GRAPHS, versionsOf } from '../support/graphs';
import { newPlace, type TestPlace } from '../support/database';
import { copyNow } from '../support/vault';

let app: TestApp;
let target: TestPlace;

beforeEach(async () => {
  app = await startApp();
  target = await newPlace();
});
afterEach(async () => {
  await app.close();
  await target.remove();
});

/** The tool, run where the keys and the copies are. */
const vault = (...args: string[]) => runCli('vault', args, app.place);

async function everyVersion(user: ApiClient, id: string): Promise<string[]> {
  const versions = await versionsOf(user, id);
  const answers = versions.map(({ version }) => user.get(`${GRAPHS}/${id}/versions/${version}`));
  return (await Promise.all(answers)).map(({ configBytes }) => configBytes.toString());
}

it('brings everything back byte for byte, and the service runs and is copied on it', async () => {
  const user = await app.aUser();
  const { id } = await aGraphOf(user, '{"a": 1e400, "__proto__": [1.0]}');
  await copyNow(app);
  for (let step = 0; step < 5; step += 1)
    await user.put(`${GRAPHS}/${id}`, graphBody('g', `{"step": ${step}, "n": 12345678901234567890}`));
  const gone = await aGraphOf(user, '{"purged": true}');
  await copyNow(app);
  await user.delete(`${GRAPHS}/${gone.id}`);
  await user.post(`${GRAPHS}/${gone.id}/purge`);
  await copyNow(app);
  const before = await everyVersion(user, id);
  await app.stop();

  const temporary = join(app.place.dataDir, 'temporary');
  mkdirSync(temporary);
  const dry = await spawnCli('vault', ['rebuild', '--dry-run'], app.place, { TMPDIR: temporary });
  expect(dry).toMatchObject({ code: 0, output: expect.stringContaining('Would rebuild') });
  expect(readdirSync(temporary)).toEqual([]);
  const done = await vault('rebuild', '--to', target.databaseUrl);
  expect(done.output).toContain('1 graphs, 6 versions');
  expect(done.code).toBe(0);
  const again = await vault('rebuild', '--to', target.databaseUrl);
  expect(again).toMatchObject({ code: 2, output: expect.stringContaining('not empty') });

  const place = { ...app.place, databaseUrl: target.databaseUrl };
  const rebuilt = await startApp({}, place);
  try {
    const back = await rebuilt.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    expect(await everyVersion(back, id)).toEqual(before);
    expect((await back.get(`${GRAPHS}/${gone.id}`)).status).toBe(404);
    expect((await back.put(`${GRAPHS}/${id}`, { title: 'goes on' })).status).toBe(200);
    expect(await copyNow(rebuilt)).toBe('done');
    expect((await runCli('check', [], place)).code).toBe(0);
  } finally {
    await rebuilt.stop();
  }
  const seen = await vault('verify');
  expect(seen).toMatchObject({ code: 0, output: expect.stringContaining('0 faults') });
  expect((await vault('ls')).output.trim().split('\n')).toHaveLength(2);
});

it('says at once when the master key is another one, and names the one it needs', async () => {
  const user = await app.aUser();
  await aGraphOf(user, '{}');
  await copyNow(app);
  await app.stop();
  rmSync(join(app.place.dataDir, 'keys', 'encryption.key'));
  const wrong = Buffer.alloc(32, 3).toString('base64');
  const refused = await runCli('vault', ['rebuild', '--to', target.databaseUrl], app.place, {
    ENCRYPTION_KEY: wrong,
  });
  expect(refused).toMatchObject({
    code: 2,
    output: expect.stringContaining('encrypted with the master key'),
  });
  expect(existsSync(target.databaseUrl.replace('sqlite:///', ''))).toBe(false);
});
