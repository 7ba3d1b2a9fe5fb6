import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import {
  GRAPHS,
  aGraph,
  aGraphOf,
  sha256,
  versionsOf,
  type GraphJson,
  type VersionJson,
} from '../support/graphs';
import { expectFaults, expectProblem } from '../support/problem';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  app.clock.stop();
  user = await app.aUser();
});

const pathOf = ({ id }: { id: string }) => `${GRAPHS}/${id}`;
const iso = (ms: number) => new Date(ms).toISOString();
const at = (graph: GraphJson, time: string) => user.get(`${pathOf(graph)}?at=${encodeURIComponent(time)}`);

/** A graph with this many versions, a second apart; the config of version n is `[n]`. */
async function withVersions(count: number): Promise<GraphJson> {
  const graph = await aGraphOf(user, '[1]', 'Version 1');
  for (let n = 2; n <= count; n += 1) {
    app.clock.advance(1_000);
    await user.put(pathOf(graph), { title: `Version ${n}`, config: [n] });
  }
  return graph;
}

describe('the list of versions', () => {
  it('shows each version without its config, newest first', async () => {
    const graph = await aGraphOf(user, '[1]', 'First');
    app.clock.advance(5);
    await user.put(pathOf(graph), { title: 'Second', status: 'active', config: [1, 2] });
    const answer = await user.get(`${pathOf(graph)}/versions`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-total-count')).toBe('2');
    const common = {
      author_id: user.userId,
      label: null,
      pinned: false,
      restored_from: null,
      backup_status: 'pending',
      created_at: expect.stringMatching(TIME) as string,
    };
    expect(answer.json()).toEqual([
      {
        ...common,
        version: 2,
        change: 'updated',
        title: 'Second',
        status: 'active',
        config_bytes: 5,
        config_sha256: sha256('[1,2]'),
      },
      {
        ...common,
        version: 1,
        change: 'created',
        title: 'First',
        status: 'draft',
        config_bytes: 3,
        config_sha256: sha256('[1]'),
        created_at: graph.created_at,
      },
    ]);
  });

  it('is split by limit, skip and the cursor, also while versions are added', async () => {
    const graph = await withVersions(7);
    const numbers = async (path: string) => {
      const answer = await user.get(path);
      const next = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
      return { seen: answer.json<VersionJson[]>().map(({ version }) => version), next };
    };
    const first = await numbers(`${pathOf(graph)}/versions?limit=3`);
    expect(first.seen).toEqual([7, 6, 5]);
    await user.put(pathOf(graph), { title: 'Version 8' });
    const second = await numbers(first.next ?? '');
    expect(second.seen).toEqual([4, 3, 2]);
    const third = await numbers(second.next ?? '');
    expect(third).toEqual({ seen: [1], next: undefined });
    expect((await numbers(`${pathOf(graph)}/versions?limit=2&skip=3`)).seen).toEqual([5, 4]);
    expect((await numbers(`${pathOf(graph)}/versions?skip=8`)).seen).toEqual([]);
  });

  it.each(['limit=0', 'limit=501', 'skip=-1', 'limit=x', 'after=garbage', 'sort=version', 'at=now'])(
    'answers 400 for %s',
    async (query) => {
      const graph = await aGraph(user);
      expectFaults(await user.get(`${pathOf(graph)}/versions?${query}`), [query.split('=')[0] ?? '']);
    },
  );

  it.each([[[1.5]], [[3_000_000_000]], [[1e300]], [['1']], [[]], [null]])(
    'answers 400 for the cursor %j',
    async (values) => {
      const graph = await aGraph(user);
      const after = Buffer.from(JSON.stringify(values)).toString('base64url');
      expectFaults(await user.get(`${pathOf(graph)}/versions?after=${after}`), ['after']);
    },
  );
});

describe('one version', () => {
  it('is whole: with its own title, description, status and config', async () => {
    const graph = await aGraph(user, {
      title: 'Old',
      description: 'then',
      status: 'active',
      config: { a: 1 },
    });
    await user.put(pathOf(graph), { title: 'New', description: null, status: 'archived', config: [] });
    const [second, first] = await versionsOf(user, graph.id);
    const answer = await user.get(`${pathOf(graph)}/versions/1`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.json()).toEqual({ ...first, title: 'Old', description: 'then', config: { a: 1 } });
    const newer = (await user.get(`${pathOf(graph)}/versions/2`)).json();
    expect(newer).toEqual({ ...second, description: null, config: [] });
  });

  it('keeps the description over changes of other fields', async () => {
    const graph = await aGraph(user, { description: 'stays' });
    await user.put(pathOf(graph), { status: 'active' });
    await user.put(pathOf(graph), { config: [1] });
    await user.put(pathOf(graph), { description: 'changes' });
    const read = async (version: number) =>
      (await user.get(`${pathOf(graph)}/versions/${version}`)).json<VersionJson>().description;
    expect([await read(1), await read(2), await read(3), await read(4)]).toEqual([
      ...['stays', 'stays', 'stays', 'changes'],
    ]);
  });

  it.each([
    '0',
    '-1',
    '3',
    '1.5',
    '1.0',
    '01',
    '+1',
    '1e0',
    'abc',
    'latest',
    '999999999999',
    '٣',
    '%31%20',
    'NaN',
  ])('answers 404 for the number %s', async (number) => {
    const graph = await withVersions(2);
    expectProblem(await user.get(`${pathOf(graph)}/versions/${number}`), 404, 'not-found');
  });

  it('stays the same whatever happens to the graph later', async () => {
    const graph = await withVersions(2);
    const before = await user.get(`${pathOf(graph)}/versions/1`);
    await user.put(pathOf(graph), { title: 'Other', description: 'Other', status: 'archived', config: {} });
    await user.delete(pathOf(graph));
    await user.post(`${pathOf(graph)}/recover`);
    expect((await user.get(`${pathOf(graph)}/versions/1`)).text).toBe(before.text);
  });
});

describe('the state at a time', () => {
  it('is the version that was there: between two, and exactly at the time of one', async () => {
    const graph = await withVersions(3);
    const start = Date.parse(graph.created_at);
    for (const [ms, version] of [
      [0, 1],
      [1, 1],
      [999, 1],
      [1_000, 2],
      [1_500, 2],
      [2_000, 3],
    ] as const) {
      const answer = await at(graph, iso(start + ms));
      expect(answer.status).toBe(200);
      expect(answer.json()).toMatchObject({
        id: graph.id,
        version,
        title: `Version ${version}`,
        config: [version],
        config_sha256: sha256(`[${version}]`),
        created_at: graph.created_at,
        updated_at: iso(start + (version - 1) * 1_000),
        deleted_at: null,
        purge_at: null,
      });
    }
  });

  it('is the last of several versions of one and the same millisecond', async () => {
    const graph = await aGraphOf(user, '[1]');
    await user.put(pathOf(graph), { config: [2] });
    await user.put(pathOf(graph), { config: [3] });
    expect((await at(graph, graph.created_at)).json<GraphJson>().config).toEqual([3]);
  });

  it('takes any zone and precision of ISO 8601, and cuts what is finer than a millisecond', async () => {
    const minute = Math.ceil(app.clock.now() / 60_000) * 60_000;
    app.clock.stop(minute + 500);
    const graph = await aGraphOf(user, '[1]');
    app.clock.advance(60_000);
    // The clock that people in a zone so many minutes east would read, with the zone behind it.
    const local = (ms: number, minutes: number, zone: string) =>
      `${iso(ms + minutes * 60_000).slice(0, -1)}${zone}`;
    const second = iso(minute).slice(0, -'.000Z'.length);
    for (const [time, status] of [
      [`${second}.500Z`, 200],
      [`${second}.5Z`, 200],
      [iso(minute + 1_000), 200],
      [local(minute + 500, 120, '+02:00'), 200],
      [local(minute + 500, -330, '-05:30'), 200],
      [`${second}.500999999Z`, 200],
      [`${second}Z`, 422],
      [local(minute + 499, 60, '+01:00'), 422],
      [`${second}.499999Z`, 422],
    ] as const) {
      expect([time, (await at(graph, time)).status]).toEqual([time, status]);
    }
  });

  it('is refused with 422 before the first version and in the future, with the window that can be reached', async () => {
    const graph = await withVersions(2);
    app.clock.advance(5_000);
    const now = app.clock.now();
    for (const time of [Date.parse(graph.created_at) - 1, 0, now + 1, now + 1e12]) {
      const problem = expectProblem(await at(graph, iso(time)), 422, 'time-out-of-reach');
      expect(problem.detail).toContain(graph.created_at);
      expect(problem.detail).toContain(iso(now));
    }
    expect((await at(graph, iso(now))).status).toBe(200);
    expectProblem(await at(graph, '0001-01-01T00:00:00Z'), 422);
    expectProblem(await at(graph, '9999-12-31T23:59:59.999Z'), 422);
  });

  it('is 404 for a time at which the graph was deleted, and the state for the times before and after', async () => {
    const graph = await aGraphOf(user, '[1]');
    const start = Date.parse(graph.created_at);
    app.clock.advance(1_000);
    await user.delete(pathOf(graph));
    app.clock.advance(1_000);
    await user.post(`${pathOf(graph)}/recover`);
    app.clock.advance(1_000);
    expect((await at(graph, iso(start + 999))).json<GraphJson>().version).toBe(1);
    expectProblem(await at(graph, iso(start + 1_000)), 404);
    expectProblem(await at(graph, iso(start + 1_999)), 404);
    expect((await at(graph, iso(start + 2_000))).json<GraphJson>().version).toBe(3);
  });

  it('can still be read of a graph that was deleted since, while it can be recovered', async () => {
    const graph = await withVersions(2);
    app.clock.advance(1_000);
    await user.delete(pathOf(graph));
    app.clock.advance(1_000);
    const then = await at(graph, graph.created_at);
    expect(then.status).toBe(200);
    expect(then.json()).toMatchObject({ version: 1, config: [1], deleted_at: null, purge_at: null });
    expectProblem(await at(graph, iso(app.clock.now())), 404);
  });

  it.each([
    ['', 'nothing'],
    ['yesterday', 'a word'],
    ['1795421123', 'a Unix time'],
    ['2026-11-23', 'a day'],
    ['2026-11-23T09:15:00', 'a time without a zone'],
    ['2026-11-23T09:15:00 01:00', 'a plus that became a space'],
    ['2026-02-30T00:00:00Z', 'a day no calendar has'],
    ['2025-02-29T00:00:00Z', 'a leap day in another year'],
    ['2026-13-01T00:00:00Z', 'a thirteenth month'],
    ['2026-11-23T24:00:00Z', 'hour 24'],
    ['2026-11-23T09:60:00Z', 'minute 60'],
    ['2026-11-23T09:15:60Z', 'second 60'],
    ['2026-11-23T09:15:00+99:00', 'a zone no country has'],
    ['+002026-11-23T09:15:00Z', 'a year of six digits'],
    ['2026-11-23T09:15:00Zx', 'something behind it'],
    ['2026-11-23T09:15:00Z\n', 'a line end behind it'],
  ])('answers 400 for %j (%s)', async (time) => {
    expectFaults(await at(await aGraph(user), time), ['at']);
  });

  it('answers 400 for a time given twice and for other parameters', async () => {
    const graph = await aGraph(user);
    const time = graph.created_at;
    expectFaults(await user.get(`${pathOf(graph)}?at=${time}&at=${time}`), ['at']);
    expectFaults(await user.get(`${pathOf(graph)}?version=1`), ['version']);
    expectFaults(await user.get(`${pathOf(graph)}?time=${time}`), ['time']);
  });
});
