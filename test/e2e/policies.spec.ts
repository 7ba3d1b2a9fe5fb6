import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph, rowCounts } from '../support/graphs';
import { expectFaults, expectProblem } from '../support/problem';
import { rawSql } from '../support/raw-database';
import { DAY_MS, aHistory } from '../support/retention';

const POLICY = '/api/v1/backup-policy';
const BUILT_IN = {
  keep_last: 20,
  keep_within_hours: 48,
  keep_hourly: 0,
  keep_daily: 30,
  keep_weekly: 12,
  keep_monthly: 12,
  keep_yearly: 10,
  deleted_retention_days: 30,
};
const FIELDS = Object.keys(BUILT_IN);
const NOTHING = Object.fromEntries(FIELDS.slice(0, 7).map((field) => [field, 0]));

type PolicyJson = typeof BUILT_IN & { levels: Record<string, string> };
interface VerdictsJson {
  graph_id: string;
  kept: number;
  removed: number;
  removed_bytes: number;
  policy: PolicyJson;
  versions: Array<{ version: number; kept: boolean; reasons: string[] }>;
}

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.aUser();
});

const levelsOf = (answer: { json<T>(): T }) => answer.json<PolicyJson>().levels;

describe('a policy', () => {
  it("is the instance's default until somebody says otherwise", async () => {
    const answer = await user.get(POLICY);
    expect(answer.status).toBe(200);
    const levels = Object.fromEntries(FIELDS.map((field) => [field, 'default']));
    expect(answer.json()).toEqual({ ...BUILT_IN, levels });
  });

  it('is inherited field by field, from instance to user to graph, and says from where', async () => {
    const graph = await aGraph(user);
    const own = `${GRAPHS}/${graph.id}/backup-policy`;
    const put = await user.put(POLICY, { keep_last: 5, keep_daily: 0, keep_weekly: null });
    expect(put.status).toBe(200);
    expect((await user.get(POLICY)).json()).toEqual(put.json());
    await user.put(own, { keep_daily: 7, deleted_retention_days: 3 });
    const answer = await user.get(own);
    expect(answer.json()).toMatchObject({
      ...BUILT_IN,
      keep_last: 5,
      keep_daily: 7,
      deleted_retention_days: 3,
    });
    expect(levelsOf(answer)).toMatchObject({
      keep_last: 'user',
      keep_daily: 'graph',
      deleted_retention_days: 'graph',
      keep_weekly: 'default',
    });
    expect(levelsOf(await user.get(POLICY))).toMatchObject({
      keep_daily: 'user',
      deleted_retention_days: 'default',
    });
  });

  it('is replaced as a whole on its level, and taken back', async () => {
    const graph = await aGraph(user);
    const own = `${GRAPHS}/${graph.id}/backup-policy`;
    await user.put(own, { keep_last: 3 });
    await user.put(own, { keep_hourly: 4 });
    expect((await user.get(own)).json()).toMatchObject({ keep_last: 20, keep_hourly: 4 });
    expect((await user.delete(own)).status).toBe(204);
    expect((await user.delete(own)).status).toBe(204);
    expect((await user.get(own)).json()).toMatchObject(BUILT_IN);
    await user.put(POLICY, { keep_last: 3 });
    expect((await user.delete(POLICY)).status).toBe(204);
    expect((await user.get(POLICY)).json()).toMatchObject(BUILT_IN);
  });

  it('belongs to its user alone', async () => {
    await user.put(POLICY, { keep_last: 3 });
    expect((await (await app.aUser()).get(POLICY)).json()).toMatchObject(BUILT_IN);
  });

  it.each([
    [{ keep_last: -1 }, ['keep_last']],
    [{ keep_last: 1.5 }, ['keep_last']],
    [{ keep_last: '5' }, ['keep_last']],
    [{ keep_last: true }, ['keep_last']],
    [{ keep_daily: [3] }, ['keep_daily']],
    [{ keep_last: 1e15, keep_within_hours: 10_000_000 }, ['keep_last', 'keep_within_hours']],
    [{ deleted_retention_days: 0 }, ['deleted_retention_days']],
    [{ keep_lats: 1 }, ['keep_lats']],
    [NOTHING, ['keep_last']],
  ])('that is %j is refused, and nothing has changed', async (body, fields) => {
    const graph = await aGraph(user);
    const before = await rowCounts(app);
    for (const path of [POLICY, `${GRAPHS}/${graph.id}/backup-policy`]) {
      expectFaults(await user.put(path, body), fields);
      expectProblem(await user.post(`${path}/preview`, { policy: body }), 400);
      expect((await user.get(path)).json()).toMatchObject(BUILT_IN);
    }
    expect(await rowCounts(app)).toEqual(before);
  });

  it.each(['{"keep_last":1e400}', '{"keep_last":NaN}', '[]', '5', 'null', '{"keep_last":5,"keep_last":1}'])(
    'that is %s is refused',
    async (body) => {
      expectProblem(await user.put(POLICY, body), 400);
      expect((await user.get(POLICY)).json()).toMatchObject(BUILT_IN);
    },
  );

  it('that keeps nothing only together with what it inherits is refused, too', async () => {
    const graph = await aGraph(user);
    await user.put(POLICY, { ...NOTHING, keep_daily: 5 });
    expectFaults(await user.put(`${GRAPHS}/${graph.id}/backup-policy`, { keep_daily: 0 }), ['keep_last']);
  });

  it('says how long a graph that is deleted under it stays in the bin', async () => {
    const days = async (id: string) => {
      const { deleted_at, purge_at } = (await user.delete(`${GRAPHS}/${id}`)).json<Record<string, string>>();
      return (Date.parse(purge_at!) - Date.parse(deleted_at!)) / DAY_MS;
    };
    const [first, second, third] = [await aGraph(user), await aGraph(user), await aGraph(user)];
    expect(await days(first.id)).toBe(30);
    await user.put(POLICY, { deleted_retention_days: 7 });
    await user.put(`${GRAPHS}/${third.id}/backup-policy`, { deleted_retention_days: 365 });
    expect(await days(second.id)).toBe(7);
    expect(await days(third.id)).toBe(365);
  });

  it('is in the journal with its values', async () => {
    const graph = await aGraph(user);
    const journal = async () => (await rowCounts(app))['journal']!;
    const before = await journal();
    await user.put(POLICY, { keep_last: 5 });
    await user.delete(`${GRAPHS}/${graph.id}/backup-policy`);
    expect(await journal()).toBe(before + 2);
  });
});

