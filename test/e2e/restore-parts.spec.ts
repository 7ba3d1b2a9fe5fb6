import { startApp, type TestApp } from '../support/app';
import { graphBody, type ApiClient } from '../support/client';
import { GRAPHS, type GraphJson } from '../support/graphs';

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp();
});
beforeEach(async () => {
  user = await app.aUser();
});
afterAll(() => app.close());

/** Text with spelling that a parser would lose. */
const node = (id: string, x: number) =>
  `{ "id":"${id}", "position" : {"x":${x}.0,"y":0}, "data":{"label":"\\u0041 ${id}"} }`;
const flow = (nodes: string[], edges: string[]) =>
  `{"nodes":[\n${nodes.join(',\n')}\n], "edges":[${edges.join(', ')}], "v":1e400}`;
const edge = (source: string, target: string) =>
  `{"id":"${source}-${target}","source":"${source}", "target":"${target}"}`;

async function aGraph(...configs: string[]): Promise<string> {
  const [first = '{}', ...others] = configs;
  const { id } = (await user.post(GRAPHS, graphBody('flow', first))).json<GraphJson>();
  for (const config of others) await user.put(`${GRAPHS}/${id}`, graphBody('flow', config));
  return id;
}

const whole = flow([node('a', 0), node('b', 1), node('c', 2)], [edge('a', 'b'), edge('b', 'c')]);

describe('partial restore', () => {
  it('brings nodes back with their edges and leaves every other byte', async () => {
    const changed = flow([node('a', 7), node('c', 9), node('d', 3)], [edge('a', 'd')]);
    const id = await aGraph(whole, changed);
    const restored = await user.post(`${GRAPHS}/${id}/restore`, { version: 1, nodes: ['b'] });
    expect(restored.status).toBe(200);
    expect(restored.json()).toMatchObject({ version: 3, title: 'flow', left_out: [], along: [] });
    const expected = flow(
      [node('a', 7), node('b', 1), node('c', 9), node('d', 3)],
      [edge('a', 'd'), edge('a', 'b'), edge('b', 'c')],
    );
    const stored = await user.get(`${GRAPHS}/${id}`);
    expect(stored.configBytes.toString()).toBe(expected);
    const [newest] = (await user.get(`${GRAPHS}/${id}/versions`)).json<object[]>();
    expect(newest).toMatchObject({ version: 3, change: 'restored', restored_from: 1 });
    const [event] = (await user.get(`/api/v1/audit?graph_id=${id}&limit=1`)).json<object[]>();
    expect(event).toMatchObject({ action: 'graph.restored', version: 3, details: { nodes: 1 } });
  });

  it('answers a dry run with the difference and writes nothing', async () => {
    const id = await aGraph(whole, flow([node('a', 0)], []));
    const path = `${GRAPHS}/${id}/restore?dry_run=true`;
    const preview = await user.post(path, { version: 1, nodes: ['c'] });
    expect(preview.status).toBe(200);
    expect(preview.json()).toMatchObject({
      from: 2,
      to: 3,
      fields: [],
      summary: { nodes_added: 1, edges_added: 0 },
      nodes: { added: [{ id: 'c' }] },
      left_out: [
        {
          ...{ source: 'b', source_name: 'A b', target: 'c', target_name: 'A c' },
          reason: 'The node at its other end no longer exists.',
        },
      ],
    });
    const full = await user.post(path, { version: 1 });
    expect(full.json()).toMatchObject({ from: 2, to: 3, summary: { nodes_added: 2, edges_added: 2 } });
    expect((await user.get(`${GRAPHS}/${id}`)).json()).toMatchObject({ version: 2 });
  });

  it('creates no version if the nodes are as they were', async () => {
    const id = await aGraph(
      whole,
      flow([node('a', 0), node('b', 1), node('c', 5)], [edge('a', 'b'), edge('b', 'c')]),
    );
    const same = await user.post(`${GRAPHS}/${id}/restore`, { version: 1, nodes: ['a', 'b'] });
    expect(same.json()).toMatchObject({ version: 2 });
  });

  it('honours If-Match, also for a whole restore', async () => {
    const id = await aGraph(whole, flow([], []));
    const stale = (await user.get(`${GRAPHS}/${id}/versions/1`)).json<{ config_sha256: string }>();
    const headers = { 'if-match': `"1-${stale.config_sha256.slice(0, 16)}"` };
    for (const body of [{ version: 1 }, { version: 1, nodes: ['a'] }]) {
      expect((await user.post(`${GRAPHS}/${id}/restore`, body, headers)).status).toBe(412);
    }
    expect((await user.get(`${GRAPHS}/${id}`)).json()).toMatchObject({ version: 2 });
  });

  it('refuses unknown nodes and files without a graph, and names the reason', async () => {
    const id = await aGraph(whole, flow([], []), '{"plain":[1]}');
    const unknown = await user.post(`${GRAPHS}/${id}/restore`, { version: 1, nodes: ['a', 'zz'] });
    expect(unknown.status).toBe(422);
    const json = await user.post(`${GRAPHS}/${id}/restore`, { version: 1, nodes: ['a'] });
    expect(json.status).toBe(422);
    expect(json.json()).toMatchObject({ type: '/problems/no-graph' });
    expect((await user.get(`${GRAPHS}/${id}`)).json()).toMatchObject({ version: 3 });
  });

  it.each([
    { version: 1, nodes: [] },
    { version: 1, nodes: [1] },
    { version: 1, nodes: 'a' },
    { version: 1, nodes: ['a'], edges: 'all' },
    { version: 1, edges: 'between' },
    { at: '2026-11-23T09:15:00.000Z', nodes: ['a'] },
  ])('answers 400 to %j', async (body) => {
    const id = await aGraph(whole);
    expect((await user.post(`${GRAPHS}/${id}/restore`, body)).status).toBe(400);
  });

  it('finds no graph of another user', async () => {
    const id = await aGraph(whole);
    const other = await app.aUser();
    expect(
      (await other.post(`${GRAPHS}/${id}/restore?dry_run=true`, { version: 1, nodes: ['a'] })).status,
    ).toBe(404);
  });
});

