import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from '../support/app';
import { degradedParts } from '../support/health';
import { runCli, spawnCli } from '../support/cli';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph, rowCounts, versionsOf } from '../support/graphs';
import { expectProblem } from '../support/problem';
import { flipBit, rawSql } from '../support/raw-database';
import {
  DAY_MS,
  HOUR_MS,
  RUNS,
  addVersions,
  aHistory,
  passDays,
  run,
  type RunJson,
  LAST_TWO,
} from '../support/retention';

let app: TestApp;
let user: ApiClient;
beforeEach(async () => {
  app = await startApp();
  user = await app.aUser();
});
afterEach(() => app.close());

const again = async () => (user = await user.signInAgain());
const numbers = async (id: string) => (await versionsOf(user, id)).map(({ version }) => version);
const policyOf = (id: string) => `${GRAPHS}/${id}/backup-policy`;
const metric = async (name: string) =>
  (await app.anonymous.get('/metrics')).text
    .split('\n')
    .find((line) => line.startsWith(name))
    ?.split(' ')
    .at(-1);
/** Versions that nothing ever removes, so that a small run is not more than half of all. */
const ballast = () => aHistory(app, user, 15);

it('removes what no rule keeps, and leaves the rest byte for byte', async () => {
  await ballast();
  const graph = await aHistory(app, user, 8);
  await user.send('PATCH', `${GRAPHS}/${graph.id}/versions/2`, { label: 'release' });
  await user.send('PATCH', `${GRAPHS}/${graph.id}/versions/4`, { pinned: true });
  await user.put(policyOf(graph.id), LAST_TWO);
  const before = await rowCounts(app);
  const read = async (version: number) =>
    (await user.get(`${GRAPHS}/${graph.id}/versions/${version}`)).configBytes.toString();
  const configs = [await read(8), await read(7), await read(4), await read(2)];

  const plan = await run(app, { dry_run: true });
  expect(plan).toMatchObject({ status: 'done', dry_run: true, versions_pruned: 4, graphs_pruned: 1 });
  expect(plan.plan).toMatchObject({
    would_stop_because: null,
    graphs: [{ graph_id: graph.id, action: 'prune', versions: 4 }],
  });
  expect((await rowCounts(app))['versions']).toBe(before['versions']);

  const done = await run(app, { dry_run: false });
  expect(done).toMatchObject({ status: 'done', versions_pruned: 4, graphs_pruned: 1, graphs_failed: 0 });
  expect(await numbers(graph.id)).toEqual([8, 7, 4, 2]);
  expect([await read(8), await read(7), await read(4), await read(2)]).toEqual(configs);
  expectProblem(await user.get(`${GRAPHS}/${graph.id}/versions/5`), 404);
  expectProblem(await user.post(`${GRAPHS}/${graph.id}/restore`, { version: 5 }), 422);
  expect((await run(app, { dry_run: false })).versions_pruned).toBe(0);
  expect(await runCli('check', [], app.place)).toMatchObject({ code: 0 });
});

it('keeps every moment of the window within reach, and answers none outside with another version', async () => {
  await ballast();
  const graph = await aHistory(app, user, 6, DAY_MS / 6);
  await again();
  const times = (await versionsOf(user, graph.id)).map(({ created_at }) => Date.parse(created_at)).reverse();
  await user.put(policyOf(graph.id), { ...LAST_TWO, keep_last: 1, keep_within_hours: 9 });
  const now = app.clock.now();
  app.clock.stop(now);
  expect((await run(app, { dry_run: false })).versions_pruned).toBe(2);
  expect(await numbers(graph.id)).toEqual([6, 5, 4, 3]);
  for (const [ago, version] of [
    [0, 6],
    [3.9, 5],
    [7.9, 4],
    [8.9, 3],
  ] as const) {
    const read = await user.get(
      `${GRAPHS}/${graph.id}?at=${new Date(now - ago * (DAY_MS / 24)).toISOString()}`,
    );
    expect(read.json()).toMatchObject({ version });
  }
  expectProblem(await user.get(`${GRAPHS}/${graph.id}?at=${new Date(times[1]!).toISOString()}`), 422);
});

