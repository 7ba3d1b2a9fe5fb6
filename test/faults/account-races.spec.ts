import { Client } from 'pg';
import { startApp, type TestApp } from '../support/app';
import { ApiClient, type ApiAnswer } from '../support/client';
import { databaseKind } from '../support/database';
import { rawSql } from '../support/raw-database';
import { PATIENCE_MS, until } from '../support/within';
import { untilWaiting } from '../support/waiting';

const AUTH = '/api/v1/auth';
const USERS = '/api/v1/users';
const NEW_PASSWORD = 'another password of tests';

let app: TestApp;
beforeAll(async () => void (app = await startApp()));
afterAll(() => app.close());

it('a sign-in that waits in the queue while the password changes gets no session that works', async () => {
  const user = await app.aUser();
  const { email, password } = user.credentials!;
  let changed = false;
  const changing = user
    .send('PUT', `${AUTH}/password`, { current_password: password, new_password: NEW_PASSWORD })
    .finally(() => (changed = true));
  // They arrive before and behind the change in the queue of the password hashes, which holds 100.
  const crowd: Array<Promise<ApiAnswer>> = [];
  while (!changed && crowd.length < 90) {
    crowd.push(app.anonymous.post(`${AUTH}/login`, { email, password }));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const answers = await Promise.all(crowd);
  expect((await changing).status).toBe(204);
  const tokens = answers
    .filter(({ status }) => status === 200)
    .map((answer) => answer.json<{ access_token: string }>().access_token);
  const working = await Promise.all(
    tokens.map(async (token) => (await new ApiClient(app.url, token).get(`${AUTH}/me`)).status),
  );
  expect(working.filter((status) => status === 200)).toEqual([]);
  expect((await app.anonymous.signIn(email, NEW_PASSWORD)).userId).toBe(user.userId);
  // The first failed attempt is an event at once; the others are counted in one a minute later.
  app.clock.advance(60_000);
  await app.anonymous.post(`${AUTH}/login`, { email, password });
  const refused = answers.filter(({ status }) => status === 401).length;
  await until(PATIENCE_MS, 'the event with the count', async () => {
    const events = await rawSql(app.place, 'SELECT details FROM journal WHERE action = 102');
    const attempts = events.map(({ details }) =>
      Number((JSON.parse((details as string | null) ?? '{}') as { attempts?: number }).attempts ?? 1),
    );
    return attempts.reduce((sum, count) => sum + count, 0) >= refused ? attempts : undefined;
  });
});

// On SQLite there is one write transaction at a time, so there is nothing to race.
(databaseKind === 'postgres' ? it : it.skip)(
  'two administrators who demote each other at once leave one in office',
  async () => {
    const admin = await app.admin();
    const other = await app.aUser();
    await admin.send('PATCH', `${USERS}/${other.userId}`, { role: 'admin' });
    const raw = new Client({ connectionString: app.place.databaseUrl });
    await raw.connect();
    try {
      // Both have looked for another administrator, or wait to, before either is changed.
      await raw.query('BEGIN');
      await raw.query(`SELECT key FROM users WHERE role = 'admin' FOR UPDATE`);
      const demotions = [
        admin.send('PATCH', `${USERS}/${other.userId}`, { role: 'user' }),
        other.send('PATCH', `${USERS}/${admin.userId}`, { role: 'user' }),
      ];
      await untilWaiting(app.place, 2);
      await raw.query('COMMIT');
      const statuses = (await Promise.all(demotions)).map(({ status }) => status).sort();
      expect(statuses).toEqual([200, 409]);
    } finally {
      await raw.end();
    }
    const left = await rawSql(app.place, `SELECT key FROM users WHERE role = 'admin' AND is_active = 1`);
    expect(left).toHaveLength(1);
  },
);
