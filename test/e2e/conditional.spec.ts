import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph, rowCounts, type GraphJson } from '../support/graphs';
import { expectProblem } from '../support/problem';

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp();
  user = await app.aUser();
});
afterAll(() => app.close());

const pathOf = ({ id }: GraphJson) => `${GRAPHS}/${id}`;
const etagOf = ({ version, config_sha256 }: GraphJson) => `"${version}-${config_sha256.slice(0, 16)}"`;
const httpDate = (time: string) => new Date(time).toUTCString();

describe('the tag and date of a graph', () => {
  it('go with every answer that is a graph: made, read, changed, deleted, recovered', async () => {
    const made = await user.post(GRAPHS, { title: 'Tagged', config: { a: 1 } });
    const path = pathOf(made.json<GraphJson>());
    const answers = [
      made,
      await user.get(path),
      await user.put(path, { config: { a: 2 } }),
      await user.put(path, { title: 'Tagged' }),
      await user.delete(path),
      await user.post(`${path}/recover`),
      await user.get(`${path}?at=${made.json<GraphJson>().created_at}`),
    ];
    for (const answer of answers) {
      const graph = answer.json<GraphJson>();
      expect(answer.headers.get('etag')).toBe(etagOf(graph));
      expect(answer.headers.get('last-modified')).toBe(httpDate(graph.updated_at));
    }
  });

  it('change with the title too, which is not part of the config', async () => {
    const graph = await aGraph(user);
    const changed = await user.put(pathOf(graph), { title: 'Another' });
    expect(changed.json<GraphJson>().config_sha256).toBe(graph.config_sha256);
    expect(changed.headers.get('etag')).not.toBe(etagOf(graph));
  });
});

describe('If-None-Match', () => {
  it('answers 304 without a body, with the tag, while the graph is the same', async () => {
    const graph = await aGraph(user, { config: { a: 1 } });
    const etag = etagOf(graph);
    for (const known of [
      etag,
      `W/${etag}`,
      `"other", ${etag}`,
      `"a","b",${etag},"c"`,
      `"with, a comma", ${etag}`,
      '*',
      ' * ',
    ]) {
      const answer = await user.get(pathOf(graph), { 'if-none-match': known });
      expect([known, answer.status]).toEqual([known, 304]);
      expect(answer.bytes).toHaveLength(0);
      expect(answer.headers.get('etag')).toBe(etag);
      expect(answer.headers.get('content-type')).toBeNull();
    }
  });

  it('answers the graph when it is another, and for tags that are none', async () => {
    const graph = await aGraph(user, { config: { a: 1 } });
    const etag = etagOf(graph);
    await user.put(pathOf(graph), { config: { a: 2 } });
    for (const known of [
      etag,
      `W/${etag}`,
      '""',
      '"x"',
      etag.slice(1, -1),
      '',
      ',,,',
      `"x${etag.slice(1)}`,
    ]) {
      const answer = await user.get(pathOf(graph), { 'if-none-match': known });
      expect([known, answer.status]).toEqual([known, 200]);
      expect(answer.json<GraphJson>().version).toBe(2);
    }
  });

  it('holds for a state at a time too', async () => {
    const graph = await aGraph(user);
    app.clock.advance(1_000);
    await user.put(pathOf(graph), { title: 'Later' });
    const then = `${pathOf(graph)}?at=${graph.created_at}`;
    expect((await user.get(then, { 'if-none-match': etagOf(graph) })).status).toBe(304);
    expect((await user.get(then, { 'if-none-match': '"2-x"' })).status).toBe(200);
  });

  it('does not hide that a graph is not there', async () => {
    const graph = await aGraph(user);
    await user.delete(pathOf(graph));
    expectProblem(await user.get(pathOf(graph), { 'if-none-match': '*' }), 404);
  });
});