it('goes with the account', async () => {
  await user.put(POLICY, { keep_last: 3 });
  const admin = await app.admin();
  expect((await admin.delete(`/api/v1/users/${user.userId}`)).status).toBe(204);
  const rows = () => rawSql(app.place, 'SELECT user_key FROM policies ORDER BY user_key');
  const before = (await rows()).length;
  await (
    await app.service.app.get(JobRunner).trigger('housekeeping')
  ).ended;
  expect((await rows()).length).toBe(before - 1);
});

describe('a preview', () => {
  it('tells for each version whether it would stay, and by which rules, and changes nothing', async () => {
    const graph = await aHistory(app, user, 6);
    await user.send('PATCH', `${GRAPHS}/${graph.id}/versions/2`, { label: 'kept' });
    await user.send('PATCH', `${GRAPHS}/${graph.id}/versions/3`, { pinned: true });
    const before = await rowCounts(app);
    const policy = { ...NOTHING, keep_last: 2 };
    const answer = await user.post(`${GRAPHS}/${graph.id}/backup-policy/preview`, { policy });
    expect(answer.status).toBe(200);
    const preview = answer.json<VerdictsJson>();
    expect(Object.fromEntries(preview.versions.map(({ version, reasons }) => [version, reasons]))).toEqual({
      6: ['newest', 'last'],
      5: ['last'],
      4: [],
      3: ['pinned'],
      2: ['labelled'],
      1: [],
    });
    expect(preview.versions.map(({ version, kept }) => [version, kept]).filter(([, kept]) => !kept)).toEqual([
      [4, false],
      [1, false],
    ]);
    expect(preview).toMatchObject({
      kept: 4,
      removed: 2,
      policy: { keep_last: 2, levels: { keep_last: 'graph' } },
    });
    expect(preview.removed_bytes).toBeGreaterThan(0);
    expect(await rowCounts(app)).toEqual(before);
    expect((await user.get(`${GRAPHS}/${graph.id}/backup-policy`)).json()).toMatchObject(BUILT_IN);
    const present = (await user.post(`${GRAPHS}/${graph.id}/backup-policy/preview`, {})).json<VerdictsJson>();
    expect(present).toMatchObject({ kept: 6, removed: 0 });
  });

  it('of the account tells it for every graph, the bin included; what a graph says for itself goes before', async () => {
    const graphs = [await aHistory(app, user, 4), await aHistory(app, user, 4), await aHistory(app, user, 4)];
    await user.delete(`${GRAPHS}/${graphs[1]!.id}`);
    await user.put(`${GRAPHS}/${graphs[2]!.id}/backup-policy`, { keep_last: 3 });
    const before = await rowCounts(app);
    const answer = await user.post(`${POLICY}/preview`, { policy: { ...NOTHING, keep_last: 1 } });
    expect(answer.status).toBe(200);
    const preview = answer.json<{
      kept: number;
      removed: number;
      policy: PolicyJson;
      graphs: VerdictsJson[];
    }>();
    expect(preview).toMatchObject({ kept: 5, removed: 8, policy: { keep_last: 1 } });
    const kept = Object.fromEntries(preview.graphs.map((graph) => [graph.graph_id, graph.kept]));
    expect(kept).toEqual({ [graphs[0]!.id]: 1, [graphs[1]!.id]: 1, [graphs[2]!.id]: 3 });
    expect(await rowCounts(app)).toEqual(before);
  });

  it('of an empty account is empty', async () => {
    const answer = await user.post(`${POLICY}/preview`, {});
    expect(answer.json()).toMatchObject({ graphs: [], kept: 0, removed: 0, removed_bytes: 0 });
  });
});
