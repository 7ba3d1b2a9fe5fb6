import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph, aGraphOf, rowCounts, sha256, versionsOf, type GraphJson } from '../support/graphs';
import { expectProblem } from '../support/problem';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const DAY_MS = 86_400_000;
const NOWHERE = `${GRAPHS}/00000000-0000-7000-8000-000000000000`;

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp();
  user = await app.aUser();
});
afterAll(() => app.close());

const pathOf = ({ id }: GraphJson) => `${GRAPHS}/${id}`;
const changes = async (id: string) => (await versionsOf(user, id)).map(({ change }) => change);

describe('making a graph', () => {
  it('answers 201 with the whole graph and its address', async () => {
    const body = { title: 'Order intake', description: 'From the shop.', status: 'active', config: [1] };
    const answer = await user.post(GRAPHS, body);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    const graph = answer.json<GraphJson>();
    expect(graph).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      user_id: user.userId,
      ...body,
      version: 1,
      config_bytes: 3,
      config_sha256: sha256('[1]'),
      created_at: expect.stringMatching(TIME),
      updated_at: graph.created_at,
      deleted_at: null,
      purge_at: null,
      backup_status: 'pending',
    });
    expect(answer.headers.get('location')).toBe(`${GRAPHS}/${graph.id}`);
    expect((await user.get(answer.headers.get('location') ?? '')).json()).toEqual(graph);
  });

  it('needs a title only: the config is {} then, the status draft, the description null', async () => {
    const graph = await aGraph(user, { title: 'Bare' });
    expect(graph).toMatchObject({ config: {}, status: 'draft', description: null, config_bytes: 2 });
    expect(graph.config_sha256).toBe(sha256('{}'));
  });

  it.each([
    ['one character', 'x'],
    ['200 characters', 'é'.repeat(200)],
    ['200 characters outside the basic plane', '😀'.repeat(200)],
    ['line ends, tabs and quotes', 'a\nb\tc"d\\e\u2028'],
    ['what looks like an injection', `'; DROP TABLE graphs; --`],
  ])('keeps a title of %s', async (_, title) => {
    const graph = await aGraph(user, { title });
    expect((await user.get(pathOf(graph))).json<GraphJson>().title).toBe(title);
  });

  it.each(['', 'x'.repeat(10_000), '😀'.repeat(10_000)])(
    'keeps a description of any length up to 10,000',
    async (description) => {
      const graph = await aGraph(user, { description });
      expect((await user.get(pathOf(graph))).json<GraphJson>().description).toBe(description);
    },
  );
});

describe('reading a graph', () => {
  it('answers it the same, with a slash at the end and with its id in capitals', async () => {
    const graph = await aGraph(user);
    for (const path of [pathOf(graph), `${pathOf(graph)}/`, `${GRAPHS}/${graph.id.toUpperCase()}`]) {
      expect((await user.get(path)).json()).toEqual(graph);
    }
  });

  it('answers 404 for an id that names nothing', async () => {
    expectProblem(await user.get(NOWHERE), 404, 'not-found');
  });
});

