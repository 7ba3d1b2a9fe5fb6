import { createRequire } from 'node:module';
import type * as Argon2 from '@node-rs/argon2';
import { startApp, type TestApp } from '../support/app';
import { ApiClient, type ApiAnswer } from '../support/client';
import { expectProblem } from '../support/problem';
import { PATIENCE_MS, until } from '../support/within';

const LOGIN = '/api/v1/auth/login';

let app: TestApp;
afterEach(() => app.close());

// Behind a proxy, so that a test can come from anywhere.
const from = (ip: string) => ({ 'x-forwarded-for': ip });
const signIn = (email: string, password: string, ip: string): Promise<ApiAnswer> =>
  app.anonymous.post(LOGIN, { email, password }, from(ip));

/** A new account, made and signed in from an address. */
async function signedUp(email: string, ip: string): Promise<ApiClient> {
  const password = 'a password of somebody';
  await app.anonymous.post('/api/v1/auth/register', { email, password }, from(ip));
  const answer = await signIn(email, password, ip);
  return new ApiClient(app.url, answer.json<{ access_token: string }>().access_token);
}

function expectThrottled(answer: ApiAnswer): void {
  expectProblem(answer, 429, 'too-many-requests');
  const seconds = Number(answer.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
}

it('believes only the proxies in front of it, not what a client writes into X-Forwarded-For', async () => {
  app = await startApp({ THROTTLE_LOGIN_PER_MINUTE: '5', TRUST_PROXY: '1' });
  // A proxy that appends: the client's own value comes first, its address last.
  for (let i = 0; i < 5; i += 1)
    expectProblem(
      await signIn(`unknown${i}@test.example`, 'a wrong password', `10.9.8.${i}, 203.0.113.7`),
      401,
    );
  expectThrottled(await signIn('nobody9@test.example', 'a wrong password', '10.9.8.9, 203.0.113.7'));
  await app.close();

  app = await startApp({ THROTTLE_LOGIN_PER_MINUTE: '5', TRUST_PROXY: '127.0.0.0/8, 10.0.0.0/8' });
  for (let i = 0; i < 5; i += 1)
    expectProblem(
      await signIn(`unknown${i}@test.example`, 'a wrong password', `192.0.2.${i}, 203.0.113.7, 10.0.0.1`),
      401,
    );
  expectThrottled(await signIn('nobody9@test.example', 'a wrong password', '192.0.2.9, 203.0.113.7'));
});

it('slows down a network that makes accounts, before it hashes a password', async () => {
  app = await startApp({ THROTTLE_LOGIN_PER_MINUTE: '5', TRUST_PROXY: '1' });
  const register = (email: string, ip: string) =>
    app.anonymous.post(
      '/api/v1/auth/register',
      { email, password: 'a password of tests' },
      { 'x-forwarded-for': ip },
    );
  for (let i = 0; i < 5; i += 1)
    expect((await register(`new${i}@test.example`, '203.0.113.7')).status).toBe(201);
  expectThrottled(await register('new5@test.example', '203.0.113.7'));
  expect((await register('new5@test.example', '203.0.113.8')).status).toBe(201);
});

describe('120 connections of one network that register at the same time', () => {
  /** The module itself, as the service uses it. */
  const argon2 = createRequire(__filename)('@node-rs/argon2') as typeof Argon2;
  const statuses: number[] = [];
  const crowd = () =>
    Array.from({ length: 120 }, async (_, i) => {
      const body = { email: `crowd${i}@test.example`, password: 'a password of tests' };
      const { status } = await app.anonymous.post('/api/v1/auth/register', body, from('203.0.113.7'));
      statuses.push(status);
    });
  const count = (status: number) => statuses.filter((one) => one === status).length;
  beforeEach(() => statuses.splice(0));

  it('make no sign-in fail, of whatever network: all but ten are refused before a password is hashed', async () => {
    app = await startApp({ THROTTLE_LOGIN_PER_MINUTE: '10', TRUST_PROXY: '1' });
    const users = await Promise.all(Array.from({ length: 6 }, () => app.aUser()));
    const registrations = crowd();
    const signedIn = users.map(({ credentials }, i) =>
      signIn(credentials!.email, credentials!.password, i < 3 ? '203.0.113.7' : `198.51.100.${i}`),
    );
    expect((await Promise.all(signedIn)).map(({ status }) => status)).toEqual(Array<number>(6).fill(200));
    await Promise.all(registrations);
    expect([count(201), count(429)]).toEqual([10, 110]);
  });

  it('leave room in the queue of passwords for others, where nothing is throttled', async () => {
    app = await startApp({ THROTTLE_LOGIN_PER_MINUTE: '0', TRUST_PROXY: '1' });
    const { email, password } = (await app.aUser()).credentials!;
    const { hash } = argon2;
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    jest.spyOn(argon2, 'hash').mockImplementation((...args) => held.then(() => hash(...args)));
    const registrations = crowd();
    // Two are hashed and a hundred wait, which is all that one network may have.
    await until(PATIENCE_MS, 'the refusals', () => (count(503) === 18 ? true : undefined));
    const others = ['198.51.100.1', '198.51.100.2', '2001:db8::1'].map((ip) => signIn(email, password, ip));
    expectProblem(await signIn(email, password, '203.0.113.7'), 503, 'sign-in-busy');
    goOn();
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual([200, 200, 200]);
    await Promise.all(registrations);
    expect(count(201)).toBe(102);
  });
});

it('slows down guessing the current password with a stolen session, and not the owner who is right', async () => {
  app = await startApp({ THROTTLE_LOGIN_PER_MINUTE: '5' });
  const user = await app.aUser();
  const change = (client: typeof user, current_password: string) =>
    client.send('PUT', '/api/v1/auth/password', { current_password, new_password: 'the next password' });
  for (let i = 0; i < 5; i += 1) expectProblem(await change(user, `a guess ${i}`), 403);
  expectThrottled(await change(user, user.credentials!.password));
  app.clock.advance(60_000);
  expect((await change(user, user.credentials!.password)).status).toBe(204);
});

describe('signing in', () => {
  beforeEach(async () => {
    app = await startApp({ THROTTLE_LOGIN_PER_MINUTE: '5', TRUST_PROXY: '1' });
  });

  it('is throttled for an address that tries too often, whatever the account, and free again after a minute', async () => {
    for (let i = 0; i < 5; i += 1)
      expectProblem(await signIn(`unknown${i}@test.example`, 'a wrong password', '203.0.113.7'), 401);
    expectThrottled(await signIn('nobody9@test.example', 'a wrong password', '203.0.113.7'));
    expectProblem(await signIn('nobody9@test.example', 'a wrong password', '203.0.113.8'), 401);
    app.clock.advance(60_000);
    expectProblem(await signIn('nobody9@test.example', 'a wrong password', '203.0.113.7'), 401);
  });

  it('counts a network of IPv6 as one address', async () => {
    for (let i = 1; i <= 5; i += 1)
      expectProblem(await signIn('unknown@test.example', `wrong password ${i}`, `2001:db8:1:2::${i}`), 401);
    expectThrottled(await signIn('somebody@test.example', 'a wrong password', '2001:db8:1:2:ffff::1'));
  });

  it('is slowed down for one account that many addresses guess at, alike whether there is such an account', async () => {
    const { email } = (await app.aUser()).credentials!;
    for (const target of [email, 'unknown@test.example']) {
      for (let i = 1; i <= 5; i += 1)
        expectProblem(await signIn(target, `wrong password ${i}`, `198.51.100.${i}`), 401);
      expectThrottled(await signIn(target, 'a wrong password', '192.0.2.77'));
      app.clock.advance(60_000);
    }
  });

  it('goes on for the owner, from where the owner is known, while strangers guess', async () => {
    const { email, password } = (await app.aUser()).credentials!;
    expect((await signIn(email, password, '192.0.2.1')).status).toBe(200);
    for (let i = 1; i <= 20; i += 1) await signIn(email, `wrong password ${i}`, `198.51.100.${i}`);
    expectThrottled(await signIn(email, password, '198.51.100.200'));
    expect((await signIn(email, password, '192.0.2.1')).status).toBe(200);
  });

  it('is not slowed down by being right', async () => {
    const { email, password } = (await app.aUser()).credentials!;
    for (let i = 1; i <= 12; i += 1) expect((await signIn(email, password, `192.0.2.${i}`)).status).toBe(200);
  });

  it('leaves a trace when it is slowed down', async () => {
    const { email } = (await app.aUser()).credentials!;
    for (let i = 1; i <= 6; i += 1) await signIn(email, `wrong password ${i}`, `198.51.100.${i}`);
    const text = (await (await app.admin()).get('/api/v1/audit?action=user.sign_in_throttled')).text;
    expect(JSON.parse(text)).toMatchObject([
      { ip: '198.51.100.6', details: { by: 'account' }, actor_id: null },
    ]);
  });
});

describe('all requests', () => {
  it('are limited for each account and each address when the operator says so, but not for who watches the service', async () => {
    app = await startApp({ THROTTLE_PER_MINUTE: '8', TRUST_PROXY: '1' });
    const one = await signedUp('one@test.example', '203.0.113.1');
    const other = await signedUp('other@test.example', '203.0.113.2');
    const answers: number[] = [];
    for (let i = 0; i < 10; i += 1) answers.push((await one.get('/api/v1/auth/me')).status);
    expect(answers).toEqual([...new Array<number>(8).fill(200), 429, 429]);
    expectThrottled(await one.get('/api/v1/graphs'));
    expect((await other.get('/api/v1/auth/me')).status).toBe(200);
    for (let i = 0; i < 20; i += 1) expect((await app.anonymous.get('/health/live')).status).toBe(200);
    app.clock.advance(60_000);
    expect((await one.get('/api/v1/auth/me')).status).toBe(200);
  });

  it('come from the address of the connection when no proxy is trusted', async () => {
    app = await startApp({ THROTTLE_LOGIN_PER_MINUTE: '2' });
    await signIn('unknown@test.example', 'a wrong password', '203.0.113.1');
    await signIn('unknown@test.example', 'a wrong password', '203.0.113.2');
    expectThrottled(await signIn('unknown@test.example', 'a wrong password', '203.0.113.3'));
  });
});