it('removes a version when its time has come, though nothing has happened to its graph', async () => {
  await ballast();
  const graph = await aHistory(app, user, 4);
  await user.put(policyOf(graph.id), { ...LAST_TWO, keep_last: 1, keep_within_hours: 24 });
  expect((await run(app, { dry_run: false })).versions_pruned).toBe(0);
  await passDays(app, 0.5);
  expect((await run(app, { dry_run: true })).versions_pruned).toBe(0);
  await passDays(app, 1);
  expect((await run(app, { dry_run: false })).versions_pruned).toBe(3);
  await again();
  expect(await numbers(graph.id)).toEqual([4]);
});

it('runs by its schedule, and makes up once for the times that it missed', async () => {
  await ballast();
  const graph = await aHistory(app, user, 4);
  await user.put(policyOf(graph.id), LAST_TWO);
  const runner = app.service.app.get(JobRunner);
  await runner.runDueJobs();
  app.clock.advance(5 * 3_600_000);
  await runner.runDueJobs();
  await runner.runDueJobs();
  const runs = (await (await app.admin()).get(RUNS)).json<RunJson[]>();
  expect(runs).toMatchObject([{ status: 'done', dry_run: false, versions_pruned: 2 }]);
});

it('removes what a label or a pin has kept once it is taken away', async () => {
  await ballast();
  const graph = await aHistory(app, user, 4);
  await user.send('PATCH', `${GRAPHS}/${graph.id}/versions/1`, { label: 'first' });
  await user.put(policyOf(graph.id), LAST_TWO);
  await run(app, { dry_run: false });
  expect(await numbers(graph.id)).toEqual([4, 3, 1]);
  await user.send('PATCH', `${GRAPHS}/${graph.id}/versions/1`, { label: null });
  await run(app, { dry_run: false });
  expect(await numbers(graph.id)).toEqual([4, 3]);
});

it('looks at all graphs of a user whose policy has changed, and then only at what is due', async () => {
  await ballast();
  const graphs = [await aHistory(app, user, 4), await aHistory(app, user, 4)];
  await run(app, { dry_run: false });
  await user.put('/api/v1/backup-policy', { ...LAST_TWO, keep_last: 3 });
  const done = await run(app, { dry_run: false, force: true });
  expect(done.versions_pruned).toBe(12 + 1 + 1);
  for (const { id } of graphs) expect(await numbers(id)).toEqual([4, 3, 2]);
  await rawSql(app.place, 'UPDATE versions SET label = NULL, pinned = 0');
  await user.put(policyOf(graphs[0]!.id), LAST_TWO);
  // As if nothing had changed: what the index does not name is not looked at.
  await rawSql(app.place, 'UPDATE graphs SET prune_due_at = NULL');
  expect((await run(app, { dry_run: false })).versions_pruned).toBe(0);
});

it("looks at everything once when the instance's default has changed", async () => {
  const graph = await aHistory(app, user, 5);
  await ballast();
  await run(app, { dry_run: false });
  await app.stop();
  const next = await startApp({ DEFAULT_POLICY: JSON.stringify({ ...LAST_TWO, keep_last: 12 }) }, app.place);
  try {
    next.clock.advance(60_000);
    expect((await run(next, { dry_run: false })).versions_pruned).toBe(3);
    const owner = await next.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    expect((await versionsOf(owner, graph.id)).length).toBe(5);
  } finally {
    await next.stop();
  }
});

it('purges a graph when its time in the bin is over, with its whole history, and no other', async () => {
  await ballast();
  const [deleted, kept, recovered] = [await aHistory(app, user, 3), await aGraph(user), await aGraph(user)];
  for (const { id } of [deleted, recovered]) await user.delete(`${GRAPHS}/${id}`);
  await user.post(`${GRAPHS}/${recovered.id}/recover`);
  await user.put(policyOf(deleted.id), { keep_last: 5 });
  await passDays(app, 29.5);
  expect((await run(app, { dry_run: true })).graphs_purged).toBe(0);
  await passDays(app, 1);
  const plan = await run(app, { dry_run: true });
  expect(plan.plan!.graphs).toMatchObject([{ graph_id: deleted.id, action: 'purge', versions: 4 }]);
  const done = await run(app, { dry_run: false });
  expect(done).toMatchObject({ status: 'done', graphs_purged: 1, versions_purged: 4 });
  const rows = async (table: string) =>
    Number((await rawSql(app.place, `SELECT COUNT(*) AS n FROM ${table}`))[0]!['n']);
  expect(await rows('graphs')).toBe(3);
  expect(await rows('policies')).toBe(0);
  expect(await rows('graph_chores WHERE kind < 2')).toBe(0);
  await again();
  for (const { id } of [kept, recovered]) expect((await user.get(`${GRAPHS}/${id}`)).status).toBe(200);
});