describe('revert', () => {
  const before = flow([node('a', 0), node('b', 1), node('c', 2)], [edge('a', 'b'), edge('b', 'c')]);
  const changed = flow([node('a', 5), node('c', 2)], []);
  const after = flow([node('a', 5), node('c', 9)], []);

  it('takes back one version on top of a later one', async () => {
    const id = await aGraph(before, changed, after);
    const preview = await user.post(`${GRAPHS}/${id}/revert?dry_run=true`, { version: 2 });
    expect(preview.json()).toMatchObject({ from: 3, to: 4, summary: { nodes_added: 1, edges_added: 2 } });
    const reverted = await user.post(`${GRAPHS}/${id}/revert`, { version: 2 });
    expect(reverted.status).toBe(200);
    expect(reverted.json()).toMatchObject({ version: 4, left_out: [] });
    const expected = flow([node('a', 0), node('b', 1), node('c', 9)], [edge('a', 'b'), edge('b', 'c')]);
    const stored = await user.get(`${GRAPHS}/${id}`);
    expect(JSON.parse(stored.configBytes.toString())).toEqual(JSON.parse(expected));
    for (const text of [node('a', 0), node('b', 1), node('c', 9)])
      expect(stored.configBytes.toString()).toContain(text);
    const [newest] = (await user.get(`${GRAPHS}/${id}/versions`)).json<object[]>();
    expect(newest).toMatchObject({ version: 4, change: 'restored', restored_from: 1 });
    const [event] = (await user.get(`/api/v1/audit?graph_id=${id}&limit=1`)).json<object[]>();
    expect(event).toMatchObject({ action: 'graph.restored', version: 4, details: { reverted: 2 } });
  });

  it('gives the bytes of the version before when nothing came later, with the fields', async () => {
    const id = await aGraph(before);
    await user.put(`${GRAPHS}/${id}`, {
      title: 'other',
      status: 'active',
      config: JSON.parse(changed) as object,
    });
    const reverted = await user.post(`${GRAPHS}/${id}/revert`, { version: 2 });
    expect(reverted.json()).toMatchObject({ version: 3, title: 'flow', status: 'draft' });
    expect((await user.get(`${GRAPHS}/${id}`)).configBytes.toString()).toBe(before);
  });

  it('answers 409 with the nodes and fields that were changed again, and writes nothing', async () => {
    const id = await aGraph(before);
    await user.put(`${GRAPHS}/${id}`, graphBody('second', changed));
    await user.put(`${GRAPHS}/${id}`, graphBody('third', flow([node('a', 7), node('c', 2)], [])));
    const refused = await user.post(`${GRAPHS}/${id}/revert`, { version: 2 });
    expect(refused.status).toBe(409);
    expect(refused.json()).toMatchObject({
      type: '/problems/conflict',
      errors: [
        { field: 'title', message: 'was changed again since' },
        { field: 'a/position/x', message: 'was changed again since' },
      ],
    });
    expect((await user.get(`${GRAPHS}/${id}`)).json()).toMatchObject({ version: 3 });
  });

  it('refuses the first version and unknown ones', async () => {
    const id = await aGraph(before, changed);
    expect((await user.post(`${GRAPHS}/${id}/revert`, { version: 1 })).json()).toMatchObject({
      status: 422,
      type: '/problems/no-version-before',
    });
    expect((await user.post(`${GRAPHS}/${id}/revert`, { version: 9 })).status).toBe(422);
    expect((await user.post(`${GRAPHS}/${id}/revert`, {})).status).toBe(400);
    const other = await app.aUser();
    expect((await other.post(`${GRAPHS}/${id}/revert`, { version: 2 })).status).toBe(404);
  });
});
