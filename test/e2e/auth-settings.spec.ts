import { startApp } from '../support/app';
import { ApiClient } from '../support/client';
import { claimsOf, signToken } from '../support/jwt';
import { expectProblem } from '../support/problem';
import { rowCounts } from '../support/graphs';

const LOGIN = '/api/v1/auth/login';
const ME = '/api/v1/auth/me';
const PASSWORD = 'correct horse battery';

describe('registration', () => {
  it('is refused with 403 when it is closed', async () => {
    const closed = await startApp({ REGISTRATION: 'closed' });
    try {
      const before = await rowCounts(closed);
      const body = { email: 'somebody@auth.example', password: PASSWORD };
      const answer = await closed.anonymous.post('/api/v1/auth/register', body);
      expectProblem(answer, 403, 'registration-closed');
      expect(await rowCounts(closed)).toEqual(before);
    } finally {
      await closed.close();
    }
  });
});

describe('a token', () => {
  it('is refused when the right key signed something that is no access token of this service', async () => {
    const key = 'the signing key of this very test, 32+';
    const own = await startApp({ SECRET_KEY: key });
    try {
      const user = await own.aUser();
      const other = claimsOf(await own.aUser());
      const claims = claimsOf(user);
      const header = { alg: 'HS256', typ: 'JWT' };
      const get = (changed: object) =>
        own.anonymous.get(ME, {
          authorization: `Bearer ${signToken(key, header, { ...claims, ...changed })}`,
        });
      expect((await get({})).status).toBe(200);
      // As tokens were made before they named the account's key.
      expect((await get({ key: undefined })).status).toBe(200);
      for (const changed of [
        { iss: 'another service' },
        { iss: undefined },
        { typ: 'refresh' },
        { typ: undefined },
        { sub: undefined },
        { sub: 'unknown' },
        { sub: '00000000-0000-7000-8000-000000000000' },
        { sub: '00000000-0000-7000-8000-000000000000', key: undefined },
        { key: Number(claims['key']) + 1 },
        { key: Number(other['key']) },
        { exp: undefined },
        { exp: 4_102_444_800 },
        { exp: 'tomorrow' },
        { iat: Number(claims['iat']) + 3_600 },
      ]) {
        expectProblem(await get(changed), 401, 'not-signed-in');
      }
    } finally {
      await own.close();
    }
  });

  it('ends after ACCESS_TOKEN_EXPIRE_MINUTES', async () => {
    const own = await startApp({ ACCESS_TOKEN_EXPIRE_MINUTES: '5' });
    try {
      own.clock.stop();
      const user = await own.aUser();
      own.clock.advance(5 * 60_000 - 1_001);
      expect((await user.get(ME)).status).toBe(200);
      own.clock.advance(1_001);
      const answer = await user.get(ME);
      expectProblem(answer, 401, 'not-signed-in');
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
      expect((await (await user.signInAgain()).get(ME)).status).toBe(200);
    } finally {
      await own.close();
    }
  });

  it('still verifies after a change of SECRET_KEY when the old key is given as the previous one', async () => {
    const [before, after] = [
      'an old signing key of 32 letters or more',
      'a new signing key of 32 letters or more',
    ];
    const first = await startApp({ SECRET_KEY: before });
    const { token } = await first.aUser();
    await first.service.close();
    const second = await startApp({ SECRET_KEY: after, SECRET_KEY_PREVIOUS: before }, first.place);
    expect((await new ApiClient(second.url, token).get(ME)).status).toBe(200);
    await second.service.close();
    const third = await startApp({ SECRET_KEY: after }, first.place);
    expectProblem(await new ApiClient(third.url, token).get(ME), 401, 'not-signed-in');
    await third.close();
  });
});

describe('the administrator of the environment', () => {
  it('is created at the first start, and not again at the second', async () => {
    const first = await startApp({ ADMIN_EMAIL: 'Root@auth.example', ADMIN_PASSWORD: PASSWORD });
    const admin = await first.anonymous.signIn('root@auth.example', PASSWORD);
    expect((await admin.get(ME)).json()).toMatchObject({ role: 'admin', email: 'root@auth.example' });
    const before = await rowCounts(first);
    await first.service.close();

    const environment = { ADMIN_EMAIL: 'other@auth.example', ADMIN_PASSWORD: 'another long password' };
    const second = await startApp(environment, first.place);
    try {
      expect(await rowCounts(second)).toEqual(before);
      const other = await second.anonymous.post(LOGIN, {
        email: 'other@auth.example',
        password: 'another long password',
      });
      expectProblem(other, 401);
      const root = await second.anonymous.signIn('root@auth.example', PASSWORD);
      expect((await root.get(ME)).json()).toMatchObject({ email: 'root@auth.example', role: 'admin' });
    } finally {
      await second.close();
    }
  });
});

describe('two services in one process', () => {
  it('do not take or refuse the tokens of one another', async () => {
    const one = await startApp();
    const other = await startApp();
    try {
      const [mine, theirs] = [await one.aUser(), await other.aUser()];
      expect((await mine.get(ME)).status).toBe(200);
      expect((await theirs.get(ME)).status).toBe(200);
      expectProblem(await new ApiClient(one.url, theirs.token).get(ME), 401);
    } finally {
      await one.close();
      await other.close();
    }
  });
});
