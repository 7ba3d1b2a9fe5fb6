import { startApp, type TestApp } from '../support/app';
import { graphBody, type ApiClient } from '../support/client';

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp();
  user = await app.aUser();
});
afterAll(() => app.close());

const node = (id: string, x: number, name = id) => ({
  id,
  type: 'step',
  position: { x, y: 0 },
  data: { label: name },
});
const before = {
  nodes: [node('a', 0), node('b', 200), node('gone', 400)],
  edges: [{ id: '1', source: 'a', target: 'b' }],
};
const after = {
  nodes: [node('a', 0, 'renamed'), node('b', 300), node('new', 400)],
  edges: [{ id: '1', source: 'a', target: 'new' }],
};

async function aGraph(...configs: object[]): Promise<string> {
  const [first, ...others] = configs;
  const { id } = (await user.post('/api/v1/graphs', graphBody('flow', JSON.stringify(first)))).json<{
    id: string;
  }>();
  for (const config of others)
    await user.put(`/api/v1/graphs/${id}`, graphBody('flow', JSON.stringify(config)));
  return id;
}

it('shows what changed in the terms of the graph, by default between the present version and the one before', async () => {
  const id = await aGraph({ nodes: [], edges: [] }, before, after);
  await user.put(`/api/v1/graphs/${id}`, { title: 'another', description: 'new', status: 'active' });
  const diff = await user.get(`/api/v1/graphs/${id}/diff?from=2&to=4`);
  expect(diff.status).toBe(200);
  expect(diff.json()).toMatchObject({
    from: 2,
    to: 4,
    dialect: 'react-flow',
    formatting_only: false,
    summary: {
      nodes_added: 1,
      nodes_removed: 1,
      nodes_changed: 1,
      nodes_moved: 1,
      edges_added: 1,
      edges_removed: 1,
    },
    fields: [
      { field: 'title', from: 'flow', to: 'another' },
      { field: 'description', from: null, to: 'new' },
      { field: 'status', from: 'draft', to: 'active' },
    ],
    nodes: {
      added: [{ id: 'new', type: 'step' }],
      removed: [{ id: 'gone' }],
      changed: [{ id: 'a' }],
      moved: [{ id: 'b' }],
    },
    edges: { added: [{ source: 'a', target: 'new' }], removed: [{ source: 'a', target: 'b' }] },
  });
  const byDefault = (await user.get(`/api/v1/graphs/${id}/diff`)).json();
  expect(byDefault).toMatchObject({ from: 3, to: 4, summary: { nodes_added: 0 }, patch: [] });
});

it('compares a graph with another one of the same owner, and with none of somebody else', async () => {
  const development = await aGraph(before, after);
  const production = await aGraph(before);
  const diff = (await user.get(`/api/v1/graphs/${production}/diff?with=${development}`)).json();
  expect(diff).toMatchObject({ from: 1, to: 2, with: development, summary: { nodes_added: 1 } });
  const other = await app.aUser();
  const theirs = (await other.post('/api/v1/graphs', { title: 'theirs' })).json<{ id: string }>().id;
  expect((await user.get(`/api/v1/graphs/${production}/diff?with=${theirs}`)).status).toBe(404);
  expect((await other.get(`/api/v1/graphs/${production}/diff`)).status).toBe(404);
});