describe('changing a graph', () => {
  const whole = { title: 'Before', description: 'Then.', status: 'active', config: { a: 1 } };

  it.each([
    ['title', 'After'],
    ['description', 'Now.'],
    ['description', null],
    ['description', ''],
    ['status', 'archived'],
    ['config', { a: 2 }],
    ['config', []],
  ])('changes only the %s when only that is sent (%j)', async (field, value) => {
    const before = await aGraph(user, whole);
    const answer = await user.put(pathOf(before), { [field]: value });
    expect(answer.status).toBe(200);
    const { updated_at, config_bytes, config_sha256, ...after } = answer.json<GraphJson>();
    expect({ config_bytes: after.config, ...after }).toMatchObject({ ...whole, [field]: value, version: 2 });
    expect(config_sha256).toBe(sha256(JSON.stringify(after.config)));
    expect(config_bytes).toBe(JSON.stringify(after.config).length);
    expect(after.created_at).toBe(before.created_at);
    expect(Date.parse(updated_at)).toBeGreaterThanOrEqual(Date.parse(before.updated_at));
    expect((await user.get(pathOf(before))).json()).toEqual(answer.json());
    expect(await changes(before.id)).toEqual(['updated', 'created']);
  });

  it('makes no version and writes nothing when nothing changed', async () => {
    const before = await aGraph(user, whole);
    const rows = await rowCounts(app);
    for (const body of [{}, { title: 'Before' }, whole]) {
      const answer = await user.put(pathOf(before), body);
      expect(answer.status).toBe(200);
      expect(answer.json()).toEqual(before);
    }
    expect(await rowCounts(app)).toEqual(rows);
  });

  it('counts a config that means the same but is written differently as a change', async () => {
    const graph = await aGraphOf(user, '{"a":1}');
    for (const [index, config] of ['{"a": 1}', '{"a":1.0}', '{"\\u0061":1}', '{"a":1,"a":1}'].entries()) {
      const answer = await user.put(pathOf(graph), `{"config":${config}}`);
      expect(answer.configBytes.toString()).toBe(config);
      expect(answer.json<GraphJson>().version).toBe(index + 2);
    }
  });

  it('lets a status and a title come back to what they were as versions of their own', async () => {
    const graph = await aGraph(user, whole);
    await user.put(pathOf(graph), { status: 'draft', title: 'Between' });
    await user.put(pathOf(graph), { status: 'active', title: 'Before' });
    expect((await versionsOf(user, graph.id)).map(({ status, title }) => [status, title])).toEqual([
      ['active', 'Before'],
      ['draft', 'Between'],
      ['active', 'Before'],
    ]);
  });

  it('keeps every change when many come at once', async () => {
    const graph = await aGraph(user);
    const writers = 20;
    const answers = await Promise.all(
      Array.from({ length: writers }, (_, n) => user.put(pathOf(graph), { config: { n } })),
    );
    const answered = answers.map((answer) => answer.json<GraphJson>());
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(answered.map(({ version }) => version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: writers }, (_, n) => n + 2),
    );
    for (const { version, config } of answered) {
      const read = await user.get(`${pathOf(graph)}/versions/${version}`);
      expect(read.json<GraphJson>().config).toEqual(config);
    }
  });

  it('answers 404 for an id that names nothing', async () => {
    expectProblem(await user.put(NOWHERE, { title: 'x' }), 404, 'not-found');
  });
});