it('goes on with a purge that a crash has left half done', async () => {
  await ballast();
  const graph = await aHistory(app, user, 4);
  const id = Buffer.from(graph.id.replaceAll('-', ''), 'hex');
  const [row] = await rawSql(app.place, 'SELECT user_key, key FROM graphs WHERE id = ?', [id]);
  await rawSql(app.place, 'DELETE FROM graphs WHERE id = ?', [id]);
  await rawSql(
    app.place,
    'INSERT INTO graph_chores (kind, user_key, graph_key, after_version, up_to_version) VALUES (0, ?, ?, 0, 0)',
    [row!['user_key'], row!['key']],
  );
  expect(await run(app, { dry_run: false })).toMatchObject({ status: 'done', versions_purged: 4 });
  const left = await rawSql(app.place, 'SELECT version FROM versions WHERE graph_key = ?', [row!['key']]);
  expect(left).toEqual([]);
  expect(await rawSql(app.place, 'SELECT * FROM graph_chores WHERE kind < 2')).toEqual([]);
});

describe('the brake', () => {
  it('holds a changed policy that would remove more than half of all versions, names it, and applies it when forced', async () => {
    const graph = await aHistory(app, user, 9);
    await user.put(policyOf(graph.id), LAST_TWO);
    expect(await degradedParts(app)).toEqual([]);
    const held = await run(app, { dry_run: false });
    expect(held).toMatchObject({
      status: 'held',
      stopped_because: 'more_than_half',
      held_policies: [`graph:${graph.id}`],
      versions_held: 7,
      versions_pruned: 0,
    });
    expect((await numbers(graph.id)).length).toBe(9);

    expect(await degradedParts(app)).toEqual(['retention']);
    expect((await app.anonymous.get('/health')).text).toContain('more_than_half');
    expect((await app.anonymous.get('/health/ready')).status).toBe(200);
    expect(await metric('graphomat_retention_last_status{status="held"}')).toBe('1');
    expect(await metric('graphomat_retention_last_held_policies')).toBe('1');
    const { plan } = await run(app, { dry_run: true });
    expect(plan!.would_stop_because).toBe('more_than_half');
    expect(plan!.graphs).toMatchObject([{ graph_id: graph.id, versions: 7, held: true }]);
    expect(await degradedParts(app)).toEqual(['retention']);

    const forced = await run(app, { dry_run: false, force: true });
    expect(forced).toMatchObject({ status: 'done', forced: true, versions_pruned: 7 });
    expect(await numbers(graph.id)).toEqual([9, 8]);
    expect(await degradedParts(app)).toEqual([]);
    expect(await metric('graphomat_retention_last_status{status="held"}')).toBe('0');
    expect(await metric('graphomat_retention_last_removed_versions')).toBe('7');
  });

  it('lets exactly half go', async () => {
    const graph = await aHistory(app, user, 4);
    await user.put(policyOf(graph.id), LAST_TWO);
    expect(await run(app, { dry_run: false })).toMatchObject({ status: 'done', versions_pruned: 2 });
  });

  it('holds only the policy that removes too much, and lets purges and other prunes go on', async () => {
    const other = await app.aUser();
    const [large, small, deleted] = [
      await aHistory(app, user, 19),
      await aHistory(app, other, 4),
      await aHistory(app, other, 3),
    ];
    await other.delete(`${GRAPHS}/${deleted.id}`);
    await passDays(app, 31);
    await again();
    await user.put('/api/v1/backup-policy', LAST_TWO);
    const owner = await other.signInAgain();
    await owner.put(policyOf(small.id), LAST_TWO);
    const done = await run(app, { dry_run: false });
    expect(done).toMatchObject({
      status: 'held',
      held_policies: [`user:${user.userId}`],
      versions_held: 17,
      versions_pruned: 2,
      graphs_purged: 1,
    });
    expect((await numbers(large.id)).length).toBe(19);

    // Held again at each run, but recorded once, and in the owner's own audit log.
    await run(app, { dry_run: false });
    const events = await user.get('/api/v1/audit?action=policy.held');
    expect(events.json()).toMatchObject([
      {
        subject_id: user.userId,
        actor_id: null,
        details: { level: 'user', reason: 'more_than_half', versions: 17 },
      },
    ]);

    await user.delete('/api/v1/backup-policy');
    expect(await run(app, { dry_run: false })).toMatchObject({ status: 'done', versions_pruned: 0 });
    expect((await numbers(large.id)).length).toBe(19);
  });

  it('holds a changed default policy, whatever else is due', async () => {
    const graph = await aHistory(app, user, 9);
    await app.stop();
    const next = await startApp({ DEFAULT_POLICY: JSON.stringify(LAST_TWO) }, app.place);
    try {
      next.clock.advance(60_000);
      expect(await run(next, { dry_run: false })).toMatchObject({
        status: 'held',
        held_policies: ['default'],
        versions_held: 7,
      });
      expect((await run(next, { dry_run: false })).held_policies).toEqual(['default']);
      expect(await run(next, { dry_run: false, force: true })).toMatchObject({ versions_pruned: 7 });
      expect(await run(next, { dry_run: false })).toMatchObject({ status: 'done', held_policies: [] });
      const owner = await next.anonymous.signIn(user.credentials!.email, user.credentials!.password);
      expect((await versionsOf(owner, graph.id)).length).toBe(2);
    } finally {
      await next.stop();
    }
  });

  it('holds a changed policy that would remove a hundred times the usual number', async () => {
    await aHistory(app, user, 250, 10);
    const usual = await aHistory(app, user, 2, 10);
    await user.put(policyOf(usual.id), LAST_TWO);
    for (let day = 0; day < 3; day += 1) {
      await addVersions(app, user, usual.id, 1);
      expect((await run(app, { dry_run: false })).versions_pruned).toBe(1);
    }
    const graph = await aHistory(app, user, 103, 10);
    await user.put(policyOf(graph.id), LAST_TWO);
    expect(await run(app, { dry_run: false })).toMatchObject({
      status: 'held',
      stopped_because: 'unusually_many',
      held_policies: [`graph:${graph.id}`],
    });
    expect(await run(app, { dry_run: false, force: true })).toMatchObject({ versions_pruned: 101 });
  });

  it('never stops what is due under a policy that did not change', async () => {
    const graph = await aHistory(app, user, 4);
    await user.put(policyOf(graph.id), LAST_TWO);
    await run(app, { dry_run: false });
    await addVersions(app, user, graph.id, 40, 10);
    expect(await run(app, { dry_run: false })).toMatchObject({ status: 'done', versions_pruned: 40 });
    expect(await numbers(graph.id)).toEqual([44, 43]);
  });

  it('never stops a purge, though nothing else is there', async () => {
    const graph = await aHistory(app, user, 20);
    await user.delete(`${GRAPHS}/${graph.id}`);
    await passDays(app, 31);
    expect(await run(app, { dry_run: false })).toMatchObject({
      status: 'done',
      graphs_purged: 1,
      versions_purged: 21,
    });
  });
});

