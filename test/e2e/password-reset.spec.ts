import { ApiClient } from '../support/client';
import { startApp, type TestApp } from '../support/app';
import { runCli } from '../support/cli';
import { expectFaults, expectProblem } from '../support/problem';
import { rawSql } from '../support/raw-database';

const AUTH = '/api/v1/auth';
const USERS = '/api/v1/users';
const NEW_PASSWORD = 'a password that was reset';

interface LinkJson {
  link: string;
  expires_at: string;
}

let app: TestApp;
let admin: ApiClient;
let user: ApiClient;
beforeAll(async () => void (app = await startApp({ PUBLIC_URL: 'https://backup.example.org/console' })));
afterAll(() => app.close());
beforeEach(async () => {
  admin = await app.admin();
  user = await app.aUser();
});

async function makeLink(): Promise<{ token: string; json: LinkJson }> {
  const answer = await admin.post(`${USERS}/${user.userId}/password-reset`);
  expect(answer.status).toBe(201);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  return { token: tokenOf(answer.json<LinkJson>().link), json: answer.json<LinkJson>() };
}
const tokenOf = (link: string) => /#\/password-reset\?token=([\w-]+)$/.exec(link)![1]!;
const confirm = (token: unknown, new_password: unknown = NEW_PASSWORD) =>
  app.anonymous.post(`${AUTH}/password-reset/confirm`, { token, new_password });
const signIn = (password: string) =>
  app.anonymous.post(`${AUTH}/login`, { email: user.credentials!.email, password });

it('a link sets a new password once, and ends all sessions', async () => {
  const { token, json } = await makeLink();
  expect(json.link.startsWith('https://backup.example.org/console/#/password-reset?token=')).toBe(true);
  const minutes = (Date.parse(json.expires_at) - app.clock.now()) / 60_000;
  expect(minutes).toBeGreaterThan(29);
  expect(minutes).toBeLessThanOrEqual(30);
  const machine = await user.post(`${AUTH}/tokens`, { name: 'machine', scopes: ['read'] });

  // Until then nothing has changed.
  expect((await user.get(`${AUTH}/me`)).status).toBe(200);
  expect((await signIn(user.credentials!.password)).status).toBe(200);
  expect((await confirm(token)).status).toBe(204);

  expectProblem(await user.get(`${AUTH}/me`), 401);
  expectProblem(await signIn(user.credentials!.password), 401);
  expect((await signIn(NEW_PASSWORD)).status).toBe(200);
  const { token: secret } = machine.json<{ token: string }>();
  expect((await new ApiClient(app.url, secret).get(`${AUTH}/me`)).status).toBe(200);
  expectProblem(await confirm(token, 'once more a password'), 422);
  expect((await signIn(NEW_PASSWORD)).status).toBe(200);
});

it('a link ends after 30 minutes, with a newer one, and when the password is changed', async () => {
  const old = await makeLink();
  const replaced = await makeLink();
  expectProblem(await confirm(old.token), 422);
  await user.send('PUT', `${AUTH}/password`, {
    current_password: user.credentials!.password,
    new_password: 'changed by its owner',
  });
  expectProblem(await confirm(replaced.token), 422);
  const late = await makeLink();
  app.clock.set(30 * 60_000);
  expectProblem(await confirm(late.token), 422);
  // The tool of another test uses the real time.
  app.clock.set(-30 * 60_000);
  expect((await signIn('changed by its owner')).status).toBe(200);
});

it('a link that is used by many at once sets one password', async () => {
  const { token } = await makeLink();
  const passwords = Array.from({ length: 6 }, (_, i) => `password number ${i} of many`);
  const answers = await Promise.all(passwords.map((password) => confirm(token, password)));
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 422)).toHaveLength(5);
  const working = await Promise.all(passwords.map(async (password) => (await signIn(password)).status));
  expect(working.filter((status) => status === 200)).toHaveLength(1);
});

it('a password that is refused does not use up the link', async () => {
  const { token } = await makeLink();
  expectFaults(await confirm(token, 'short'), ['new_password']);
  expectFaults(await confirm(token, user.credentials!.email), ['new_password']);
  expectFaults(await confirm(5), ['token']);
  expect((await confirm(token)).status).toBe(204);
});

it('stores and logs no token, and knows no forged one', async () => {
  const { token } = await makeLink();
  const bytes = Buffer.from(token, 'base64url');
  const [row] = await rawSql(app.place, 'SELECT secret_sha256 FROM password_resets');
  expect((row!['secret_sha256'] as Buffer).includes(bytes.subarray(16, 32))).toBe(false);
  expect(app.logs.join('')).not.toContain(token);
  for (const at of [0, 20, 47]) {
    const forged = Buffer.from(bytes);
    forged[at]! ^= 1;
    expectProblem(await confirm(forged.toString('base64url')), 422);
  }
  expectProblem(await confirm(token.slice(0, -4)), 422);
  expect((await confirm(token)).status).toBe(204);
});

it('leaves a trace of who made the link and that it was used', async () => {
  const { token } = await makeLink();
  await confirm(token);
  const events = (await admin.get(`/api/v1/audit?user_id=${user.userId}&limit=2`)).json();
  expect(events).toMatchObject([
    { action: 'user.password_reset', actor_id: user.userId, subject_id: user.userId },
    { action: 'user.password_link_made', actor_id: expect.any(String), details: { by: 'administrator' } },
  ]);
});

it('is for administrators, and for accounts that exist and are enabled', async () => {
  const path = `${USERS}/${user.userId}/password-reset`;
  expectProblem(await user.post(path), 403);
  expectProblem(await app.anonymous.post(path), 401);
  expectProblem(await admin.post(`${USERS}/019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11/password-reset`), 404);
  expectProblem(await admin.post(`${USERS}/me/password-reset`), 404);
  const { token } = await makeLink();
  await admin.send('PATCH', `${USERS}/${user.userId}`, { is_active: false });
  expectProblem(await admin.post(path), 409);
  expectProblem(await confirm(token), 422);
});

it('can be created on the machine while the service runs', async () => {
  const { email } = user.credentials!;
  // No browser opens the address that means "all of this machine".
  const made = await runCli('users', ['reset-password', email.toUpperCase()], app.place, { HOST: '::' });
  expect(made.code).toBe(0);
  const link = made.output.split('\n')[0]!;
  expect(link.startsWith('http://127.0.0.1:3000/#/password-reset?token=')).toBe(true);
  expect((await confirm(tokenOf(link))).status).toBe(204);
  expect((await signIn(NEW_PASSWORD)).status).toBe(200);
  const [event] = await rawSql(
    app.place,
    'SELECT actor_key, details FROM journal WHERE action = 109 ORDER BY seq DESC',
  );
  expect(event).toMatchObject({ actor_key: null, details: '{"by":"tool"}' });
  expect((await runCli('users', ['reset-password', 'unknown@test.example'], app.place)).code).toBe(1);
  expect((await runCli('users', ['reset-password'], app.place)).code).toBe(2);
});

it('slows down a network that guesses', async () => {
  const slow = await startApp({ THROTTLE_LOGIN_PER_MINUTE: '3' });
  try {
    const attempt = () =>
      slow.anonymous.post(`${AUTH}/password-reset/confirm`, { token: 'guess', new_password: NEW_PASSWORD });
    for (let tries = 0; tries < 3; tries += 1) expectProblem(await attempt(), 422);
    const refused = await attempt();
    expectProblem(refused, 429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  } finally {
    await slow.close();
  }
});