describe('HEAD', () => {
  it.each([
    ['a small graph', 1],
    ['one of several MB, which is sent in parts', 3_000_000],
  ])('answers as GET would, without the body: %s', async (_, letters) => {
    const graph = await aGraph(user, { config: { a: 'x'.repeat(letters) } });
    const [get, head] = [await user.get(pathOf(graph)), await user.head(pathOf(graph))];
    expect(head.status).toBe(200);
    expect(head.bytes).toHaveLength(0);
    for (const name of ['etag', 'last-modified', 'content-type', 'content-length']) {
      expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
    }
    expect(get.headers.get('content-length')).toBe(String(get.bytes.length));
    const known = await user.head(pathOf(graph), { 'if-none-match': etagOf(graph) });
    expect(known.status).toBe(304);
  });

  it('counts a list without sending it, with configs or without', async () => {
    const owner = await app.aUser();
    await aGraph(owner);
    for (const path of [GRAPHS, `${GRAPHS}?include=config,versions`]) {
      const head = await owner.head(path);
      expect([head.status, head.bytes.length, head.headers.get('x-total-count')]).toEqual([200, 0, '1']);
    }
  });

  it('needs a token and an own graph as GET does', async () => {
    const graph = await aGraph(user);
    expect((await app.anonymous.head(pathOf(graph))).status).toBe(401);
    expect((await (await app.aUser()).head(pathOf(graph))).status).toBe(404);
  });
});

describe('If-Match', () => {
  it.each([
    ['PUT', { title: 'Changed' }],
    ['PUT', { title: 'A graph' }],
    ['DELETE', undefined],
  ])('stops a %s of %j with 412 when the tag is stale, and nothing is written', async (method, body) => {
    const graph = await aGraph(user);
    const stale = etagOf(graph);
    await user.put(pathOf(graph), { description: 'somebody was faster' });
    const rows = await rowCounts(app);
    for (const tag of [
      stale,
      `"x", ${stale}`,
      '"2"',
      'x',
      `"2-${'0'.repeat(16)}"`,
      '',
      `${stale.slice(0, -1)}x"`,
    ]) {
      const answer = await user.send(method, pathOf(graph), body, { 'if-match': tag });
      const problem = expectProblem(answer, 412, 'stale-version');
      expect(problem.detail).toContain('2');
    }
    expect(await rowCounts(app)).toEqual(rows);
    expect((await user.get(pathOf(graph))).json()).toMatchObject({ version: 2, title: 'A graph' });
  });

  it('lets a change and a deletion through when the tag is the present one, is in a list, or is *', async () => {
    const graph = await aGraph(user);
    let etag = etagOf(graph);
    for (const [index, tags] of [
      (tag: string) => tag,
      (tag: string) => `"old", ${tag}`,
      () => '*',
    ].entries()) {
      const answer = await user.put(pathOf(graph), { title: `Change ${index}` }, { 'if-match': tags(etag) });
      expect(answer.status).toBe(200);
      etag = answer.headers.get('etag') ?? '';
    }
    expect((await user.delete(pathOf(graph), { 'if-match': etag })).status).toBe(200);
  });

  it('takes a tag that a proxy has made weak by its value: the present one passes, a stale one is 412', async () => {
    const graph = await aGraph(user);
    const tags = `"x", W/${etagOf(graph)}`;
    expect((await user.put(pathOf(graph), { title: 'Changed' }, { 'if-match': tags })).status).toBe(200);
    const again = await user.put(pathOf(graph), { title: 'Again' }, { 'if-match': tags });
    expectProblem(again, 412, 'stale-version');
    expect((await user.get(pathOf(graph))).json()).toMatchObject({ version: 2, title: 'Changed' });
  });

  it('lets exactly one of two through that change the same version', async () => {
    const graph = await aGraph(user);
    const both = await Promise.all(
      ['one', 'two'].map((title) => user.put(pathOf(graph), { title }, { 'if-match': etagOf(graph) })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  it('is 404, not 412, for a graph that is deleted or belongs to somebody else', async () => {
    const graph = await aGraph(user);
    const stranger = await app.aUser();
    const ifMatch = { 'if-match': '"stale"' };
    expectProblem(await stranger.put(pathOf(graph), { title: 'x' }, ifMatch), 404);
    expectProblem(await stranger.delete(pathOf(graph), ifMatch), 404);
    await user.delete(pathOf(graph));
    expectProblem(await user.put(pathOf(graph), { title: 'x' }, ifMatch), 404);
  });

  it('is not needed: the last write wins, and each version is kept', async () => {
    const graph = await aGraph(user);
    await user.put(pathOf(graph), { title: 'one' });
    await user.put(pathOf(graph), { title: 'two' });
    expect((await user.get(`${pathOf(graph)}/versions`)).json()).toHaveLength(3);
  });
});