describe('a clock in doubt', () => {
  /** A graph with two versions to prune and one to purge, once a day and a month have passed. */
  async function dueLater(): Promise<{ graph: string; deleted: string }> {
    await ballast();
    const graph = await aHistory(app, user, 4);
    const deleted = await aGraph(user);
    await user.delete(`${GRAPHS}/${deleted.id}`);
    await user.put(policyOf(graph.id), { ...LAST_TWO, keep_within_hours: 24 });
    expect(await run(app, { dry_run: false })).toMatchObject({ status: 'done', versions_pruned: 0 });
    return { graph: graph.id, deleted: deleted.id };
  }
  const stopped = {
    status: 'stopped',
    stopped_because: 'clock_jumped',
    versions_pruned: 0,
    graphs_purged: 0,
  };

  it('that was a year ahead and is set back within an hour has removed nothing', async () => {
    const { graph, deleted } = await dueLater();
    app.clock.set(365 * DAY_MS);
    for (let minutes = 0; minutes < 59; minutes += 20) {
      expect(await run(app, { dry_run: false })).toMatchObject(stopped);
      app.clock.advance(19 * 60_000);
    }
    expect((await run(app, { dry_run: true })).plan!.would_stop_because).toBe('clock_jumped');
    expect((await app.anonymous.get('/health')).text).toContain('continues by itself');
    app.clock.set(-365 * DAY_MS);
    await again();
    expect((await user.post(`${GRAPHS}/${deleted}/recover`)).status).toBe(200);
    expect((await numbers(graph)).length).toBe(4);
    expect(await run(app, { dry_run: false })).toMatchObject({ status: 'done', versions_pruned: 0 });
  });

  it('is trusted again after an hour in which it runs steadily', async () => {
    const { graph } = await dueLater();
    await app.stop();
    const next = await startApp({}, app.place);
    try {
      // A weekend without the service.
      next.clock.set(60 * HOUR_MS);
      expect(await run(next, { dry_run: false })).toMatchObject(stopped);
      next.clock.advance(HOUR_MS - 60_000);
      expect(await run(next, { dry_run: false })).toMatchObject(stopped);
      next.clock.advance(2 * 60_000);
      expect(await run(next, { dry_run: false })).toMatchObject({ status: 'done', versions_pruned: 2 });
      const owner = await next.anonymous.signIn(user.credentials!.email, user.credentials!.password);
      expect((await versionsOf(owner, graph)).length).toBe(2);
    } finally {
      await next.stop();
    }
  });

  it('begins its hour again with every step', async () => {
    await dueLater();
    app.clock.set(3 * DAY_MS);
    expect(await run(app, { dry_run: false })).toMatchObject(stopped);
    app.clock.advance(40 * 60_000);
    app.clock.set(60_000);
    expect(await run(app, { dry_run: false })).toMatchObject(stopped);
    app.clock.advance(40 * 60_000);
    expect(await run(app, { dry_run: false })).toMatchObject(stopped);
    app.clock.advance(21 * 60_000);
    expect(await run(app, { dry_run: false })).toMatchObject({ status: 'done', versions_pruned: 2 });
  });

  it('is trusted when an operator says so', async () => {
    await dueLater();
    app.clock.set(3 * DAY_MS);
    expect(await run(app, { dry_run: false })).toMatchObject(stopped);
    expect(await run(app, { dry_run: false, force: true })).toMatchObject({
      status: 'done',
      versions_pruned: 2,
    });
    expect(await run(app, { dry_run: false })).toMatchObject({ status: 'done' });
  });

  it('that is set back by a year keeps everything', async () => {
    await ballast();
    const graph = await aHistory(app, user, 4);
    await user.put(policyOf(graph.id), LAST_TWO);
    app.clock.set(-365 * DAY_MS);
    expect(await run(app, { dry_run: false })).toMatchObject({ status: 'done', versions_pruned: 0 });
    app.clock.set(365 * DAY_MS);
    await again();
    expect((await numbers(graph.id)).length).toBe(4);
  });
});

