import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, versionsOf, type GraphJson } from '../support/graphs';
import { aSource, itemsOf, runsOf, sync } from '../support/sources';
import type { FakeGraph } from '../support/tools/connector-case';
import { GRAFANA_LEGACY_CASE, GRAFANA_RESOURCE_CASE } from '../support/tools/grafana-cases';
import { LANGFLOW_CASE } from '../support/tools/langflow-case';
import { FakeN8n } from '../support/tools/n8n-case';

const QUOTA_BYTES = 5_000;

let app: TestApp;
let n8n: FakeN8n;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp({ USER_QUOTA_BYTES: String(QUOTA_BYTES) });
});
afterAll(() => app.close());
beforeEach(async () => {
  n8n = await FakeN8n.start();
  user = await app.aUser();
});
afterEach(() => n8n.tool.close());

const nodes = (value: number, bytes = 0) => `[{"name":"Start","v":${value},"text":"${'x'.repeat(bytes)}"}]`;
const connect = () =>
  aSource(user, { kind: 'n8n', url: n8n.tool.url, credentials: { api_key: 'right' }, every_minutes: 1_440 });
const graphs = async () => (await user.get(GRAPHS)).json<GraphJson[]>();

/** The value in each version of a graph, and how it came, oldest first. */
async function history(id: string): Promise<Array<[number, string]>> {
  const versions = (await versionsOf(user, id)).reverse();
  const values = versions.map(async ({ version, change }): Promise<[number, string]> => {
    const text = (await user.get(`${GRAPHS}/${id}/versions/${version}`)).configBytes.toString();
    return [Number(/"v":(\d+)/.exec(text)![1]), change];
  });
  return Promise.all(values);
}

/** Lets n8n fail from the n-th request for an earlier state on; returns what makes it work again. */
function failFromState(n: number): () => void {
  const { handle } = n8n.tool;
  let asked = 0;
  n8n.tool.handle = (call) => {
    if (call.url.includes('/versions/') && (asked += 1) >= n) return { status: 500, json: {} };
    return handle(call);
  };
  return () => void (n8n.tool.handle = handle);
}

