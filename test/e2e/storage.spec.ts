import { randomBytes } from 'node:crypto';
import { startApp, type TestApp } from '../support/app';
import { runCli } from '../support/cli';
import { graphBody, type ApiClient } from '../support/client';
import { newPlace } from '../support/database';
import { GRAPHS, aGraph, aGraphOf, type GraphJson } from '../support/graphs';
import { metricValue } from '../support/metrics';
import { expectProblem } from '../support/problem';
import { rawSql } from '../support/raw-database';
import { DAY_MS, aHistory, passDays, run, LAST_TWO } from '../support/retention';
import { countedUsage, keptUsage, runJob } from '../support/usage';
import { copyNow } from '../support/vault';

const STORAGE = '/api/v1/monitoring/storage';

interface StorageJson {
  total: Record<string, number | null>;
  tables: Array<{ table: string; rows: number; bytes: number }>;
  database: { bytes: number; free_bytes: number | null };
  growth: Array<Record<string, number | string>>;
  last_check: { status: string; drifted_users: number; drift_bytes: number; at: string } | null;
  users: Array<Record<string, number | string | null>>;
}

let app: TestApp;
let user: ApiClient;
beforeEach(async () => {
  app = await startApp();
  user = await app.aUser();
});
afterEach(() => app.close());

const storage = async (query = '') => (await (await app.admin()).get(STORAGE + query)).json<StorageJson>();
const large = (bytes: number) => JSON.stringify({ text: randomBytes(bytes).toString('base64') });

async function expectNoDrift(): Promise<void> {
  expect(await keptUsage(app.place)).toEqual(await countedUsage(app.place));
}

describe('the counters', () => {
  it('follow every way in which graphs and versions come and go', async () => {
    const { id } = await aGraphOf(user, '{"a": 1}');
    await expectNoDrift();
    await user.put(`${GRAPHS}/${id}`, graphBody('g', large(3_000)));
    await user.put(`${GRAPHS}/${id}`, { title: 'another title' });
    await user.put(`${GRAPHS}/${id}`, graphBody('g', '{}'));
    await expectNoDrift();
    await user.delete(`${GRAPHS}/${id}`);
    await user.post(`${GRAPHS}/${id}/recover`);
    await user.post(`${GRAPHS}/${id}/restore`, { version: 2 });
    await expectNoDrift();
    const before = new Date(app.clock.now()).toISOString();
    app.clock.advance(60_000);
    const later = await aGraphOf(user, large(500));
    await user.put(`${GRAPHS}/${id}`, graphBody('g', large(700)));
    expect((await user.post('/api/v1/recovery', { at: before, dry_run: false })).status).toBe(200);
    await expectNoDrift();
    expect((await user.post(`${GRAPHS}/${later.id}/purge`)).status).toBe(204);
    await expectNoDrift();
    expect((await keptUsage(app.place))[0]).toMatchObject({ graphs: 1, versions: 9 });
  });

  it('follow retention: pruning, packing, and purging in steps', async () => {
    const graph = await aHistory(app, user, 30);
    await user.put(`${GRAPHS}/${graph.id}/backup-policy`, LAST_TWO);
    await run(app, { dry_run: false, force: true });
    await expectNoDrift();
    const gone = await aHistory(app, user, 600);
    await user.delete(`${GRAPHS}/${gone.id}`);
    await passDays(app, 31);
    user = await user.signInAgain();
    const purged = await run(app, { dry_run: false, force: true });
    expect(purged).toMatchObject({ graphs_purged: 1 });
    await expectNoDrift();
    expect((await keptUsage(app.place))[0]).toMatchObject({ graphs: 1 });
  });

  it('count nothing that was refused, and all that many wrote at once', async () => {
    const { id } = await aGraphOf(user, '{}');
    expectProblem(
      await user.put(`${GRAPHS}/${id}`, graphBody('g', '{"b": 2}'), { 'if-match': '"7-x"' }),
      412,
    );
    expectProblem(await user.post(GRAPHS, graphBody('', '{}')), 400);
    const one = (i: number) => user.put(`${GRAPHS}/${id}`, graphBody('g', `{"i": ${i}}`));
    const others = (i: number) => aGraphOf(user, `{"i": ${i}}`);
    await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? one(i) : others(i))));
    await expectNoDrift();
  });

  it('are forgotten with the account', async () => {
    await aGraph(user);
    const admin = await app.admin();
    expect((await admin.delete(`/api/v1/users/${user.userId}`)).status).toBe(204);
    expect(await runJob(app, 'housekeeping')).toBe('done');
    expect(await rawSql(app.place, 'SELECT * FROM user_usage')).toEqual([]);
    expect((await storage()).users).toEqual([]);
  });

  it('are counted again by a rebuild from copies', async () => {
    await aHistory(app, user, 5);
    await aGraph(await app.aUser());
    expect(await copyNow(app)).toBe('done');
    const before = await keptUsage(app.place);
    await app.stop();
    const target = await newPlace();
    try {
      const rebuilt = await runCli('vault', ['rebuild', '--to', target.databaseUrl], app.place);
      expect(rebuilt).toMatchObject({ code: 0 });
      expect(await keptUsage(target)).toEqual(before);
    } finally {
      await target.remove();
    }
  });
});

