import { startApp, type TestApp } from '../support/app';
import { ApiClient, type ApiAnswer } from '../support/client';
import { GRAPHS, aGraph, rowCounts, versionsOf, type GraphJson } from '../support/graphs';
import { expectProblem } from '../support/problem';
import { handlersOf } from '../support/routes';

const SECRET = 'only the owner may read this';
const NOWHERE = '00000000-0000-7000-8000-000000000000';

let app: TestApp;
let owner: ApiClient;
let living: GraphJson;
let deleted: GraphJson;

beforeAll(async () => {
  app = await startApp();
  owner = await app.aUser();
  const body = { title: SECRET, description: SECRET, config: { secret: SECRET } };
  living = await aGraph(owner, body);
  await owner.put(`${GRAPHS}/${living.id}`, { status: 'active' });
  deleted = await aGraph(owner, body);
  await owner.delete(`${GRAPHS}/${deleted.id}`);
});
afterAll(() => app.close());

interface Call {
  method: string;
  /** What follows the graph's id. */
  rest: string;
  body?: object | string;
  headers?: Record<string, string>;
}

const CALLS: Call[] = [
  { method: 'GET', rest: '' },
  { method: 'HEAD', rest: '' },
  { method: 'GET', rest: '/' },
  { method: 'GET', rest: '', headers: { 'if-none-match': '*' } },
  { method: 'GET', rest: '?at=2000-01-01T00:00:00Z' },
  { method: 'GET', rest: '?at=2100-01-01T00:00:00Z' },
  { method: 'GET', rest: '?at=never' },
  { method: 'PUT', rest: '', body: { title: 'taken over' } },
  { method: 'PUT', rest: '', body: {} },
  { method: 'PUT', rest: '', body: { title: 5 } },
  { method: 'PUT', rest: '', body: 'not JSON' },
  { method: 'PUT', rest: '', body: { title: 'taken over' }, headers: { 'if-match': '"1-x"' } },
  { method: 'DELETE', rest: '' },
  { method: 'DELETE', rest: '', headers: { 'if-match': '*' } },
  { method: 'POST', rest: '/recover' },
  { method: 'POST', rest: '/purge' },
  { method: 'POST', rest: '/restore', body: { version: 1 } },
  { method: 'POST', rest: '/restore', body: { version: 99 } },
  { method: 'POST', rest: '/restore', body: { version: 1, nodes: ['a'] } },
  { method: 'POST', rest: '/revert', body: { version: 2 } },
  { method: 'GET', rest: '/versions' },
  { method: 'GET', rest: '/versions?limit=0' },
  { method: 'GET', rest: '/versions/1' },
  { method: 'GET', rest: '/versions/99' },
  { method: 'GET', rest: '/diff' },
  { method: 'GET', rest: '/diff?from=1&to=2' },
  { method: 'GET', rest: '/diff?from=1&to=99' },
  { method: 'GET', rest: '/diff.svg' },
  { method: 'GET', rest: '/diff.svg?from=1&to=2' },
  { method: 'GET', rest: '/picture.svg' },
  { method: 'GET', rest: '/picture.svg?version=1' },
  { method: 'GET', rest: '/diff/summary' },
  { method: 'GET', rest: '/push?version=1' },
  { method: 'POST', rest: '/push', body: { version: 1 } },
  { method: 'GET', rest: '/export' },
  { method: 'GET', rest: '/export?format=git' },
  { method: 'GET', rest: '/export?format=json' },
  { method: 'GET', rest: '/backup-policy' },
  { method: 'PUT', rest: '/backup-policy', body: { keep_last: 1 } },
  { method: 'PUT', rest: '/backup-policy', body: { keep_last: -1 } },
  { method: 'DELETE', rest: '/backup-policy' },
  { method: 'POST', rest: '/backup-policy/preview', body: {} },
  { method: 'POST', rest: '/backup-policy/preview', body: { policy: { keep_last: 1 } } },
  { method: 'PATCH', rest: '/versions/1', body: { label: 'mine' } },
  { method: 'PATCH', rest: '/versions/99', body: { label: 'mine' } },
];

