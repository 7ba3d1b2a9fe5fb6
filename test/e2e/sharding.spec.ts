import { Statement } from '../../src/platform/database/statement';
import { startApp, type TestApp } from '../support/app';
import { graphBody, type ApiClient } from '../support/client';
import { GRAPHS, type GraphJson } from '../support/graphs';
import { claimsOf, signToken } from '../support/jwt';

/** Tables that hold users' data, and so lie on the shard of `user_key` (docs/decisions/0030-sharding-by-user.md). */
const USER_TABLES = [
  'graphs',
  'versions',
  'version_texts',
  'idempotency_keys',
  'staged_changes',
  'user_keys',
  'sessions',
  'api_tokens',
  'journal',
];

const SECRET_KEY = 'the signing key of this very test, 32+';

const TOUCHES = new RegExp(`\\b(?:FROM|JOIN|INTO|UPDATE)\\s+"?(?:${USER_TABLES.join('|')})\\b`, 'i');

/** A condition on the owner, or an insert that gives one; a join on `user_key` alone would not be enough. */
const NAMES_OWNER = /\buser_key = :|INSERT INTO \w+ \([^)]*\buser_key\b/i;

/** Every statement that is run from now on, once each. */
function collectSql(): Set<string> {
  const seen = new Set<string>();
  // Every statement is compiled right before it goes to the database.
  const prototype = Statement.prototype as unknown as { compile: (...args: unknown[]) => unknown };
  const original = prototype.compile;
  jest.spyOn(prototype, 'compile').mockImplementation(function (this: { sql: string }, ...args) {
    seen.add(this.sql.replace(/\s+/g, ' ').trim());
    return original.apply(this, args);
  });
  return seen;
}

let app: TestApp;
afterEach(async () => {
  jest.restoreAllMocks();
  await app.close();
});

it('names the owner in every statement on users’ data that a user’s request runs', async () => {
  app = await startApp({ SECRET_KEY });
  const user = await app.aUser();
  const seen = collectSql();
  const statuses: Record<string, number> = {};
  const call = async (
    method: string,
    path: string,
    body?: object | Buffer,
    headers: Record<string, string> = {},
  ) => {
    const answer = await user.send(method, path, body, headers);
    statuses[`${method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]+/g, ':id')}`] = answer.status;
    return answer;
  };

  const made = await call('POST', GRAPHS, graphBody('one', '{ "a": 1 }'), { 'idempotency-key': 'key-1' });
  const { id } = made.json<GraphJson>();
  const path = `${GRAPHS}/${id}`;
  const first = new Date(app.clock.now()).toISOString();
  app.clock.advance(60_000);
  await call('PUT', path, graphBody('two', '{ "a": 2 }'));
  await call('GET', path);
  for (const query of ['?limit=5', '?q=o', '?include=config']) await call('GET', `${GRAPHS}${query}`);
  await call('GET', `${path}?at=${first}`);
  await call('GET', `${path}/versions`);
  await call('GET', `${path}/versions/1`);
  await call('PATCH', `${path}/versions/1`, { label: 'kept', pinned: true });
  await call('GET', `${path}/diff?from=1&to=2`);
  await call('POST', `${path}/restore`, { version: 1 });
  await call('POST', '/api/v1/recovery', { at: first });
  await call('POST', '/api/v1/recovery', { at: first, dry_run: false });
  await call('GET', '/api/v1/auth/me');
  await call('GET', '/api/v1/auth/tokens');
  const token = await call('POST', '/api/v1/auth/tokens', { name: 'a token', scopes: ['read'] });
  await call('GET', path, undefined, bearer(token.json<{ token: string }>().token));
  await call('GET', path, undefined, bearer(withoutKey(user)));
  await call('GET', '/api/v1/audit');
  await call('DELETE', path);
  await call('POST', `${path}/recover`);
  await call('DELETE', path);
  await call('POST', `${path}/purge`);

  const pair = await call('POST', '/api/v1/auth/login', user.credentials);
  const { refresh_token } = pair.json<{ refresh_token: string }>();
  const renewed = await call('POST', '/api/v1/auth/refresh', { refresh_token });
  await call('POST', '/api/v1/auth/logout', {
    refresh_token: renewed.json<{ refresh_token: string }>().refresh_token,
  });

  // The walk is worth something only when the calls have done their work.
  expect(Object.entries(statuses).filter(([, status]) => status >= 400)).toEqual([]);
  const onUsersData = [...seen].filter((sql) => TOUCHES.test(sql));
  expect(onUsersData.length).toBeGreaterThan(20);
  expect(onUsersData.filter((sql) => !NAMES_OWNER.test(sql))).toEqual([]);
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** A user's access token as it was made before tokens named the account's key. */
function withoutKey(user: ApiClient): string {
  return signToken(SECRET_KEY, { alg: 'HS256', typ: 'JWT' }, { ...claimsOf(user), key: undefined });
}