it('keeps the counts of a run that failed half-way in its record', async () => {
  await ballast();
  const graph = await aHistory(app, user, 4);
  await user.put(policyOf(graph.id), LAST_TWO);
  await rawSql(app.place, 'ALTER TABLE idempotency_keys RENAME TO idempotency_keys_away');
  const failed = await run(app, { dry_run: false });
  expect(failed).toMatchObject({
    status: 'failed',
    versions_pruned: 2,
    graphs_pruned: 1,
    versions_planned: 2,
  });
  expect(failed.error).toContain('log');
  await rawSql(app.place, 'ALTER TABLE idempotency_keys_away RENAME TO idempotency_keys');
  expect(await run(app, { dry_run: false })).toMatchObject({ status: 'done', versions_pruned: 0 });
});

it('skips a graph with an error, does the others, and says so', async () => {
  await ballast();
  const graphs = [await aHistory(app, user, 4), await aHistory(app, user, 4), await aHistory(app, user, 4)];
  const id = Buffer.from(graphs[1]!.id.replaceAll('-', ''), 'hex');
  const frame = `SELECT v.graph_key, v.frame FROM versions v JOIN graphs g ON g.key = v.graph_key WHERE g.id = ? AND v.version = 3`;
  const [row] = await rawSql(app.place, frame, [id]);
  const damaged = flipBit(row!['frame'] as Buffer, 20);
  await rawSql(app.place, 'UPDATE versions SET frame = ? WHERE graph_key = ? AND version = 3', [
    damaged,
    row!['graph_key'],
  ]);
  for (const graph of graphs) await user.put(policyOf(graph.id), LAST_TWO);
  const done = await run(app, { dry_run: false });
  expect(done).toMatchObject({
    status: 'incomplete',
    versions_pruned: 4,
    graphs_failed: 1,
    failed_graph_ids: [graphs[1]!.id],
  });
  expect(await numbers(graphs[0]!.id)).toEqual([4, 3]);
  expect(await numbers(graphs[1]!.id)).toEqual([4, 3, 2, 1]);
  expect(await numbers(graphs[2]!.id)).toEqual([4, 3]);
  expect((await app.anonymous.get('/health')).text).toContain('skipped graphs');
  expect(await metric('graphomat_retention_last_failed_graphs')).toBe('1');
});

