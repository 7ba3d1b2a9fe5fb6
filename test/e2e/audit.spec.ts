import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph } from '../support/graphs';
import { expectFaults, expectProblem } from '../support/problem';

const AUDIT = '/api/v1/audit';

interface EventJson {
  seq: number;
  at: string;
  user_id: string | null;
  actor_id: string | null;
  action: string;
  subject_type: string;
  subject_id: string | null;
  version: number | null;
  request_id: string | null;
  ip: string | null;
  details: Record<string, unknown> | null;
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

async function events(client: ApiClient, query = ''): Promise<EventJson[]> {
  const answer = await client.get(`${AUDIT}${query}`);
  expect(answer.status).toBe(200);
  return answer.json<EventJson[]>();
}

it('tells a user what happened to the own data, newest first, with who, from where and in which request', async () => {
  const made = await user.post(GRAPHS, { title: 'A graph' }, { 'x-request-id': 'my-own-request-id' });
  const { id } = made.json<{ id: string }>();
  await user.put(`${GRAPHS}/${id}`, { config: { a: 1 } });
  await user.delete(`${GRAPHS}/${id}`);
  const list = await events(user);
  expect(list.map(({ action, version }) => [action, version])).toEqual([
    ['graph.deleted', 3],
    ['graph.updated', 2],
    ['graph.created', 1],
    ['user.signed_in', null],
    ['user.registered', null],
  ]);
  expect(list.map(({ seq }) => seq)).toEqual([...list.map(({ seq }) => seq)].sort((a, b) => b - a));
  expect(list[2]).toEqual({
    seq: expect.any(Number),
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    user_id: user.userId,
    actor_id: user.userId,
    action: 'graph.created',
    subject_type: 'graph',
    subject_id: id,
    version: 1,
    request_id: 'my-own-request-id',
    ip: '127.0.0.1',
    details: null,
  });
});

it('shows users only their own events, and administrators all', async () => {
  const other = await app.aUser();
  const graph = await aGraph(other);
  expect((await events(user)).every(({ user_id }) => user_id === user.userId)).toBe(true);
  expect(await events(user, `?graph_id=${graph.id}`)).toEqual([]);
  expectProblem(await user.get(`${AUDIT}?user_id=${other.userId}`), 403, 'forbidden');
  expect(await events(user, `?user_id=${user.userId}`)).toHaveLength(2);
  expectProblem(await app.anonymous.get(AUDIT), 401);

  const admin = await app.admin();
  const theirs = await events(admin, `?user_id=${other.userId}`);
  expect(theirs.map(({ action }) => action)).toEqual(['graph.created', 'user.signed_in', 'user.registered']);
  const all = await events(admin, '?limit=500');
  expect(new Set(all.map(({ user_id }) => user_id)).size).toBeGreaterThan(2);
});

it("shows a user what an administrator did, and not the administrator's address or request", async () => {
  const admin = await app.admin();
  await admin.send('PATCH', `/api/v1/users/${user.userId}`, { role: 'operator' });
  const [theirs] = await events(user, '?action=user.role_changed');
  expect(theirs).toMatchObject({ actor_id: expect.any(String), ip: null, request_id: null });
  const [whole] = await events(admin, `?action=user.role_changed&user_id=${user.userId}`);
  expect(whole).toMatchObject({ ip: '127.0.0.1', request_id: expect.any(String) });
  // From where a stranger tried to sign in, the owner must see.
  await app.anonymous.post('/api/v1/auth/login', { email: user.credentials!.email, password: 'a guess' });
  expect((await events(user, '?action=user.sign_in_failed'))[0]).toMatchObject({
    actor_id: null,
    ip: '127.0.0.1',
  });
});

it('can be asked for a kind, a graph, a time, and part by part', async () => {
  const first = await aGraph(user);
  const begin = app.clock.now();
  app.clock.advance(60_000);
  const second = await aGraph(user);
  await user.put(`${GRAPHS}/${second.id}`, { title: 'Another' });
  const actions = async (query: string) => (await events(user, query)).map(({ action }) => action);
  expect(await actions('?action=graph.created')).toEqual(['graph.created', 'graph.created']);
  expect(await actions(`?graph_id=${second.id}`)).toEqual(['graph.updated', 'graph.created']);
  const time = (ms: number) => encodeURIComponent(new Date(ms).toISOString());
  expect(await actions(`?from=${time(begin + 1)}`)).toEqual(['graph.updated', 'graph.created']);
  expect(await actions(`?to=${time(begin + 1)}&action=graph.created`)).toEqual(['graph.created']);
  expect((await events(user, `?graph_id=${first.id}`))[0]).toMatchObject({ subject_id: first.id });

  const seen: number[] = [];
  let next: string | undefined = `${AUDIT}?limit=2`;
  while (next !== undefined) {
    const answer = await user.get(next);
    expect(answer.headers.get('x-total-count')).toBe('5');
    seen.push(...answer.json<EventJson[]>().map(({ seq }) => seq));
    next = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  expect(seen).toEqual((await events(user)).map(({ seq }) => seq));
});

it.each([
  ['?action=graph.exploded', ['action']],
  ['?from=yesterday', ['from']],
  ['?to=2026-13-01T00:00:00Z', ['to']],
  ['?limit=0', ['limit']],
  ['?after=nonsense', ['after']],
  ['?config=1', ['config']],
])('answers 400 for %s', async (query, fields) => {
  expectFaults(await user.get(`${AUDIT}${query}`), fields);
});

it('has an empty list for ids that name nothing', async () => {
  expect(await events(user, '?graph_id=nothing')).toEqual([]);
  expect(await events(await app.admin(), '?user_id=unknown')).toEqual([]);
  expect(await events(await app.admin(), '?user_id=019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11')).toEqual([]);
});

it('holds no password, token, e-mail address or content', async () => {
  const { email, password } = user.credentials!;
  await user.post(GRAPHS, {
    title: 'a-secret-title',
    description: 'a-secret-text',
    config: { key: 'a-secret-config' },
  });
  await app.anonymous.post('/api/v1/auth/login', { email, password: 'a-secret-password' });
  const text = (await (await app.admin()).get(`${AUDIT}?limit=500`)).text;
  for (const secret of [email, password, 'a-secret', user.token!]) expect(text).not.toContain(secret);
  expect(text).toContain('user.sign_in_failed');
});
