import { randomBytes } from 'node:crypto';
import { GraphReaderService } from '../../src/graphs/graph-reader.service';
import { HeavyReads } from '../../src/platform/fairness/heavy-reads';
import { RequestsInProgress } from '../../src/platform/fairness/requests-in-progress';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph, type GraphJson } from '../support/graphs';
import { expectProblem } from '../support/problem';
import { collectStatements, type SeenStatement } from '../support/statements';
import { until } from '../support/within';

let app: TestApp;
let user: ApiClient;
let graph: GraphJson;

beforeAll(async () => {
  app = await startApp();
  user = await app.aUser();
  graph = await aGraph(user, { title: 'Found', config: { a: 1 } });
});
afterAll(() => app.close());

it.each([
  '/graphs?q=found',
  '/graphs?skip=1000',
  '/graphs?include=config',
  '/graphs/{id}/versions?skip=1000',
  '/audit',
])(
  'refuses with 429 while too many heavy reads of the user wait, and answers afterwards: %s',
  async (pattern) => {
    const path = pattern.replace('{id}', graph.id);
    const reads = app.service.app.get(HeavyReads);
    let end: () => void = () => undefined;
    const passed = new Promise<void>((resolve) => (end = resolve));
    const held: Promise<unknown>[] = [];
    // One runs, so that those of the request before have ended; the others wait, or are refused.
    await new Promise<void>((resolve) => held.push(reads.run(user.userId!, () => (resolve(), passed))));
    for (let at = 0; at < 40; at += 1)
      held.push(reads.run(user.userId!, () => passed).catch(() => undefined));
    const refused = await user.get(`/api/v1${path}`);
    expectProblem(refused, 429, 'too-many-reads');
    expect(refused.headers.get('retry-after')).toBe('2');
    expect((await user.get(GRAPHS)).status).toBe(200);
    end();
    await Promise.all(held);
    expect((await user.get(`/api/v1${path}`)).status).toBe(200);
  },
);

it('bounds the lists with configs that one user receives at the same time', async () => {
  const reads = app.service.app.get(HeavyReads);
  const ends = Array.from({ length: 16 }, () => reads.beginStream(user.userId!));
  expectProblem(await user.get(`${GRAPHS}?include=config`), 429, 'too-many-reads');
  const at = new Date(app.clock.now()).toISOString();
  const preview = '/api/v1/backup-policy/preview';
  const recover = () => user.post('/api/v1/recovery', { at });
  expectProblem(await user.post(preview, {}), 429, 'too-many-reads');
  expectProblem(await recover(), 429, 'too-many-reads');
  const other = await app.aUser();
  expect((await other.get(`${GRAPHS}?include=config`)).status).toBe(200);
  for (const end of ends) end();
  // Each list that was sent to its end, or asked for by HEAD, is counted no longer.
  for (let times = 0; times < 20; times += 1) {
    expect((await user.get(`${GRAPHS}?include=config`)).status).toBe(200);
    expect((await user.head(`${GRAPHS}?include=config`)).status).toBe(200);
    expect((await user.post(preview, {})).status).toBe(200);
    expect((await recover()).status).toBe(200);
  }
});

it.each([0.4, 1.5])(
  'reads the bytes of a graph of %d MB only when its user has a turn',
  async (megabytes) => {
    const reads = app.service.app.get(HeavyReads);
    const config = { text: randomBytes(megabytes * 500_000).toString('hex') };
    const large = await aGraph(user, { title: 'Large', config });
    const seen = collectStatements();
    const readsBytes = ({ sql }: SeenStatement) => /SELECT .*, head\s+FROM graphs/.test(sql);
    let end: () => void = () => undefined;
    const passed = new Promise<void>((resolve) => (end = resolve));
    const held = reads.run(user.userId!, () => passed);
    const answer = user.get(`${GRAPHS}/${large.id}`);
    await until(0, 'the look at the graph', () =>
      seen.find(({ sql }) => sql.includes('CASE WHEN config_bytes')),
    );
    // Smaller ones don't wait.
    expect((await user.get(`${GRAPHS}/${graph.id}`)).status).toBe(200);
    expect(seen.filter(readsBytes)).toEqual([]);
    end();
    await held;
    expect((await answer).json<GraphJson>().config).toEqual(config);
    expect(seen.filter(readsBytes)).toHaveLength(1);
  },
);

it('knows the user of each request in progress, for which heavy reads of others wait, and forgets the answered ones', async () => {
  const requests = app.service.app.get(RequestsInProgress);
  const reader = app.service.app.get(GraphReaderService);
  const get = reader.get.bind(reader);
  const seen = new Set<string>();
  const look = () => requests.othersDone((id) => void seen.add(id) as unknown as boolean, 0);
  jest.spyOn(reader, 'get').mockImplementation(async (...args) => {
    await look();
    return get(...args);
  });
  const path = `${GRAPHS}/${graph.id}`;
  expect((await user.get(path)).status).toBe(200);
  expect([...seen]).toEqual([user.userId]);
  seen.clear();
  const answers = [
    user.head(path),
    user.get(`${GRAPHS}/unknown`),
    user.post(GRAPHS, { title: 1 }),
    user.get(`${GRAPHS}?include=config`),
    app.anonymous.get(GRAPHS),
    app.anonymous.get('/nowhere'),
  ];
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 404, 400, 200, 401, 404]);
  seen.clear();
  await look();
  expect([...seen]).toEqual([]);
});