describe('the nightly check', () => {
  it('corrects counters that have drifted, and says so in log, metrics, journal and figures', async () => {
    await aHistory(app, user, 5);
    const healthy = await app.aUser();
    await aGraph(healthy);
    expect(await runJob(app, 'usage-check')).toBe('done');
    expect((await storage()).last_check).toMatchObject({ status: 'done', drifted_users: 0, drift_bytes: 0 });
    const right = await keptUsage(app.place);

    await rawSql(
      app.place,
      `UPDATE user_usage SET graphs = graphs + 1, config_bytes = config_bytes - 100, frame_bytes = 0
       WHERE versions = 5`,
    );
    expect(await runJob(app, 'usage-check')).toBe('done');
    expect(await keptUsage(app.place)).toEqual(right);
    const { frame_bytes } = right.find(({ versions }) => versions === 5)!;
    const drift = 100 + frame_bytes!;
    expect((await storage()).last_check).toMatchObject({ drifted_users: 1, drift_bytes: drift });
    expect(await metricValue(app, 'graphomat_usage_drifted_users_total')).toBe(1);
    expect(await metricValue(app, 'graphomat_usage_drift_bytes_total')).toBe(drift);
    const line = app.logs
      .map((text) => JSON.parse(text) as Record<string, unknown>)
      .find(({ msg }) => /counters/.test(String(msg)));
    expect(line).toMatchObject({ level: 40, graphs: -1, config_bytes: 100, frame_bytes });
    const admin = await app.admin();
    const audit = (await admin.get('/api/v1/audit?action=service.usage_corrected')).json<object[]>();
    expect(audit).toHaveLength(1);
  });

  it('creates missing counters, and removes those of unknown users', async () => {
    await aHistory(app, user, 3);
    const right = await keptUsage(app.place);
    await rawSql(app.place, 'DELETE FROM user_usage');
    await rawSql(app.place, 'INSERT INTO user_usage VALUES (999999999, 3, 1, 1, 1, 1, 1)');
    expect(await runJob(app, 'usage-check')).toBe('done');
    expect(await keptUsage(app.place)).toEqual(right);
  });

  it('takes no change under way for drift', async () => {
    const graphs: GraphJson[] = [];
    for (let i = 0; i < 5; i += 1) graphs.push(await aGraph(user));
    let running = true;
    const writers = graphs.map(async ({ id }, g) => {
      for (let i = 0; running; i += 1)
        await user.put(`${GRAPHS}/${id}`, graphBody('g', `{"g": ${g}, "i": ${i}}`));
    });
    for (let i = 0; i < 5; i += 1) expect(await runJob(app, 'usage-check')).toBe('done');
    running = false;
    await Promise.all(writers);
    expect(await metricValue(app, 'graphomat_usage_drifted_users_total')).toBe(0);
    await expectNoDrift();
  });
});

