import { parseSetCookie } from 'cookie';
import { startApp, type TestApp } from '../support/app';
import { ApiClient, type ApiAnswer } from '../support/client';
import { expectFaults, expectProblem } from '../support/problem';

const AUTH = '/api/v1/auth';
const COOKIE = { session: 'cookie' };

let app: TestApp;
let user: ApiClient;
beforeAll(async () => {
  app = await startApp({ TRUST_PROXY: '1' });
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.aUser();
});

/** What a browser adds to a request of a page of this service. */
const own = () => ({ origin: app.url });
const cookiesOf = (answer: ApiAnswer) => answer.headers.getSetCookie().map((text) => parseSetCookie(text));
const valueOf = (answer: ApiAnswer) => cookiesOf(answer)[0]?.value ?? '';
const sending = (value: string, headers: Record<string, string> = own()) => ({
  ...headers,
  cookie: `graphomat_session=${value}`,
});

async function signIn(headers: Record<string, string> = own()): Promise<ApiAnswer> {
  const answer = await app.anonymous.post(`${AUTH}/login`, { ...user.credentials, ...COOKIE }, headers);
  expect(answer.status).toBe(200);
  return answer;
}
const refresh = (value: string, headers = sending(value)) =>
  app.anonymous.post(`${AUTH}/refresh`, COOKIE, headers);
const isAlive = async (answer: ApiAnswer) => {
  const token = answer.json<{ access_token: string }>().access_token;
  return (await new ApiClient(app.url, token).get(`${AUTH}/me`)).status === 200;
};

describe('a browser', () => {
  it('gets its refresh token in cookies that no script reads, for two routes only', async () => {
    const answer = await signIn();
    expect(answer.json()).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 1_800,
    });
    expect(cookiesOf(answer)).toEqual(
      [`${AUTH}/refresh`, `${AUTH}/logout`].map((path) => ({
        name: 'graphomat_session',
        value: expect.stringMatching(/^eyJ/),
        path,
        maxAge: 30 * 86_400,
        httpOnly: true,
        sameSite: 'strict',
      })),
    );
    expect(await isAlive(answer)).toBe(true);
  });

  it('sends them over https only when the page came over https', async () => {
    const answer = await signIn({ ...own(), 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' });
    expect(cookiesOf(answer).map(({ secure }) => secure)).toEqual([true, true]);
  });

  it('gets a new pair for its cookie, which is spent by it', async () => {
    const first = await signIn();
    app.clock.advance(1_000);
    const second = await refresh(valueOf(first));
    expect(second.status).toBe(200);
    expect(second.json()).not.toHaveProperty('refresh_token');
    expect(valueOf(second)).not.toBe(valueOf(first));
    expect(await isAlive(second)).toBe(true);
  });

  it('may repeat a refresh within 10 seconds, as two tabs do', async () => {
    const first = await signIn();
    const [one, two] = await Promise.all([refresh(valueOf(first)), refresh(valueOf(first))]);
    expect([one.status, two.status]).toEqual([200, 200]);
    app.clock.advance(9_000);
    const late = await refresh(valueOf(first));
    expect(late.status).toBe(200);
    expect((await refresh(valueOf(late))).status).toBe(200);
  });

  it('loses the whole session when a spent cookie comes later, or an older one', async () => {
    const first = await signIn();
    const second = await refresh(valueOf(first));
    app.clock.advance(11_000);
    const stolen = await refresh(valueOf(first));
    expectProblem(stolen, 401, 'wrong-refresh-token');
    expect(cookiesOf(stolen).map(({ value, maxAge }) => [value, maxAge])).toEqual([
      ['', 0],
      ['', 0],
    ]);
    expect(await isAlive(second)).toBe(false);
    const third = await signIn();
    await refresh(valueOf(await refresh(valueOf(third))));
    expectProblem(await refresh(valueOf(third)), 401, 'wrong-refresh-token');
  });

  it('may not repeat a refresh with the token in the body', async () => {
    const answer = await app.anonymous.post(`${AUTH}/login`, { ...user.credentials });
    const { refresh_token } = answer.json<{ refresh_token: string }>();
    expect((await app.anonymous.post(`${AUTH}/refresh`, { refresh_token })).status).toBe(200);
    expectProblem(await app.anonymous.post(`${AUTH}/refresh`, { refresh_token }), 401, 'wrong-refresh-token');
  });

  it('signs out: the session ends and the cookies go', async () => {
    const first = await signIn();
    const out = await app.anonymous.post(`${AUTH}/logout`, COOKIE, sending(valueOf(first)));
    expect(out.status).toBe(204);
    expect(cookiesOf(out).map(({ maxAge }) => maxAge)).toEqual([0, 0]);
    expect(await isAlive(first)).toBe(false);
    expectProblem(await refresh(valueOf(first)), 401, 'wrong-refresh-token');
  });

  it('without a cookie gets a request to sign in', async () => {
    expectProblem(await app.anonymous.post(`${AUTH}/refresh`, COOKIE, own()), 401, 'wrong-refresh-token');
  });
});