it('keeps everything of a graph whose policy cannot be read', async () => {
  await ballast();
  const graph = await aHistory(app, user, 4);
  await user.put(policyOf(graph.id), LAST_TWO);
  for (const sql of ['keep_last = -5', 'keep_last = 0', 'keep_within_hours = 2000000000']) {
    await rawSql(app.place, `UPDATE policies SET ${sql}`);
    expect(await run(app, { dry_run: false })).toMatchObject({ status: 'done', versions_pruned: 0 });
    await rawSql(app.place, 'UPDATE graphs SET prune_due_at = updated_at');
  }
  expect((await numbers(graph.id)).length).toBe(4);
});

it('forgets idempotency keys that have expired', async () => {
  await ballast();
  const key = { 'idempotency-key': 'once' };
  await user.post(GRAPHS, { title: 'x' }, key);
  await run(app, { dry_run: false });
  expect(await rawSql(app.place, 'SELECT key_sha256 FROM idempotency_keys')).toHaveLength(1);
  await passDays(app, 1.5);
  await run(app, { dry_run: false });
  expect(await rawSql(app.place, 'SELECT key_sha256 FROM idempotency_keys')).toEqual([]);
});

it('is for operators, who see the runs but no content', async () => {
  expectProblem(await user.post(RUNS, { dry_run: true }), 403);
  expectProblem(await user.get(RUNS), 403);
  const admin = await app.admin();
  expectProblem(await admin.post(RUNS, { dry_run: 'no' }), 400);
  expectProblem(await admin.post(RUNS, { force: true, all: true }), 400);
  for (let count = 0; count < 3; count += 1) await run(app, { dry_run: true });
  const first = await admin.get(`${RUNS}?limit=2`);
  expect(first.headers.get('x-total-count')).toBe('3');
  expect(first.json<RunJson[]>().map(({ id }) => id)).toEqual([3, 2]);
  const next = /<([^>]+)>/.exec(first.headers.get('link') ?? '')![1]!;
  expect((await admin.get(next)).json<RunJson[]>().map(({ id }) => id)).toEqual([1]);
});

it('runs as a tool while the service runs, with the plan first', async () => {
  // The tool has a clock of its own: versions from what it takes for the future would stay.
  const graph = await aHistory(app, user, 9, 0);
  await user.put(policyOf(graph.id), LAST_TWO);
  const plan = await runCli('retention', ['--dry-run'], app.place);
  expect(plan.code).toBe(0);
  expect(plan.output).toContain(`prune graph ${graph.id}  7 versions`);
  expect(plan.output).toContain(
    `The policy of graph ${graph.id} changed and would remove 7 versions (more_than_half)`,
  );
  const held = await runCli('retention', [], app.place);
  expect(held.code).toBe(1);
  expect(held.output).toContain('HELD 7 versions');
  const done = await spawnCli('retention', ['--force'], app.place);
  expect(done).toMatchObject({ code: 0 });
  expect(done.output).toContain('7 versions pruned from 1 graphs');
  expect(await numbers(graph.id)).toEqual([9, 8]);
  expect((await runCli('retention', ['--all'], app.place)).code).toBe(2);
});