describe('deleting and recovering a graph', () => {
  it('answers the deleted graph with the time until which it can be recovered, then 404', async () => {
    const graph = await aGraph(user, { config: { a: 1 } });
    const answer = await user.delete(pathOf(graph));
    expect(answer.status).toBe(200);
    const deleted = answer.json<GraphJson>();
    const times = { updated_at: deleted.deleted_at, deleted_at: expect.stringMatching(TIME) as string };
    expect(deleted).toEqual({ ...graph, ...times, version: 2, purge_at: expect.stringMatching(TIME) });
    expect(Date.parse(deleted.purge_at ?? '') - Date.parse(deleted.deleted_at ?? '')).toBe(30 * DAY_MS);
    for (const gone of [
      await user.get(pathOf(graph)),
      await user.get(`${pathOf(graph)}/versions`),
      await user.get(`${pathOf(graph)}/versions/1`),
      await user.put(pathOf(graph), { title: 'x' }),
      await user.delete(pathOf(graph)),
    ]) {
      expectProblem(gone, 404, 'not-found');
    }
  });

  it('brings the graph back as it was, and keeps both steps as versions', async () => {
    const graph = await aGraph(user, { description: 'd', status: 'active', config: { a: 1 } });
    await user.delete(pathOf(graph));
    const answer = await user.post(`${pathOf(graph)}/recover`);
    expect(answer.status).toBe(200);
    const recovered = answer.json<GraphJson>();
    expect(recovered).toEqual({ ...graph, version: 3, updated_at: expect.stringMatching(TIME) });
    expect((await user.get(pathOf(graph))).json()).toEqual(recovered);
    expect(await changes(graph.id)).toEqual(['recovered', 'deleted', 'created']);
    expect((await user.put(pathOf(graph), { title: 'Goes on' })).json<GraphJson>().version).toBe(4);
  });

  it('refuses to recover a graph that is not deleted with 409, and writes nothing', async () => {
    const graph = await aGraph(user);
    const rows = await rowCounts(app);
    expectProblem(await user.post(`${pathOf(graph)}/recover`), 409, 'not-deleted');
    await user.delete(pathOf(graph));
    await user.post(`${pathOf(graph)}/recover`);
    expectProblem(await user.post(`${pathOf(graph)}/recover`), 409, 'not-deleted');
    expect((await rowCounts(app))['versions']).toBe((rows['versions'] ?? 0) + 2);
  });

  it('gives one of two recoveries that come at once 409', async () => {
    const graph = await aGraph(user);
    await user.delete(pathOf(graph));
    const both = await Promise.all([1, 2].map(() => user.post(`${pathOf(graph)}/recover`)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('answers 404 for an id that names nothing', async () => {
    expectProblem(await user.delete(NOWHERE), 404, 'not-found');
    expectProblem(await user.post(`${NOWHERE}/recover`), 404, 'not-found');
  });
});

describe('a clock that is set', () => {
  const own: TestApp[] = [];
  afterEach(async () => {
    for (const started of own.splice(0)) await started.close();
  });

  async function started(environment: Record<string, string> = {}): Promise<TestApp> {
    const one = await startApp(environment);
    own.push(one);
    return one;
  }

  it('puts a graph out of reach once its purge_at has come', async () => {
    const later = await started({ DELETED_RETENTION_DAYS: '2' });
    later.clock.stop();
    let owner = await later.aUser();
    const graph = await aGraph(owner);
    later.clock.advance(1_000);
    const deleted = (await owner.delete(pathOf(graph))).json<GraphJson>();
    expect(Date.parse(deleted.purge_at ?? '')).toBe(later.clock.now() + 2 * DAY_MS);

    later.clock.advance(2 * DAY_MS - 1);
    owner = await owner.signInAgain();
    expect((await owner.get(`${GRAPHS}?deleted=only`)).json<GraphJson[]>()).toHaveLength(1);
    expect((await owner.get(`${pathOf(graph)}?at=${graph.created_at}`)).status).toBe(200);

    later.clock.advance(1);
    expectProblem(await owner.post(`${pathOf(graph)}/recover`), 404, 'not-found');
    expectProblem(await owner.get(`${pathOf(graph)}?at=${graph.created_at}`), 404, 'not-found');
    for (const deletedToo of ['only', 'include', 'exclude']) {
      const list = await owner.get(`${GRAPHS}?deleted=${deletedToo}`);
      expect(list.json()).toEqual([]);
      expect(list.headers.get('x-total-count')).toBe('0');
    }
  });

  it('lets a graph be recovered in the last moment', async () => {
    const later = await started({ DELETED_RETENTION_DAYS: '1' });
    later.clock.stop();
    let owner = await later.aUser();
    const graph = await aGraph(owner);
    await owner.delete(pathOf(graph));
    later.clock.advance(DAY_MS - 1);
    owner = await owner.signInAgain();
    expect((await owner.post(`${pathOf(graph)}/recover`)).status).toBe(200);
    later.clock.advance(DAY_MS);
    owner = await owner.signInAgain();
    expect((await owner.get(pathOf(graph))).status).toBe(200);
  });

  it('never puts versions out of order when it is set back', async () => {
    const back = await started();
    back.clock.stop();
    const owner = await back.aUser();
    const graph = await aGraph(owner);
    back.clock.advance(-30_000);
    const updated = (await owner.put(pathOf(graph), { title: 'Later' })).json<GraphJson>();
    expect(updated.updated_at).toBe(graph.updated_at);
    const then = await owner.get(`${pathOf(graph)}?at=${updated.updated_at}`);
    expect(then.json<GraphJson>().version).toBe(2);
  });
});