describe('GET /monitoring/storage', () => {
  it('says what is stored by table and by user, the largest first, page by page', async () => {
    const sizes = [2_000, 9_000, 500];
    const users: ApiClient[] = [];
    for (const bytes of sizes) {
      users.push(await app.aUser());
      await aGraphOf(users.at(-1)!, large(bytes));
    }
    const all = await storage();
    expect(all.total).toMatchObject({ users: 3, graphs: 3, versions: 3 });
    const kept = await keptUsage(app.place);
    const sum = (field: string) => kept.reduce((total, row) => total + row[field]!, 0);
    expect(all.total).toMatchObject({
      config_bytes: sum('config_bytes'),
      stored_bytes: sum('head_bytes') + sum('frame_bytes'),
      ratio: Math.round((sum('config_bytes') / (sum('head_bytes') + sum('frame_bytes'))) * 100) / 100,
    });
    expect(all.tables).toEqual([
      { table: 'graphs', rows: 3, bytes: sum('head_bytes') },
      { table: 'versions', rows: 3, bytes: sum('frame_bytes') },
    ]);
    expect(all.database.bytes).toBeGreaterThan(100_000);
    expect(all.users.map(({ user_id }) => user_id)).toEqual(
      [users[1], users[0], users[2]].map((one) => one!.userId),
    );

    const admin = await app.admin();
    const seen: unknown[] = [];
    let next: string | undefined = `${STORAGE}?limit=2`;
    while (next) {
      const page = await admin.get(next);
      seen.push(...page.json<StorageJson>().users.map(({ user_id }) => user_id));
      next = /<([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1];
    }
    expect(seen).toEqual(all.users.map(({ user_id }) => user_id));
  });

  it('is for operators only, and takes no cursor but its own', async () => {
    expectProblem(await user.get(STORAGE), 403);
    expectProblem(await app.anonymous.get(STORAGE), 401);
    const admin = await app.admin();
    for (const query of ['?after=x', '?limit=0', '?limit=501', '?limit=a', '?colour=red'])
      expectProblem(await admin.get(STORAGE + query), 400);
  });

  it('tells growth by what was noted each hour', async () => {
    expect((await storage()).growth).toEqual([]);
    await aGraphOf(user, large(1_000));
    expect(await runJob(app, 'usage')).toBe('done');
    const [noted] = await rawSql(app.place, 'SELECT at FROM usage_points');
    expect(await metricValue(app, 'graphomat_stored_rows', 'kind="versions"')).toBe(1);
    app.clock.advance(2 * DAY_MS);
    user = await user.signInAgain();
    expect(await runJob(app, 'usage')).toBe('done');
    const { config_bytes } = await aGraphOf(user, large(2_000));
    const { growth } = await storage();
    expect(growth.map(({ window }) => window)).toEqual(['24h', '7d', '30d']);
    for (const one of growth)
      expect(one).toMatchObject({
        since: new Date(Number(noted!['at'])).toISOString(),
        graphs: 1,
        versions: 1,
        config_bytes,
      });
    // Points of a clock that has been set back since are no past.
    app.clock.advance(-10 * DAY_MS);
    expect(await runJob(app, 'usage')).toBe('done');
    expect(await rawSql(app.place, 'SELECT at FROM usage_points')).toHaveLength(1);
  });

  it('looks at no graph and no version: it answers without their tables', async () => {
    await aHistory(app, user, 20);
    const before = await storage();
    for (const table of ['graphs', 'versions'])
      await rawSql(app.place, `ALTER TABLE ${table} RENAME TO hidden_${table}`);
    // Longer names of tables may take another page.
    expect(await storage()).toEqual({ ...before, database: expect.any(Object) });
  });
});
