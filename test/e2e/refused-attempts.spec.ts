import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { PATIENCE_MS, until } from '../support/within';
import { rawSql } from '../support/raw-database';

const MANY = 40;

interface EventJson {
  action: string;
  details: { attempts?: number; since?: string; route?: string } | null;
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

const refused = async (action: string, who = user) =>
  (await who.get(`/api/v1/audit?action=${action}`)).json<EventJson[]>();
const signInWrongly = (email: string) =>
  app.anonymous.post('/api/v1/auth/login', { email, password: 'a wrong password' });

it('records what a role does not allow at once, and further attempts as one event a minute', async () => {
  for (let i = 0; i < MANY; i += 1) expect((await user.get('/api/v1/users')).status).toBe(403);
  const first = await refused('user.access_refused');
  expect(first.map(({ details }) => details)).toEqual([
    { route: 'GET /api/v1/users', permission: 'administer' },
  ]);
  app.clock.advance(60_000);
  expect((await user.get('/api/v1/users')).status).toBe(403);
  const [counted, ...rest] = await until(PATIENCE_MS, 'the event with the count', async () => {
    const events = await refused('user.access_refused');
    return events.length > 1 ? events : undefined;
  });
  expect(counted!.details).toEqual({
    route: 'GET /api/v1/users',
    permission: 'administer',
    attempts: MANY - 1,
    since: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  expect(rest).toEqual(first);
  // Another route is another key.
  expect((await user.get('/api/v1/retention/runs')).status).toBe(403);
  expect(await refused('user.access_refused')).toHaveLength(3);
});

it('records failed sign-ins of an account once a minute, and those of unknown addresses too', async () => {
  const { email } = user.credentials!;
  for (let i = 0; i < MANY; i += 1) expect((await signInWrongly(email)).status).toBe(401);
  expect(await refused('user.sign_in_failed')).toHaveLength(1);
  const admin = await app.admin();
  const before = await refused('user.sign_in_failed', admin);
  for (let i = 0; i < MANY; i += 1) expect((await signInWrongly('no-one@test.example')).status).toBe(401);
  expect(await refused('user.sign_in_failed', admin)).toHaveLength(before.length + 1);
});

it('records what it has counted when the service stops', async () => {
  const stopping = await startApp();
  try {
    const somebody = await stopping.aUser();
    for (let i = 0; i < 3; i += 1) await somebody.get('/api/v1/users');
    await stopping.stop();
    const rows = await rawSql(stopping.place, `SELECT details FROM journal WHERE action = 130 ORDER BY seq`);
    expect(
      rows.map(({ details }) => (JSON.parse(String(details)) as EventJson['details'])?.attempts),
    ).toEqual([undefined, 2]);
  } finally {
    await stopping.close();
  }
});
