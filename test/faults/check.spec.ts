import { startApp, type TestApp } from '../support/app';
import { runCli, spawnCli } from '../support/cli';
import { ApiClient, graphBody } from '../support/client';
import { sha256 } from '../support/graphs';
import { itOnSqlite } from '../support/on-sqlite';
import { flipBit, rawSql } from '../support/raw-database';

let app: TestApp;
let user: ApiClient;

beforeEach(async () => {
  app = await startApp();
  user = await app.aUser();
});
afterEach(() => app.close());

const config = (step: number) =>
  JSON.stringify({ nodes: Array.from({ length: 50 }, (_, i) => ({ id: i, at: i === step ? 'moved' : i })) });

/** A graph of five versions, each a patch on the one before but the first; its version rows in order. */
async function aHistory(): Promise<{ id: string; rows: Array<Record<string, unknown>> }> {
  const { id } = (await user.post('/api/v1/graphs', graphBody('g', config(0)))).json<{ id: string }>();
  for (let step = 1; step < 5; step += 1)
    await user.put(`/api/v1/graphs/${id}`, graphBody('g', config(step)));
  const uuid = Buffer.from(id.replaceAll('-', ''), 'hex');
  const rows = await rawSql(
    app.place,
    'SELECT v.* FROM versions v JOIN graphs g ON g.key = v.graph_key WHERE g.id = ? ORDER BY v.version',
    [uuid],
  );
  return { id, rows };
}

const damagedLines = (output: string) => output.split('\n').filter((line) => line.startsWith('DAMAGED'));

it('finds nothing in a whole database, and counts what it has read', async () => {
  await aHistory();
  const { code, output } = await spawnCli('check', [], app.place);
  expect(code).toBe(0);
  expect(output).toContain('1 graphs, 5 versions');
  expect(output).toContain('0 graphs damaged');
});

it('takes no graph of a deleted account for damaged, while its rows are still there', async () => {
  await aHistory();
  const gone = await app.aUser();
  await gone.post('/api/v1/graphs', graphBody('of a deleted account', config(0)));
  await (await app.admin()).delete(`/api/v1/users/${gone.userId}`);
  expect(await rawSql(app.place, 'SELECT key FROM graphs')).toHaveLength(2);
  const { code, output } = await runCli('check', [], app.place);
  expect([code, output]).toEqual([0, expect.stringContaining('1 graphs, 5 versions')]);
});

it('names a version whose frame has one bit flipped, those that stand on it, and no other graph', async () => {
  const whole = await aHistory();
  const broken = await aHistory();
  const row = broken.rows[3]!;
  const where = 'WHERE user_key = ? AND graph_key = ? AND version = ?';
  const changed = flipBit(row['frame'] as Buffer, 20);
  await rawSql(app.place, `UPDATE versions SET frame = ? ${where}`, [
    changed,
    row['user_key'],
    row['graph_key'],
    row['version'],
  ]);

  const { code, output } = await spawnCli('check', [], app.place);
  expect(code).toBe(1);
  expect(damagedLines(output)).toEqual([
    `DAMAGED graph ${broken.id} version 4 its bytes were changed`,
    `DAMAGED graph ${broken.id} version 5 cannot be read because version 4 is damaged or missing`,
  ]);
  for (const version of [1, 2, 3])
    expect((await user.get(`/api/v1/graphs/${broken.id}/versions/${version}`)).status).toBe(200);
  expect((await user.get(`/api/v1/graphs/${whole.id}/versions/4`)).status).toBe(200);
  const refused = await user.get(`/api/v1/graphs/${broken.id}/versions/5`);
  expect(refused.status).toBe(500);
  expect(refused.json()).toMatchObject({
    type: '/problems/version-damaged',
    detail: expect.stringContaining('Version 5'),
  });
  expect((await app.anonymous.get('/metrics')).text).toContain('graphomat_versions_damaged_total 1');
  const events = await rawSql(app.place, 'SELECT version, details FROM journal WHERE action = 301');
  expect(events).toEqual([{ version: 5, details: expect.stringContaining('"at":4') }]);
});

itOnSqlite('names the versions above a base row that is gone', async () => {
  const { id, rows } = await aHistory();
  const row = rows[1]!;
  await rawSql(app.place, 'DELETE FROM versions WHERE user_key = ? AND graph_key = ? AND version = ?', [
    row['user_key'],
    row['graph_key'],
    2,
  ]);
  const { code, output } = await runCli('check', [], app.place);
  expect(code).toBe(1);
  expect(damagedLines(output).map((line) => line.replace(`DAMAGED graph ${id} `, ''))).toEqual([
    'version 3 cannot be read because version 2 is damaged or missing',
    'version 4 cannot be read because version 2 is damaged or missing',
    'version 5 cannot be read because version 2 is damaged or missing',
  ]);
});

