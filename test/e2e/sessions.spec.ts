import { startApp, type TestApp } from '../support/app';
import { ApiClient, type ApiAnswer } from '../support/client';
import { databaseKind } from '../support/database';
import { GRAPHS } from '../support/graphs';
import { expectFaults, expectProblem } from '../support/problem';
import { PATIENCE_MS, until } from '../support/within';
import { rawSql } from '../support/raw-database';

const AUTH = '/api/v1/auth';
const DAY = 86_400_000;

let app: TestApp;
let user: ApiClient;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.aUser();
});

interface Pair {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token: string;
}

async function signIn(): Promise<Pair> {
  const answer = await app.anonymous.post(`${AUTH}/login`, { ...user.credentials });
  expect(answer.status).toBe(200);
  return answer.json<Pair>();
}

const refresh = (token: unknown): Promise<ApiAnswer> =>
  app.anonymous.post(`${AUTH}/refresh`, { refresh_token: token });
const me = (token: string) => new ApiClient(app.url, token).get(`${AUTH}/me`);

describe('a refresh token', () => {
  it('gives a new pair, and is spent by it', async () => {
    const first = await signIn();
    app.clock.advance(1_000);
    const answer = await refresh(first.refresh_token);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const second = answer.json<Pair>();
    expect(second).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 1_800,
      refresh_token: expect.any(String),
    });
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await me(second.access_token)).status).toBe(200);
    expect((await refresh(second.refresh_token)).status).toBe(200);
  });

  it('ends the whole session when it is used a second time, the thief’s tokens and the owner’s', async () => {
    const first = await signIn();
    const other = await signIn();
    const second = (await refresh(first.refresh_token)).json<Pair>();
    expectProblem(await refresh(first.refresh_token), 401, 'wrong-refresh-token');
    expectProblem(await refresh(second.refresh_token), 401, 'wrong-refresh-token');
    expectProblem(await me(second.access_token), 401);
    expectProblem(await me(first.access_token), 401);
    expect((await me(other.access_token)).status).toBe(200);
  });

  it('counts once, however many use it at the same moment', async () => {
    const { refresh_token } = await signIn();
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(refresh_token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(401)]);
    // The other seven were a second use, which ends the session.
    const winner = answers.find(({ status }) => status === 200)!.json<Pair>();
    expectProblem(await me(winner.access_token), 401);
    expectProblem(await refresh(winner.refresh_token), 401, 'wrong-refresh-token');
  });

  it('lives for 30 days from its own making, and is over then', async () => {
    let { refresh_token } = await signIn();
    for (let i = 0; i < 3; i += 1) {
      app.clock.advance(29 * DAY);
      refresh_token = (await refresh(refresh_token)).json<Pair>().refresh_token;
    }
    app.clock.advance(30 * DAY + 1_000);
    expectProblem(await refresh(refresh_token), 401, 'wrong-refresh-token');
  });

  it('is no access token, and an access token is no refresh token', async () => {
    const { access_token, refresh_token } = await signIn();
    expectProblem(await me(refresh_token), 401);
    expectProblem(await refresh(access_token), 401, 'wrong-refresh-token');
    expect((await me(access_token)).status).toBe(200);
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  it.each([
    ['nothing', undefined],
    ['a number', 5],
    ['null', null],
    ['an empty text', ''],
    ['NUL', 'a\0b'],
  ])('is refused with 400 when it is %s', async (_, token) => {
    expectFaults(await refresh(token), ['refresh_token']);
  });

  it.each(['nonsense', 'a.b.c', '....', 'e30.e30.e30', `${'x'.repeat(1_500)}`])(
    'is refused with 401 when it is %s',
    async (token) => {
      expectProblem(await refresh(token), 401, 'wrong-refresh-token');
    },
  );

  it('is nowhere in the database, in no form', async () => {
    const { refresh_token, access_token } = await signIn();
    const rows = JSON.stringify([
      await rawSql(app.place, 'SELECT * FROM sessions'),
      await rawSql(app.place, 'SELECT * FROM journal'),
    ]);
    for (const token of [refresh_token, access_token]) expect(rows).not.toContain(token.split('.')[2]);
  });
});

describe('signing out', () => {
  it('ends the session with its access tokens, and no other session', async () => {
    const mine = await signIn();
    const other = await signIn();
    expect((await app.anonymous.post(`${AUTH}/logout`, { refresh_token: mine.refresh_token })).status).toBe(
      204,
    );
    expectProblem(await me(mine.access_token), 401);
    expectProblem(await refresh(mine.refresh_token), 401);
    expect((await me(other.access_token)).status).toBe(200);
  });

  it('answers alike for a token that stands for no session any more, or never did', async () => {
    const { refresh_token } = await signIn();
    for (const token of [refresh_token, refresh_token, 'nonsense'])
      expect((await app.anonymous.post(`${AUTH}/logout`, { refresh_token: token })).status).toBe(204);
    expectFaults(await app.anonymous.post(`${AUTH}/logout`, {}), ['refresh_token']);
  });
});