/** An answer without what differs for each request. */
function comparable(answer: ApiAnswer, id: string): object {
  const headers = [...answer.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  const requestId = answer.headers.get('x-request-id') ?? '';
  const body = answer.text.replaceAll(id, '{id}').replaceAll(requestId, '{request}');
  return { status: answer.status, headers, body };
}

const send = (client: ApiClient, { method, rest, body, headers }: Call, id: string) =>
  client.send(method, `${GRAPHS}/${id}${rest}`, body, headers);

describe('a graph of somebody else', () => {
  it.each(CALLS)(
    'cannot be told apart from one that does not exist: $method $rest $body $headers',
    async (call) => {
      const stranger = await app.aUser();
      const before = await rowCounts(app);
      const nothing = await send(stranger, call, NOWHERE);
      expect([400, 404]).toContain(nothing.status);
      for (const { id } of [living, deleted]) {
        const answer = await send(stranger, call, id);
        expect(comparable(answer, id)).toEqual(comparable(nothing, NOWHERE));
        expect(answer.text).not.toContain(SECRET);
      }
      expect(await rowCounts(app)).toEqual(before);
    },
  );

  it('cannot be reached by a route that these tests have forgotten', () => {
    const routes = handlersOf(app)
      .filter(({ path }) => path.startsWith('graphs/:id'))
      .map(({ method, path }) => `${method} ${path.replace('graphs/:id', '')}`);
    const called = new Set(
      CALLS.map(({ method, rest }) => `${method} ${rest.replace(/\?.*/, '').replace(/\d+$/, ':version')}`),
    );
    expect(routes.filter((route) => !called.has(route))).toEqual([]);
  });

  it('is in no list, whatever is asked for', async () => {
    const stranger = await app.aUser();
    const own = await aGraph(stranger, { title: 'own' });
    for (const query of [
      '',
      '?deleted=include',
      '?deleted=include&include=config,versions',
      '?q=only',
      `?q=${encodeURIComponent('%')}`,
      '?status=active',
      '?sort=title',
      '?skip=0&limit=500',
    ]) {
      const answer = await stranger.get(`${GRAPHS}${query}`);
      const ids = answer.json<GraphJson[]>().map(({ id }) => id);
      expect(ids.every((id) => id === own.id)).toBe(true);
      expect(answer.headers.get('x-total-count')).toBe(String(ids.length));
      expect(answer.text).not.toContain(SECRET);
    }
  });

  it("is not reached with a cursor out of its owner's list", async () => {
    for (let n = 0; n < 3; n += 1) await aGraph(owner, { title: SECRET });
    const link = (await owner.get(`${GRAPHS}?limit=1`)).headers.get('link') ?? '';
    const next = /^<([^>]+)>/.exec(link)?.[1] ?? '';
    expect((await owner.get(next)).json()).toHaveLength(1);
    const stranger = await app.aUser();
    expect((await stranger.get(next)).json()).toEqual([]);
  });

  it('cannot be recovered or asked about among the graphs of an account', async () => {
    const stranger = await app.aUser();
    const before = await rowCounts(app);
    app.clock.stop();
    for (const dry_run of [true, false]) {
      const ask = (id: string) =>
        stranger.post('/api/v1/recovery', { at: living.created_at, dry_run, graph_ids: [id] });
      const nothing = comparable(await ask(NOWHERE), NOWHERE);
      expect(comparable(await ask(living.id), living.id)).toEqual(nothing);
      expect(comparable(await ask(deleted.id), deleted.id)).toEqual(nothing);
    }
    expect(await rowCounts(app)).toEqual(before);
  });

  it('is still there for its owner after all this', async () => {
    expect((await owner.get(`${GRAPHS}/${living.id}`)).json<GraphJson>()).toMatchObject({
      title: SECRET,
      version: 2,
    });
    expect((await versionsOf(owner, living.id)).map(({ label }) => label)).toEqual([null, null]);
  });
});

describe('the administrator', () => {
  it("sees no user's graph", async () => {
    const admin = await app.admin();
    for (const { id } of [living, deleted]) {
      for (const call of CALLS) {
        const answer = await send(admin, call, id);
        expect(comparable(answer, id)).toEqual(comparable(await send(admin, call, NOWHERE), NOWHERE));
      }
    }
    expect((await admin.get(`${GRAPHS}?deleted=include`)).json()).toEqual([]);
  });

  it('has graphs of its own as every user has', async () => {
    const admin = await app.admin();
    const graph = await aGraph(admin);
    expect((await admin.get(`${GRAPHS}/${graph.id}`)).status).toBe(200);
    expectProblem(await owner.get(`${GRAPHS}/${graph.id}`), 404, 'not-found');
    await admin.delete(`${GRAPHS}/${graph.id}`);
  });
});

describe('equal content', () => {
  it('of two users is two graphs that know nothing of one another', async () => {
    const [one, two] = [await app.aUser(), await app.aUser()];
    const body = { title: 'same', config: { same: true } };
    const [first, second] = [await aGraph(one, body), await aGraph(two, body)];
    expect(first.id).not.toBe(second.id);
    await one.delete(`${GRAPHS}/${first.id}`);
    expect((await two.get(`${GRAPHS}/${second.id}`)).json()).toEqual(second);
  });
});

describe('requests of several callers at the same moment', () => {
  it('are each answered for the caller who sent them, and none is left without an answer', async () => {
    const users = await Promise.all(Array.from({ length: 6 }, () => app.aUser()));
    const made = await users[0]!.post('/api/v1/auth/tokens', { name: 'a machine', scopes: ['read'] });
    const machine = new ApiClient(app.url, made.json<{ token: string }>().token, users[0]!.userId);
    const callers = Array.from({ length: 10 }, () => [...users, machine, app.anonymous]).flat();
    const answers = await Promise.all(callers.map((caller) => caller.get('/api/v1/auth/me')));
    expect(answers.map((answer) => answer.json<{ id?: string }>().id)).toEqual(
      callers.map(({ userId }) => userId),
    );
  });
});