itOnSqlite("names a graph whose owner's data key has one bit flipped", async () => {
  const { id, rows } = await aHistory();
  const [key] = await rawSql(app.place, 'SELECT wrapped FROM user_keys WHERE user_key = ?', [
    rows[0]!['user_key'],
  ]);
  const changed = flipBit(key!['wrapped'] as Buffer, 30);
  await rawSql(app.place, 'UPDATE user_keys SET wrapped = ? WHERE user_key = ?', [
    changed,
    rows[0]!['user_key'],
  ]);
  const { code, output } = await runCli('check', [], app.place);
  expect(code).toBe(1);
  expect(damagedLines(output)).toEqual([`DAMAGED graph ${id} the user's data key cannot be read`]);
});

itOnSqlite(
  'names a damaged copy of the present state, which is read from the chain instead and goes with the next change',
  async () => {
    const { id } = await aHistory();
    // A copy is stored for long chains only.
    const versions = 280;
    for (let step = 5; step < versions; step += 1)
      await user.put(`/api/v1/graphs/${id}`, graphBody('g', config(step % 50)));
    const [graph] = await rawSql(app.place, 'SELECT user_key, key, head FROM graphs');
    await rawSql(app.place, 'UPDATE graphs SET head = ? WHERE user_key = ? AND key = ?', [
      flipBit(graph!['head'] as Buffer, 40),
      graph!['user_key'],
      graph!['key'],
    ]);
    const { output } = await runCli('check', [], app.place);
    expect(damagedLines(output)).toEqual([
      `DAMAGED graph ${id} version ${versions} the copy of the current config was changed`,
    ]);
    expect((await user.get(`/api/v1/graphs/${id}`)).configBytes.toString()).toBe(config((versions - 1) % 50));
    expect((await app.anonymous.get('/metrics')).text).toContain('graphomat_versions_damaged_total 1');
    expect((await user.put(`/api/v1/graphs/${id}`, { title: 'healed' })).status).toBe(200);
    expect(await runCli('check', [], app.place)).toMatchObject({ code: 0 });
  },
);

describe('a newest version that is damaged', () => {
  const damages: Array<[string, string, (frame: Buffer) => Buffer | null]> = [
    ['has one bit flipped', 'its bytes were changed', (frame) => flipBit(frame, 20)],
    ['is gone', 'the row of the newest version is missing', () => null],
  ];

  itOnSqlite.each(damages)(
    '%s: is refused by its number, never lost to the next save',
    async (_, reason, damage) => {
      const { id, rows } = await aHistory();
      const { user_key, graph_key, frame } = rows[4]!;
      const changed = damage(frame as Buffer);
      const change = changed ? 'UPDATE versions SET frame = ?' : 'DELETE FROM versions';
      await rawSql(app.place, `${change} WHERE user_key = ? AND graph_key = ? AND version = 5`, [
        ...(changed ? [changed] : []),
        user_key,
        graph_key,
      ]);
      // A process that has the config in memory would go on giving it.
      await app.stop();
      app = await startApp({}, app.place);
      user = new ApiClient(app.url, user.token, user.userId);

      const path = `/api/v1/graphs/${id}`;
      const refused = await user.get(path);
      expect(refused.status).toBe(500);
      expect(refused.json()).toMatchObject({
        type: '/problems/version-damaged',
        detail: expect.stringContaining('Version 5'),
      });
      // The config stays as it is, unreadable now: the graph can be renamed, deleted and recovered.
      const renamed = await user.put(path, { title: 'renamed' });
      expect(renamed.status).toBe(200);
      expect(renamed.json()).toMatchObject({
        title: 'renamed',
        version: 6,
        config_sha256: sha256(config(4)),
      });
      expect(renamed.json()).not.toHaveProperty('config');
      expect((await user.delete(path)).json()).toMatchObject({ version: 7, deleted_at: expect.any(String) });
      expect((await user.post(`${path}/recover`)).status).toBe(200);
      expect((await user.get(path)).status).toBe(500);
      expect((await user.get(`${path}/versions/4`)).configBytes.toString()).toBe(config(3));

      expect((await user.put(path, graphBody('saved again', config(7)))).status).toBe(200);
      expect((await user.get(path)).configBytes.toString()).toBe(config(7));
      expect((await user.put(path, graphBody('and again', config(8)))).status).toBe(200);
      const { output } = await runCli('check', [], app.place);
      const unread = [6, 7, 8].map(
        (version) => `version ${version} cannot be read because version 5 is damaged or missing`,
      );
      const damages = [...(changed ? [`version 5 ${reason}`] : []), ...unread];
      expect(damagedLines(output)).toEqual(damages.map((line) => `DAMAGED graph ${id} ${line}`));
      expect((await user.get(`${path}/versions/9`)).configBytes.toString()).toBe(config(7));

      // With the row from a copy, the versions that were written without reading it can be read, too.
      if (!changed) return;
      await rawSql(
        app.place,
        'UPDATE versions SET frame = ? WHERE user_key = ? AND graph_key = ? AND version = 5',
        [frame, user_key, graph_key],
      );
      for (const version of [5, 6, 7, 8])
        expect((await user.get(`${path}/versions/${version}`)).configBytes.toString()).toBe(config(4));
      expect(await runCli('check', [], app.place)).toMatchObject({ code: 0 });
    },
  );
});
