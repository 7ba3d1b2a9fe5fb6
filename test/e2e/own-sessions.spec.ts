import { startApp, type TestApp } from '../support/app';
import { ApiClient } from '../support/client';
import { expectProblem } from '../support/problem';

const AUTH = '/api/v1/auth';
const SESSIONS = `${AUTH}/sessions`;
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

interface SessionJson {
  id: string;
  current: boolean;
  ip: string;
  created_at: string;
  renewed_at: string;
  expires_at: string;
}

interface Pair {
  access_token: string;
  refresh_token: string;
}

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

/** Another session of the user, as another device has it. */
async function onAnotherDevice(): Promise<{ pair: Pair; client: ApiClient }> {
  const pair = (await app.anonymous.post(`${AUTH}/login`, { ...user.credentials })).json<Pair>();
  return { pair, client: new ApiClient(app.url, pair.access_token) };
}
const list = async (client: ApiClient) => (await client.get(SESSIONS)).json<SessionJson[]>();

it('lists open sessions, newest first, and says which one asks', async () => {
  app.clock.advance(MINUTE);
  const { client, pair } = await onAnotherDevice();
  app.clock.advance(20 * MINUTE);
  await app.anonymous.post(`${AUTH}/refresh`, { refresh_token: pair.refresh_token });
  const sessions = await list(user);
  expect(sessions.map(({ current }) => current)).toEqual([false, true]);
  const [other] = sessions;
  const [createdAt, renewedAt, expiresAt] = [other!.created_at, other!.renewed_at, other!.expires_at].map(
    (time) => Date.parse(time),
  );
  expect(other!.ip).toMatch(/^(::ffff:)?127\.0\.0\.1$/);
  expect(renewedAt).toBe(createdAt! + 20 * MINUTE);
  expect(expiresAt).toBe(renewedAt! + 30 * DAY);
  expect((await list(client)).map(({ current }) => current)).toEqual([true, false]);
  const text = (await user.get(SESSIONS)).text;
  for (const token of [pair.access_token, pair.refresh_token])
    expect(text).not.toContain(token.split('.')[2]);
});

it('leaves out sessions that have expired, and pages', async () => {
  for (let i = 0; i < 3; i += 1) await onAnotherDevice();
  const page = await user.get(`${SESSIONS}?limit=2&skip=1`);
  expect(page.json<SessionJson[]>()).toHaveLength(2);
  expect(page.headers.get('x-total-count')).toBe('4');
  app.clock.advance(30 * DAY + MINUTE);
  const { client } = await onAnotherDevice();
  expect(await list(client)).toHaveLength(1);
});

it('ends one session, with its refresh token, and no other', async () => {
  const { client, pair } = await onAnotherDevice();
  const { client: third } = await onAnotherDevice();
  const { id } = (await list(client)).find(({ current }) => current)!;
  expect((await user.delete(`${SESSIONS}/${id}`)).status).toBe(204);
  expectProblem(await client.get(`${AUTH}/me`), 401);
  const refreshed = await app.anonymous.post(`${AUTH}/refresh`, { refresh_token: pair.refresh_token });
  expectProblem(refreshed, 401, 'wrong-refresh-token');
  expect((await third.get(`${AUTH}/me`)).status).toBe(200);
  expectProblem(await user.delete(`${SESSIONS}/${id}`), 404);
  const events = (await user.get('/api/v1/audit?action=user.session_ended')).json();
  expect(events).toMatchObject([{ actor_id: user.userId, details: { session_id: id } }]);
});

it('ends all other sessions at once, and writes one event', async () => {
  const { client } = await onAnotherDevice();
  await onAnotherDevice();
  expect((await user.delete(SESSIONS)).status).toBe(204);
  expect((await user.delete(SESSIONS)).status).toBe(204);
  expectProblem(await client.get(`${AUTH}/me`), 401);
  expect(await list(user)).toMatchObject([{ current: true }]);
  const events = (await user.get('/api/v1/audit?action=user.session_ended')).json();
  expect(events).toMatchObject([{ details: { others: 2 } }]);
});

it('does not show or end the sessions of others', async () => {
  const stranger = await app.aUser();
  const [own] = await list(user);
  expect((await list(stranger)).map(({ id }) => id)).not.toContain(own!.id);
  expectProblem(await stranger.delete(`${SESSIONS}/${own!.id}`), 404);
  await stranger.delete(SESSIONS);
  expect((await user.get(`${AUTH}/me`)).status).toBe(200);
});

it.each(['nothing', '../me', "' OR 1=1", '00000000-0000-0000-0000-000000000000'])(
  'does not know a session %j',
  async (id) => {
    expectProblem(await user.delete(`${SESSIONS}/${encodeURIComponent(id)}`), 404);
    expect(await list(user)).toHaveLength(1);
  },
);