describe('a new password', () => {
  const change = (current: unknown, next: unknown) =>
    user.put(`${AUTH}/password`, { current_password: current, new_password: next });

  it('counts at once, and ends every session of the account', async () => {
    const other = await signIn();
    const { email, password } = user.credentials!;
    expect((await change(password, 'a better horse battery')).status).toBe(204);
    expectProblem(await user.get(`${AUTH}/me`), 401);
    expectProblem(await me(other.access_token), 401);
    expectProblem(await refresh(other.refresh_token), 401);
    expectProblem(await app.anonymous.post(`${AUTH}/login`, { email, password }), 401);
    expect((await app.anonymous.signIn(email, 'a better horse battery')).userId).toBe(user.userId);
  });

  it('is refused for a wrong current one, and nothing changes', async () => {
    expectProblem(await change('not my password', 'a better horse battery'), 403, 'wrong-password');
    expect((await user.get(`${AUTH}/me`)).status).toBe(200);
  });

  it.each([
    ['11 characters', 'x'.repeat(11)],
    ['129 characters', 'x'.repeat(129)],
    ['NUL', 'twelve characters\0'],
    ['no text', 5],
  ])('is refused with %s', async (_, next) => {
    expectFaults(await change(user.credentials!.password, next), ['new_password']);
  });

  it('is refused when it is the e-mail address', async () => {
    expectFaults(await change(user.credentials!.password, user.credentials!.email), ['new_password']);
  });

  it('keeps what comes after 72 bytes, where bcrypt would cut', async () => {
    const long = `${'ü'.repeat(60)}-one`;
    expect((await change(user.credentials!.password, long)).status).toBe(204);
    const { email } = user.credentials!;
    expectProblem(
      await app.anonymous.post(`${AUTH}/login`, { email, password: `${'ü'.repeat(60)}-two` }),
      401,
    );
    expect((await app.anonymous.signIn(email, long)).userId).toBe(user.userId);
  });
});

