import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { claimsOf, headerOf, signToken, tokenPart, tokenParts } from '../support/jwt';
import { expectFaults, expectProblem } from '../support/problem';
import { rowCounts } from '../support/graphs';

const REGISTER = '/api/v1/auth/register';
const LOGIN = '/api/v1/auth/login';
const ME = '/api/v1/auth/me';
const PASSWORD = 'correct horse battery';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let app: TestApp;
let anonymous: ApiClient;
let last = 0;

beforeAll(async () => {
  app = await startApp();
  anonymous = app.anonymous;
});
afterAll(() => app.close());

const newEmail = () => `person${(last += 1)}@auth.example`;
const register = (body: object | string) => anonymous.post(REGISTER, body);

async function registered(): Promise<string> {
  const email = newEmail();
  expect((await register({ email, password: PASSWORD })).status).toBe(201);
  return email;
}

describe('registration', () => {
  it('makes an account that can sign in, and answers it without any secret', async () => {
    const email = newEmail();
    const answer = await register({ email, password: PASSWORD });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.json()).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      email,
      role: 'user',
      is_active: true,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect((await anonymous.post(LOGIN, { email, password: PASSWORD })).status).toBe(200);
  });

  it('refuses an e-mail address that is taken, also in other letter case', async () => {
    const email = await registered();
    const before = await rowCounts(app);
    for (const taken of [email, email.toUpperCase(), email.replace('person', 'Person')]) {
      const answer = await register({ email: taken, password: 'another long password' });
      expectProblem(answer, 409, 'email-taken');
    }
    expect(await rowCounts(app)).toEqual(before);
  });

  it('makes one account when many register the same address at once', async () => {
    const email = newEmail();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => register({ email, password: PASSWORD })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(7).fill(409)]);
  });

  it.each([
    ['11 characters', 'eleven char'],
    ['129 characters', 'p'.repeat(129)],
    ['nothing', ''],
    ['11 characters that take 22 UTF-16 units', '😀'.repeat(11)],
    ['a NUL', 'a long password\0'],
    ['half of a surrogate pair', 'a long password \ud800'],
    ['a number', 123456789012],
    ['null', null],
    ['an array', ['correct horse battery']],
  ])('refuses a password of %s', async (_, password) => {
    const before = await rowCounts(app);
    expectFaults(await register({ email: newEmail(), password }), ['password']);
    expect(await rowCounts(app)).toEqual(before);
  });

  it.each([
    ['12 characters', 'twelve chars'],
    ['128 characters', 'p'.repeat(128)],
    ['128 characters outside the basic plane', '😀'.repeat(128)],
    ['white space at both ends', '  correct horse  '],
  ])('takes a password of %s, exactly as it is', async (_, password) => {
    const email = newEmail();
    expect((await register({ email, password })).status).toBe(201);
    expect((await anonymous.post(LOGIN, { email, password })).status).toBe(200);
    const shorter = await anonymous.post(LOGIN, { email, password: [...password].slice(0, -1).join('') });
    expectProblem(shorter, 401);
  });

  it('refuses a password that is the e-mail address, in any letter case', async () => {
    const email = newEmail();
    expectFaults(await register({ email, password: email }), ['password']);
    expectFaults(await register({ email, password: email.toUpperCase() }), ['password']);
  });

  it.each([
    '',
    'nowhere',
    'no body@auth.example',
    '@auth.example',
    'a@b',
    5,
    null,
    'a@b.example\0',
    '\ud800',
    '\ud800@b.example',
    {},
    [],
  ])('refuses the e-mail address %j', async (email) =>
    expectFaults(await register({ email, password: PASSWORD }), ['email']),
  );

  it('refuses an e-mail address that is too long for a mail server', async () => {
    const email = `a@${'b.'.repeat(130)}example`;
    expectFaults(await register({ email, password: PASSWORD }), ['email']);
  });

  it('lists all faults at once, and does not let a role be chosen', async () => {
    const answer = await register({ email: 'nowhere', password: 'short', role: 'admin', is_active: true });
    expectFaults(answer, ['email', 'password', 'role', 'is_active']);
  });

  it('takes JSON only, no form', async () => {
    const form = new URLSearchParams({ email: newEmail(), password: PASSWORD }).toString();
    expectProblem(await anonymous.post(REGISTER, form, FORM), 415);
  });
});