it.each(['diff.svg?from=1&to=2', 'diff.svg', 'picture.svg', 'picture.svg?version=1'])(
  'draws %s as an SVG without script',
  async (path) => {
    const hostile = {
      ...after,
      nodes: [...after.nodes, node('<script>alert(1)</script>', 600, '"><img src=x onerror=alert(1)>')],
    };
    const id = await aGraph(before, hostile);
    const svg = await user.get(`/api/v1/graphs/${id}/${path}`);
    expect(svg.status).toBe(200);
    expect(svg.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(svg.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(svg.text).toMatch(/^<svg [^]*<\/svg>\s*$/);
    expect(svg.text).not.toContain('<script');
    expect(svg.text).not.toContain('<img');
  },
);

it('tells the difference as text and Markdown, with secrets masked unless they are asked for', async () => {
  const withKey = (key: string): object => ({ ...before, nodes: [{ ...node('a', 0), apiKey: key }] });
  const id = await aGraph(withKey('first-key'), withKey('second-key'));
  await user.put(`/api/v1/graphs/${id}`, { title: 'another' });
  const text = await user.get(`/api/v1/graphs/${id}/diff?format=text&from=1&to=3`);
  expect(text.status).toBe(200);
  expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(text.text).toContain('Version 1 → 3\n  title: `flow` → `another`\n');
  expect(text.text).toContain('a: apiKey changed');
  expect(text.text).not.toContain('key`');
  const markdown = await user.get(`/api/v1/graphs/${id}/diff?format=markdown&from=1&to=3&reveal=true`);
  expect(markdown.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
  expect(markdown.text).toContain('- `a`: apiKey `first-key` → `second-key`');
  const other = await app.aUser();
  expect((await other.get(`/api/v1/graphs/${id}/diff?format=text&reveal=true`)).status).toBe(404);
});

it('says so where only the spelling of the JSON differs', async () => {
  const { id } = (await user.post('/api/v1/graphs', graphBody('f', '{"a": 1}'))).json<{ id: string }>();
  await user.put(`/api/v1/graphs/${id}`, graphBody('f', '{ "a":1 }'));
  expect((await user.get(`/api/v1/graphs/${id}/diff`)).json()).toMatchObject({
    dialect: 'json',
    formatting_only: true,
    patch: [],
  });
});

it.each([
  ['diff?from=9', 422],
  ['diff?to=9', 422],
  ['diff?from=0', 400],
  ['diff?from=x', 400],
  ['diff?from=1.5', 400],
  ['diff?more=1', 400],
  ['diff?format=html', 400],
  ['diff?reveal=yes', 400],
  ['diff.svg?format=text', 400],
  ['diff?with=unknown', 404],
  ['diff.svg?from=9', 422],
  ['picture.svg?version=9', 422],
  ['picture.svg?version=-1', 400],
])('refuses %s with %i', async (path, status) => {
  const id = await aGraph(before, after);
  expect((await user.get(`/api/v1/graphs/${id}/${path}`)).status).toBe(status);
});

it('answers a diff of large configs from a worker while other requests go on', async () => {
  const large = (seed: number) => ({
    nodes: Array.from({ length: 2_500 }, (_, i) =>
      node(`n${i}`, i === seed ? -50 : i * 10, `node number ${i} of a large flow`),
    ),
    edges: Array.from({ length: 2_500 }, (_, i) => ({ source: `n${i}`, target: `n${(i + 1) % 2_500}` })),
  });
  const id = await aGraph(large(10), large(20));
  const diff = user.get(`/api/v1/graphs/${id}/diff`);
  const others = await Promise.all(Array.from({ length: 20 }, () => user.get('/api/v1/auth/me')));
  expect(others.every(({ status }) => status === 200)).toBe(true);
  expect((await diff).json()).toMatchObject({ summary: { nodes_moved: 2, nodes_added: 0, edges_added: 0 } });
});

it('counts what changed without sending it, the same each time', async () => {
  const id = await aGraph({ nodes: [], edges: [] }, before, after);
  const whole = (await user.get(`/api/v1/graphs/${id}/diff?from=2&to=3`)).json();
  for (let time = 0; time < 2; time += 1) {
    const answer = await user.get(`/api/v1/graphs/${id}/diff/summary?from=2&to=3`);
    expect(answer.status).toBe(200);
    const { from, to, fields, dialect, formatting_only, summary } = whole;
    expect(answer.json()).toEqual({ from, to, fields, dialect, formatting_only, summary });
  }
  const same = (await user.get(`/api/v1/graphs/${id}/diff/summary?from=3&to=3`)).json<{ summary: object }>();
  expect(Object.values(same.summary)).toEqual(Object.keys(same.summary).map(() => 0));
});

it('draws without a legend, for pages that have their own', async () => {
  const id = await aGraph(before, after);
  for (const path of ['diff.svg', 'picture.svg']) {
    const [whole, bare] = await Promise.all(
      ['true', 'false'].map((legend) => user.get(`/api/v1/graphs/${id}/${path}?legend=${legend}`)),
    );
    expect(whole!.text).toContain('>react-flow: ');
    expect(bare!.text).not.toContain('>react-flow: ');
    expect(bare!.text).toContain('data-node="new"');
    const heightOf = (svg: string) => Number(/ height="(\d+)"/.exec(svg)![1]);
    expect(heightOf(bare!.text)).toBeLessThan(heightOf(whole!.text));
  }
});

it('includes changed nodes as they were, if it is asked to', async () => {
  const id = await aGraph(before, after);
  const path = `/api/v1/graphs/${id}/diff`;
  type Nodes = { nodes: { changed: Array<{ id: string; before?: object }> } };
  const plain = (await user.get(path)).json<Nodes>();
  expect(plain.nodes.changed.map((changed) => 'before' in changed)).toEqual([false]);
  const { nodes } = (await user.get(`${path}?include=before`)).json<Nodes>();
  expect(nodes.changed).toMatchObject([{ id: 'a', before: { data: { label: 'a' } } }]);
});