describe('an API token', () => {
  const make = async (body: object): Promise<{ id: string; token: string }> => {
    const answer = await user.post(`${AUTH}/tokens`, body);
    expect(answer.status).toBe(201);
    return answer.json<{ id: string; token: string }>();
  };
  const as = (token: string) => new ApiClient(app.url, token);

  it('is shown once, kept as a hash, and listed without its secret', async () => {
    const { id, token } = await make({ name: 'export', scopes: ['read'] });
    expect(token).toMatch(/^gob_[\w-]{80,}$/);
    const list = await user.get(`${AUTH}/tokens`);
    expect(list.json()).toEqual([
      {
        id,
        name: 'export',
        scopes: ['read'],
        created_at: expect.any(String),
        expires_at: null,
        last_used_at: null,
      },
    ]);
    expect(list.headers.get('x-total-count')).toBe('1');
    const secret = Buffer.from(token.slice(4), 'base64url').subarray(32);
    const [row] = await rawSql(app.place, 'SELECT secret_sha256 FROM api_tokens WHERE name = ?', ['export']);
    expect((row!['secret_sha256'] as Buffer).equals(secret)).toBe(false);
  });

  it('does what its scopes say, and no more', async () => {
    const reader = as((await make({ name: 'reader', scopes: ['read'] })).token);
    const writer = as((await make({ name: 'writer', scopes: ['write'] })).token);
    const { id } = (await writer.post(GRAPHS, { title: 'by a machine' })).json<{ id: string }>();
    expect((await reader.get(`${GRAPHS}/${id}`)).status).toBe(200);
    expect((await reader.get(`${AUTH}/me`)).status).toBe(200);
    expectProblem(await reader.put(`${GRAPHS}/${id}`, { title: 'other' }), 403);
    expectProblem(await writer.get(`${GRAPHS}/${id}`), 403);
    for (const machine of [reader, writer]) {
      expectProblem(await machine.get(`${AUTH}/tokens`), 403);
      expectProblem(await machine.post(`${AUTH}/tokens`, { name: 'more', scopes: ['read'] }), 403);
      const passwords = {
        current_password: user.credentials!.password,
        new_password: 'a better horse battery',
      };
      expectProblem(await machine.put(`${AUTH}/password`, passwords), 403);
    }
  });

  it('never makes an administrator of a machine', async () => {
    const admin = await app.admin();
    const answer = await admin.post(`${AUTH}/tokens`, { name: 'admin’s', scopes: ['read', 'write'] });
    const machine = as(answer.json<{ token: string }>().token);
    expectProblem(await machine.get('/api/v1/users'), 403);
    expectProblem(await machine.get('/api/v1/monitoring/errors'), 403);
  });

  it('tells when it was used last, to the minute', async () => {
    const { token } = await make({ name: 'used', scopes: ['read'] });
    await as(token).get(`${AUTH}/me`);
    const lastUse = async () =>
      (await user.get(`${AUTH}/tokens`)).json<Array<{ last_used_at: string | null }>>()[0]!;
    const read = async () => (await lastUse()).last_used_at ?? undefined;
    const usedAt = Date.parse(await until(PATIENCE_MS, 'the time of the use', read));
    expect([usedAt > app.clock.now() - 60_000 * 60, usedAt <= app.clock.now()]).toEqual([true, true]);
  });

  it('ends at its time, when it is revoked, and with its account', async () => {
    const { token } = await make({
      name: 'for an hour',
      scopes: ['read'],
      expires_at: new Date(app.clock.now() + 3_600_000).toISOString(),
    });
    const revoked = await make({ name: 'revoked', scopes: ['read'] });
    expect((await as(token).get(`${AUTH}/me`)).status).toBe(200);
    expect((await user.delete(`${AUTH}/tokens/${revoked.id}`)).status).toBe(204);
    expectProblem(await as(revoked.token).get(`${AUTH}/me`), 401);
    expectProblem(await user.delete(`${AUTH}/tokens/${revoked.id}`), 404);
    app.clock.advance(3_600_000);
    expectProblem(await as(token).get(`${AUTH}/me`), 401);
  });

  it('is visible to its user alone, who alone can end it', async () => {
    const { id, token } = await make({ name: 'mine', scopes: ['read'] });
    const other = await app.aUser();
    expect((await other.get(`${AUTH}/tokens`)).json()).toEqual([]);
    expectProblem(await other.delete(`${AUTH}/tokens/${id}`), 404);
    expect((await as(token).get(`${AUTH}/me`)).status).toBe(200);
  });

  it('does not open with a changed secret, another’s id, or a part missing', async () => {
    const { token } = await make({ name: 'attacked', scopes: ['read'] });
    const bytes = Buffer.from(token.slice(4), 'base64url');
    const forged = [
      bytes.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
      bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte)),
      bytes.map((byte, i) => (i === 20 ? byte ^ 1 : byte)),
      bytes.subarray(0, 63),
      Buffer.alloc(64),
    ].map((changed) => `gob_${Buffer.from(changed).toString('base64url')}`);
    for (const text of [...forged, 'gob_', 'gob_nonsense', token.slice(4)])
      expectProblem(await as(text).get(`${AUTH}/me`), 401);
  });

  it.each([
    [{ scopes: ['read'] }, ['name']],
    [{ name: '', scopes: ['read'] }, ['name']],
    [{ name: 'x', scopes: [] }, ['scopes']],
    [{ name: 'x', scopes: ['admin'] }, ['scopes']],
    [{ name: 'x', scopes: ['read', 'read'] }, ['scopes']],
    [{ name: 'x', scopes: 'read' }, ['scopes']],
    [{ name: 'x', scopes: ['read'], expires_at: 'soon' }, ['expires_at']],
    [{ name: 'x', scopes: ['read'], expires_at: '2001-01-01T00:00:00Z' }, ['expires_at']],
    [{ name: 'x', scopes: ['read'], token: 'mine' }, ['token']],
  ])('is refused as %j', async (body, fields) => {
    expectFaults(await user.post(`${AUTH}/tokens`, body), fields);
  });

  it('is one of at most a hundred', async () => {
    for (let i = 0; i < 100; i += 1) await make({ name: `token ${i}`, scopes: ['read'] });
    expectProblem(
      await user.post(`${AUTH}/tokens`, { name: 'one more', scopes: ['read'] }),
      409,
      'too-many-api-tokens',
    );
  });
});

it('keeps writes going while a crowd signs in', async () => {
  const crowd = Array.from({ length: 60 }, () =>
    app.anonymous.post(`${AUTH}/login`, { ...user.credentials }),
  );
  const writes = Array.from({ length: 20 }, (_, i) => user.post(GRAPHS, { title: `in the crowd ${i}` }));
  expect((await Promise.all(writes)).map(({ status }) => status)).toEqual(new Array(20).fill(201));
  for (const { status } of await Promise.all(crowd)) expect(status).toBe(200);
});

it('sends those away for a moment who come when a hundred wait already', async () => {
  const crowd = Array.from({ length: 150 }, () =>
    app.anonymous.post(`${AUTH}/login`, { ...user.credentials }),
  );
  const answers = await Promise.all(crowd);
  for (const answer of answers) {
    expect([200, 503]).toContain(answer.status);
    if (answer.status === 503) expect(answer.headers.get('retry-after')).toBe('2');
  }
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(100);
});

const onPostgres = databaseKind === 'postgres' ? it : it.skip;
onPostgres('counts in every instance from the next request (SQLite has but one)', async () => {
  const second = await startApp({}, app.place);
  second.clock.advance(app.clock.now() - second.clock.now());
  try {
    const there = (token: string) => new ApiClient(second.url, token).get(`${AUTH}/me`);
    expect((await there(user.token!)).status).toBe(200);
    const admin = await app.admin();
    await admin.send('PATCH', `/api/v1/users/${user.userId}`, { is_active: false });
    expectProblem(await there(user.token!), 401);
  } finally {
    await second.stop();
  }
});