describe('a page of another site', () => {
  const STRANGERS: Array<[string, () => Record<string, string>]> = [
    ['another origin', () => ({ origin: 'https://evil.example' })],
    ['another port of this host', () => ({ origin: 'http://127.0.0.1:1' })],
    ['an opaque origin', () => ({ origin: 'null' })],
    ['a sibling site', () => ({ origin: app.url, 'sec-fetch-site': 'same-site' })],
    ['another site', () => ({ origin: app.url, 'sec-fetch-site': 'cross-site' })],
    ['nothing that a browser adds', () => ({})],
  ];

  it.each(STRANGERS)('with %s cannot renew, end or begin a session', async (_, headers) => {
    const first = await signIn();
    const value = valueOf(first);
    for (const path of ['refresh', 'logout']) {
      const answer = await app.anonymous.post(`${AUTH}/${path}`, COOKIE, sending(value, headers()));
      expectProblem(answer, 403, 'cross-origin-session');
      expect(cookiesOf(answer)).toEqual([]);
    }
    const login = await app.anonymous.post(`${AUTH}/login`, { ...user.credentials, ...COOKIE }, headers());
    expectProblem(login, 403, 'cross-origin-session');
    expect(await isAlive(first)).toBe(true);
    expect((await refresh(value)).status).toBe(200);
  });

  it('cannot use what a form can send: no body, a form, or text', async () => {
    const value = valueOf(await signIn());
    const types = ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'];
    for (const type of types) {
      const headers = sending(value, { ...own(), 'content-type': type });
      expect((await app.anonymous.post(`${AUTH}/refresh`, 'session=cookie', headers)).status).toBe(415);
    }
    expect((await app.anonymous.post(`${AUTH}/refresh`, undefined, sending(value))).status).toBe(400);
    expectFaults(await app.anonymous.post(`${AUTH}/refresh`, {}, sending(value)), ['refresh_token']);
    expect((await refresh(value)).status).toBe(200);
  });

  it('cannot fix the session that a sign-in begins', async () => {
    const attacker = await app.aUser();
    const planted = await app.anonymous.post(`${AUTH}/login`, { ...attacker.credentials, ...COOKIE }, own());
    const victim = await signIn(sending(valueOf(planted)));
    expect(valueOf(victim)).not.toBe(valueOf(planted));
    const renewed = await refresh(valueOf(planted));
    const token = renewed.json<{ access_token: string }>().access_token;
    const who = (await new ApiClient(app.url, token).get(`${AUTH}/me`)).json<{ email: string }>();
    expect(who.email).toBe(attacker.credentials!.email);
  });
});

it('the cookie alone opens nothing: every other route needs the access token', async () => {
  const value = valueOf(await signIn());
  expectProblem(await app.anonymous.get('/api/v1/graphs', sending(value)), 401, 'not-signed-in');
  expectProblem(await app.anonymous.get(`${AUTH}/me`, sending(value)), 401, 'not-signed-in');
});

it('says whether there is an account, and whether more can be made', async () => {
  const closed = await startApp({ REGISTRATION: 'closed' });
  const none = { ADMIN_EMAIL: '', ADMIN_PASSWORD: '' };
  const empty = await startApp(none);
  const first = await startApp({ ...none, REGISTRATION: 'first' });
  try {
    const offered = { password_reset_mail: false };
    const of = async ({ anonymous }: TestApp) => (await anonymous.get(`${AUTH}/registration`)).json();
    expect(await of(closed)).toEqual({ registration: 'closed', has_accounts: true, ...offered });
    expect(await of(empty)).toEqual({ registration: 'open', has_accounts: false, ...offered });
    await empty.aUser();
    expect(await of(empty)).toEqual({ registration: 'open', has_accounts: true, ...offered });
    expect(await of(first)).toEqual({ registration: 'open', has_accounts: false, ...offered });
    await first.aUser();
    expect(await of(first)).toEqual({ registration: 'closed', has_accounts: true, ...offered });
  } finally {
    await closed.close();
    await empty.close();
    await first.close();
  }
});
