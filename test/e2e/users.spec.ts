import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from '../support/app';
import { ApiClient } from '../support/client';
import { GRAPHS, aGraph } from '../support/graphs';
import { expectFaults, expectProblem } from '../support/problem';
import { rawSql } from '../support/raw-database';

const USERS = '/api/v1/users';
const AUTH = '/api/v1/auth';

interface UserJson {
  id: string;
  email: string;
  role: string;
  is_active: boolean;
  created_at: string;
}

let app: TestApp;
let admin: ApiClient;
let user: ApiClient;
beforeEach(async () => {
  app = await startApp();
  admin = await app.admin();
  user = await app.aUser();
});
afterEach(() => app.close());

const change = (id: string | undefined, body: unknown) =>
  admin.send('PATCH', `${USERS}/${id}`, body as object);

it('are listed for administrators only, newest first, part by part', async () => {
  for (let i = 0; i < 3; i += 1) await app.aUser();
  expectProblem(await user.get(USERS), 403);
  expectProblem(await app.anonymous.get(USERS), 401);
  const all = (await admin.get(USERS)).json<UserJson[]>();
  expect(all).toHaveLength(5);
  expect(all.at(-1)).toEqual({
    id: admin.userId ?? expect.any(String),
    email: 'admin@test.example',
    role: 'admin',
    is_active: true,
    created_at: expect.any(String),
  });
  const seen: UserJson[] = [];
  let next: string | undefined = `${USERS}?limit=2`;
  while (next !== undefined) {
    const answer = await admin.get(next);
    expect(answer.headers.get('x-total-count')).toBe('5');
    seen.push(...answer.json<UserJson[]>());
    next = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  expect(seen).toEqual(all);
});

it('get another role that counts from their next request, and lose it the same way', async () => {
  expectProblem(await user.get('/api/v1/monitoring/errors'), 403);
  expect((await change(user.userId, { role: 'operator' })).json<UserJson>()).toMatchObject({
    role: 'operator',
  });
  expect((await user.get('/api/v1/monitoring/errors')).status).toBe(200);
  expectProblem(await user.get(USERS), 403);
  await change(user.userId, { role: 'user' });
  expectProblem(await user.get('/api/v1/monitoring/errors'), 403);
});

it('can do nothing once they are disabled, and sign in again once they are enabled', async () => {
  const token = (await user.post(`${AUTH}/tokens`, { name: 'machine', scopes: ['read'] })).json<{
    token: string;
  }>().token;
  const machine = new ApiClient(app.url, token);
  expect((await machine.get(`${AUTH}/me`)).status).toBe(200);
  expect((await change(user.userId, { is_active: false })).json<UserJson>()).toMatchObject({
    is_active: false,
  });
  expectProblem(await user.get(`${AUTH}/me`), 401);
  expectProblem(await machine.get(`${AUTH}/me`), 401);
  expectProblem(await app.anonymous.post(`${AUTH}/login`, { ...user.credentials }), 401, 'wrong-credentials');
  await change(user.userId, { is_active: true });
  expectProblem(await user.get(`${AUTH}/me`), 401);
  const again = await app.anonymous.signIn(user.credentials!.email, user.credentials!.password);
  expect((await again.get(`${AUTH}/me`)).status).toBe(200);
});

it('show no graph to an administrator or an operator', async () => {
  const graph = await aGraph(user);
  const operator = await app.aUser();
  await change(operator.userId, { role: 'operator' });
  for (const client of [admin, operator]) {
    expectProblem(await client.get(`${GRAPHS}/${graph.id}`), 404);
    expect((await client.get(GRAPHS)).json()).toEqual([]);
  }
});

it.each([
  [{ role: 'king' }, ['role']],
  [{ role: null }, ['role']],
  [{ is_active: 'no' }, ['is_active']],
  [{ email: 'other@test.example' }, ['email']],
])('are not changed by %j', async (body, fields) => {
  expectFaults(await change(user.userId, body), fields);
  expect((await admin.get(`${USERS}/${user.userId}`)).json<UserJson>()).toMatchObject({
    role: 'user',
    is_active: true,
  });
});

it('are not found by an unknown id', async () => {
  for (const id of ['unknown', '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11']) {
    expectProblem(await admin.get(`${USERS}/${id}`), 404);
    expectProblem(await change(id, { role: 'user' }), 404);
    expectProblem(await admin.delete(`${USERS}/${id}`), 404);
  }
});

it('always leave one active administrator', async () => {
  const { id } = (await admin.get(`${AUTH}/me`)).json<UserJson>();
  expectProblem(await change(id, { role: 'user' }), 409, 'last-administrator');
  expectProblem(await change(id, { is_active: false }), 409, 'last-administrator');
  expectProblem(await admin.delete(`${USERS}/${id}`), 409, 'last-administrator');
  await change(user.userId, { role: 'admin' });
  expect((await change(id, { role: 'user' })).status).toBe(200);
  expectProblem(await admin.get(USERS), 403);
});

it('take everything with them when they are deleted: sessions, key, graphs, and at last each row', async () => {
  const graph = await aGraph(user, { config: { secret: 'of the user' } });
  await user.put(`${GRAPHS}/${graph.id}`, { config: { secret: 'changed' } }, { 'idempotency-key': 'one' });
  await user.post(GRAPHS, { title: 'with a key' }, { 'idempotency-key': 'two' });
  const other = await app.aUser();
  const theirs = await aGraph(other);
  const [{ user_key: key }] = (await rawSql(app.place, 'SELECT user_key FROM graphs WHERE title = ?', [
    'with a key',
  ])) as [{ user_key: number }];
  const rowsOf = async (table: string) =>
    Number(
      (await rawSql(app.place, `SELECT COUNT(*) AS n FROM ${table} WHERE user_key = ?`, [key]))[0]!['n'],
    );

  expect((await admin.delete(`${USERS}/${user.userId}`)).status).toBe(204);
  expectProblem(await user.get(`${AUTH}/me`), 401);
  expectProblem(await app.anonymous.post(`${AUTH}/login`, { ...user.credentials }), 401);
  expectProblem(await admin.get(`${USERS}/${user.userId}`), 404);
  const [wrapped] = await rawSql(
    app.place,
    'SELECT wrapped, destroyed_at FROM user_keys WHERE user_key = ?',
    [key],
  );
  expect((wrapped!['wrapped'] as Buffer).length).toBe(0);

  const { ended } = await app.service.app.get(JobRunner).trigger('housekeeping');
  expect(await ended).toMatchObject({ status: 'done', summary: { removed_accounts: 1 } });
  for (const table of [
    'graphs',
    'versions',
    'version_texts',
    'idempotency_keys',
    'sessions',
    'api_tokens',
    'policies',
    'graph_chores',
  ])
    expect([table, await rowsOf(table)]).toEqual([table, 0]);
  expect(await rawSql(app.place, 'SELECT key FROM users WHERE key = ?', [key])).toEqual([]);

  // The events stay, name the account, and know no address.
  const events = (await admin.get(`/api/v1/audit?user_id=${user.userId}&limit=500`)).text;
  expect(JSON.parse(events)).toContainEqual(
    expect.objectContaining({ action: 'user.deleted', user_id: user.userId }),
  );
  expect(events).not.toContain(user.credentials!.email);
  const everything = JSON.stringify(await rawSql(app.place, 'SELECT * FROM users'));
  expect(everything).not.toContain(user.credentials!.email);

  // Somebody else's data is as it was, and the address is free.
  expect((await other.get(`${GRAPHS}/${theirs.id}`)).status).toBe(200);
  expect((await app.anonymous.post(`${AUTH}/register`, { ...user.credentials })).status).toBe(201);
});

it('leave a trace for each change, with who did it', async () => {
  await change(user.userId, { role: 'operator', is_active: false });
  await user.get(`${AUTH}/me`);
  const events = (await admin.get(`/api/v1/audit?user_id=${user.userId}`)).json<
    Array<{ action: string; actor_id: string; details: object | null }>
  >();
  const { id } = (await admin.get(`${AUTH}/me`)).json<UserJson>();
  expect(events.slice(0, 2)).toEqual([
    expect.objectContaining({ action: 'user.disabled', actor_id: id }),
    expect.objectContaining({
      action: 'user.role_changed',
      actor_id: id,
      details: { from: 'user', to: 'operator' },
    }),
  ]);
});