describe('sign-in', () => {
  const token = {
    access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as string,
    token_type: 'bearer',
    expires_in: 1800,
  };

  it('takes JSON with the e-mail address, in any letter case', async () => {
    const email = await registered();
    for (const spelling of [email, email.toUpperCase(), ` ${email} `]) {
      const answer = await anonymous.post(LOGIN, { email: spelling, password: PASSWORD });
      expect(answer.status).toBe(200);
      expect(answer.json()).toMatchObject(token);
    }
  });

  it("takes the form of OAuth2's password grant, as Swagger UI and others send it", async () => {
    const email = await registered();
    const short = new URLSearchParams({ username: email, password: PASSWORD });
    const whole = new URLSearchParams({
      grant_type: 'password',
      username: email,
      password: PASSWORD,
      scope: '',
      client_id: '',
      client_secret: '',
    });
    for (const form of [short, whole]) {
      const answer = await anonymous.post(LOGIN, form.toString(), FORM);
      expect(answer.status).toBe(200);
      expect(answer.json()).toMatchObject(token);
    }
  });

  it('keeps its answer out of every cache (RFC 6749, 5.1)', async () => {
    const email = await registered();
    const answer = await anonymous.post(LOGIN, { email, password: PASSWORD });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('gives one and the same 401 for an unknown user and for a wrong password', async () => {
    const email = await registered();
    const wrong = await anonymous.post(LOGIN, { email, password: 'not the password' });
    const unknown = await anonymous.post(LOGIN, { email: newEmail(), password: PASSWORD });
    const [first, second] = [wrong, unknown].map((answer) => {
      const { request_id: _, ...body } = expectProblem(answer, 401, 'wrong-credentials');
      return { body, challenge: answer.headers.get('www-authenticate') };
    });
    expect(first).toEqual(second);
    expect(first?.challenge).toMatch(/^Bearer\b/);
  });

  it.each([
    ['nothing', {}],
    ['no password', { email: 'a@auth.example' }],
    ['no name', { password: PASSWORD }],
    ['an e-mail address that is no string', { email: 5, password: PASSWORD }],
    ['an unknown field', { email: 'a@auth.example', password: PASSWORD, remember: true }],
    ['another grant', { username: 'a@auth.example', password: PASSWORD, grant_type: 'client_credentials' }],
  ])('refuses %s with 400', async (_, body) => {
    expectProblem(await anonymous.post(LOGIN, body), 400);
    const form = new URLSearchParams(body as Record<string, string>).toString();
    if (!('email' in body && body.email === 5)) {
      expectProblem(await anonymous.post(LOGIN, form, FORM), 400);
    }
  });

  it('refuses a name that is none also when it is sent under both names', async () => {
    for (const name of [{}, [], 5, 'x'.repeat(300), 'a\0b']) {
      const both = { email: name, username: name, password: PASSWORD };
      expectProblem(await anonymous.post(LOGIN, both), 400);
    }
  });

  it('refuses a body other than JSON or a form with 415', async () => {
    expectProblem(await anonymous.post(LOGIN, 'username=a', { 'content-type': 'text/plain' }), 415);
  });
});

describe('a token', () => {
  const me = (token: string) => anonymous.get(ME, { authorization: `Bearer ${token}` });

  it('opens the own account', async () => {
    const user = await app.aUser();
    const answer = await user.get(ME);
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ id: user.userId, email: user.credentials?.email, role: 'user' });
  });

  it('is asked for where a route needs one', async () => {
    const answer = await anonymous.get(ME);
    expectProblem(answer, 401, 'not-signed-in');
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
  });

  it.each([
    ['nothing behind Bearer', 'Bearer '],
    ['garbage', 'Bearer garbage'],
    ['three parts of garbage', 'Bearer a.b.c'],
    ['a header that is null', `Bearer ${Buffer.from('null').toString('base64url')}.e30.x`],
    ['another scheme', 'Basic dXNlcjpwYXNzd29yZA=='],
    ['a very long one', `Bearer ${'x'.repeat(8_000)}`],
  ])('is refused when it is %s', async (_, authorization) => {
    const answer = await anonymous.get(ME, { authorization });
    expectProblem(answer, 401, 'not-signed-in');
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
  });

  it('is not taken from the query string', async () => {
    const user = await app.aUser();
    expectProblem(await anonymous.get(`${ME}?access_token=${user.token}`), 401);
  });

  it('is refused without a signature (algorithm none)', async () => {
    const claims = claimsOf(await app.aUser());
    for (const alg of ['none', 'None', 'NONE']) {
      const unsigned = `${tokenPart({ alg, typ: 'JWT' })}.${tokenPart(claims)}.`;
      expectProblem(await me(unsigned), 401, 'not-signed-in');
    }
  });

  it('is refused when another key or another algorithm signed it', async () => {
    const user = await app.aUser();
    const forged = signToken('a key that somebody else has made up', headerOf(user), claimsOf(user));
    expectProblem(await me(forged), 401, 'not-signed-in');
    const [, claims, signature] = tokenParts(user);
    const relabelled = `${tokenPart({ ...headerOf(user), alg: 'HS512' })}.${claims}.${signature}`;
    expectProblem(await me(relabelled), 401, 'not-signed-in');
  });

  it('is refused when a claim was changed after signing', async () => {
    const [user, victim] = [await app.aUser(), await app.aUser()];
    const [header, , signature] = tokenParts(user);
    const stolen = tokenPart({ ...claimsOf(user), sub: victim.userId });
    expectProblem(await me(`${header}.${stolen}.${signature}`), 401, 'not-signed-in');
  });
});