describe('the first import', () => {
  it('takes over the history of the tool, with its times', async () => {
    for (const value of [1, 2, 3]) n8n.save('one', nodes(value));
    await connect();
    const [graph] = await graphs();
    expect(await history(graph!.id)).toEqual([
      [1, 'imported'],
      [2, 'imported'],
      [3, 'updated'],
    ]);
    const times = (await versionsOf(user, graph!.id)).map(({ created_at }) => Date.parse(created_at));
    expect(times.at(-1)).toBeLessThan(times.at(-2)!);
    expect(graph!.created_at < new Date(app.clock.now()).toISOString()).toBe(true);
  });

  it.each([GRAFANA_LEGACY_CASE, GRAFANA_RESOURCE_CASE, LANGFLOW_CASE])(
    'takes over the history of $name byte for byte, where it failed before too',
    async (tried) => {
      const fake = await tried.start();
      const { url, options, credentials } = fake;
      const tool = fake.tool!;
      const put: FakeGraph[] = [];
      for (const content of [1, 2, 2, 3, 4]) put.push(await fake.put('one', content));
      const { handle } = tool;
      // Earlier states: by number, or by the resourceVersion of one.
      let asked = 0;
      tool.handle = (call) =>
        /\/versions\/[^?]|resourceVersion=/.test(call.url) && (asked += 1) > 2
          ? { status: 503, json: {} }
          : handle(call);
      const source = await aSource(user, { kind: tried.connector.kind, url, options, credentials });
      expect((await runsOf(user, source.id, 1))[0]).toMatchObject({ status: 'failed' });
      tool.handle = handle;
      expect(await sync(user, source.id)).toMatchObject({ status: 'done', failed: 0 });
      expect(await sync(user, source.id)).toMatchObject({ created: 0, changed: 0, unchanged: 1 });
      const [graph] = await graphs();
      const versions = (await versionsOf(user, graph!.id)).reverse();
      expect(versions.map(({ change }) => change)).toEqual(['imported', 'imported', 'imported', 'updated']);
      const texts = versions.map(async ({ version }) =>
        (await user.get(`${GRAPHS}/${graph!.id}/versions/${version}`)).configBytes.toString(),
      );
      // The third save changed nothing that matters; of equal states, the first is kept.
      expect(await Promise.all(texts)).toEqual([0, 1, 3, 4].map((n) => put[n]!.config));
      const seconds = versions.slice(0, 3).map(({ created_at }) => new Date(created_at).getUTCSeconds());
      expect(seconds).toEqual([1, 2, 4]);
      await fake.close();
    },
  );

  it('is done without if the tool never gives it, so that the present state is stored', async () => {
    for (const value of [1, 2, 3]) n8n.save('one', nodes(value));
    failFromState(1);
    const source = await connect();
    for (let run = 0; run < 2; run += 1)
      expect(await sync(user, source.id)).toMatchObject({ status: 'failed' });
    expect(await graphs()).toEqual([]);
    expect(await sync(user, source.id)).toMatchObject({ status: 'done', created: 1 });
    expect((await history((await graphs())[0]!.id)).map(([value]) => value)).toEqual([3]);
  });

  it('is continued after the tool has failed in the middle, without a state twice or lost', async () => {
    for (const value of [1, 2, 3, 4]) n8n.save('one', nodes(value));
    const works = failFromState(3);
    const source = await connect();
    const [graph] = await graphs();
    expect(await history(graph!.id)).toEqual([[1, 'imported']]);
    works();
    expect(await sync(user, source.id)).toMatchObject({ status: 'done', failed: 0 });
    expect((await history(graph!.id)).map(([value]) => value)).toEqual([1, 2, 3, 4]);
    expect(await sync(user, source.id)).toMatchObject({ created: 0, changed: 0, unchanged: 1 });
    expect(await graphs()).toHaveLength(1);
  });

  it('keeps its graph if an earlier state cannot be stored, and makes no second one', async () => {
    for (const value of [1, 2, 3]) n8n.save('one', nodes(value, 2_000));
    const source = await connect();
    for (let run = 0; run < 2; run += 1) expect(await sync(user, source.id)).toMatchObject({ failed: 1 });
    expect(await graphs()).toHaveLength(1);
    const [graph] = await graphs();
    expect(await itemsOf(user, source.id)).toMatchObject([
      { graph_id: graph!.id, state: 'failed', failure: expect.stringMatching(/quota/i) as string },
    ]);
  });

  it('leaves a graph alone that was deleted in the meantime', async () => {
    for (const value of [1, 2, 3, 4]) n8n.save('one', nodes(value));
    const works = failFromState(3);
    const source = await connect();
    works();
    const [graph] = await graphs();
    await user.delete(`${GRAPHS}/${graph!.id}`);
    expect(await sync(user, source.id)).toMatchObject({ status: 'done', created: 0 });
    expect(await graphs()).toEqual([]);
    await user.post(`${GRAPHS}/${graph!.id}/recover`);
    await sync(user, source.id);
    expect((await history(graph!.id)).at(-1)).toEqual([4, 'updated']);
  });
});

describe('a publication at the tool, which changes nothing else', () => {
  const shown = async () => {
    const [graph] = await graphs();
    return [graph!.status, graph!.version];
  };

  it('is a version with the new status, and the next save without a change is none', async () => {
    n8n.save('one', nodes(0));
    const workflow = n8n.save('one', nodes(1));
    const { id } = await connect();
    expect(await shown()).toEqual(['draft', 2]);
    workflow.active = true;
    expect(await sync(user, id)).toMatchObject({ changed: 1, unchanged: 0 });
    expect(await shown()).toEqual(['active', 3]);
    n8n.save('one', nodes(1)).active = false;
    expect(await sync(user, id)).toMatchObject({ changed: 1, unchanged: 0 });
    n8n.save('one', nodes(1));
    expect(await sync(user, id)).toMatchObject({ changed: 0, unchanged: 1 });
    expect(await shown()).toEqual(['draft', 4]);
  });

  it('waits until the last version is `min_minutes` old', async () => {
    const workflow = n8n.save('one', nodes(1));
    const { id } = await aSource(user, {
      ...{ kind: 'n8n', url: n8n.tool.url, credentials: { api_key: 'right' }, every_minutes: 1_440 },
      options: { min_minutes: 10 },
    });
    workflow.active = true;
    expect(await sync(user, id)).toMatchObject({ unchanged: 1 });
    app.clock.advance(11 * 60_000);
    expect(await sync(user, id)).toMatchObject({ changed: 1 });
    expect(await shown()).toEqual(['active', 2]);
  });

  it('does not overwrite a graph that was changed here', async () => {
    const workflow = n8n.save('one', nodes(1));
    const { id } = await connect();
    const [graph] = await graphs();
    await user.put(`${GRAPHS}/${graph!.id}`, { config: { mine: true }, status: 'archived' });
    workflow.active = true;
    expect(await sync(user, id)).toMatchObject({ changed: 0, unchanged: 1 });
    expect(await shown()).toEqual(['archived', 2]);
  });
});
