import { randomBytes } from 'node:crypto';
import { startApp } from '../support/app';
import { startChild, type ChildService } from '../support/child';
import { ApiClient, graphBody } from '../support/client';
import { databaseKind, migratedPlace, type TestPlace } from '../support/database';
import { GRAPHS, type GraphJson } from '../support/graphs';
import { rawRequest } from '../support/raw-http';
import { rawSql } from '../support/raw-database';
import { startS3, type S3Server } from '../support/s3-server';
import { askForCopy } from '../support/vault';

const onPostgres = databaseKind === 'postgres';
/** In everything that this test plants and can choose the text of. */
const MARK = 'planted';
const ADMIN = { email: `${MARK}-admin@secrets.example`, password: `${MARK}-admin-password` };
const USER = { email: `${MARK}-user@secrets.example`, password: `${MARK}-user-password` };
const NEW_PASSWORD = `${MARK}-new-password`;
const DATABASE_PASSWORD = `${MARK}-database-password`;

let place: TestPlace;
let s3: S3Server;
let children: ChildService[];
/** Secrets that are not chosen here, by what they are. */
let secrets: Record<string, string>;
let environment: Record<string, string>;

beforeEach(async () => {
  place = await migratedPlace();
  s3 = await startS3();
  children = [];
  environment = await plantedEnvironment();
  secrets = {
    'encryption key': environment['ENCRYPTION_KEY']!,
    'secret key': environment['SECRET_KEY']!,
    'previous secret key': environment['SECRET_KEY_PREVIOUS']!,
    'key of the backup store': environment['AWS_SECRET_ACCESS_KEY']!,
    'id of that key': environment['AWS_ACCESS_KEY_ID']!,
  };
});
afterEach(async () => {
  for (const child of children) await child.stop('SIGKILL');
  if (onPostgres) await dropRole();
  await s3.close();
  await place.remove();
});

/** Every secret that a configuration can hold, and a log that keeps nothing back. */
async function plantedEnvironment(): Promise<Record<string, string>> {
  return {
    DATA_DIR: place.dataDir,
    DATABASE_URL: onPostgres ? await withPassword() : place.databaseUrl,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    SECRET_KEY: randomBytes(32).toString('base64url'),
    SECRET_KEY_PREVIOUS: randomBytes(32).toString('base64url'),
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    METRICS_TOKEN: `${MARK}-metrics-token`,
    BACKUP_STORE_URL: s3.url('vault'),
    AWS_ACCESS_KEY_ID: process.env['AWS_ACCESS_KEY_ID']!,
    AWS_SECRET_ACCESS_KEY: process.env['AWS_SECRET_ACCESS_KEY']!,
    BACKUP_CRON: '0 0 1 1 *',
    LOG_LEVEL: 'trace',
    SLOW_QUERY_MS: '1',
    SLOW_REQUEST_MS: '1',
    THROTTLE_LOGIN_PER_MINUTE: '30',
  };
}

const roleOf = (): string => new URL(place.databaseUrl).pathname.slice(1);

async function withPassword(password = DATABASE_PASSWORD): Promise<string> {
  const url = new URL(place.databaseUrl);
  await rawSql(place, `CREATE ROLE ${roleOf()} SUPERUSER LOGIN PASSWORD '${password}'`);
  url.username = roleOf();
  url.password = password;
  return url.toString();
}

async function dropRole(): Promise<void> {
  const sql = (role: string) => `REASSIGN OWNED BY ${role} TO CURRENT_USER`;
  await rawSql(place, sql(roleOf())).catch(() => undefined);
  await rawSql(place, `DROP ROLE IF EXISTS ${roleOf()}`);
}

async function start(more: Record<string, string> = {}): Promise<ChildService> {
  const child = await startChild({ ...environment, ...more });
  children.push(child);
  return child;
}

/** Each secret as it is, and as it would look like in bytes, addresses and JSON. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    Buffer.from(secret, 'base64').toString('hex'),
    JSON.stringify(secret).slice(1, -1),
  ];
}

/** The secrets that a text contains. */
function found(text: string): string[] {
  const marked = [...new Set(text.match(new RegExp(`${MARK}[\\w@.-]*`, 'gi')) ?? [])];
  const encoded = [ADMIN.password, USER.password, USER.email, NEW_PASSWORD, DATABASE_PASSWORD]
    .flatMap(formsOf)
    .filter((form) => text.includes(form));
  const others = Object.entries(secrets)
    .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
    .map(([name]) => name);
  return [...marked, ...encoded, ...others];
}

interface Pair {
  access_token: string;
  refresh_token: string;
}

function plant(name: string, token: string): void {
  secrets[name] = token;
  // The signature alone is enough for a person who knows the rest.
  const signature = token.split('.')[2];
  if (signature) secrets[`${name}'s signature`] = signature;
}

/** Accounts, sessions, tokens: all that goes well and most that can go wrong. */
async function signInEveryWay(anonymous: ApiClient): Promise<ApiClient> {
  const auth = '/api/v1/auth';
  await anonymous.post(`${auth}/register`, USER);
  await anonymous.post(`${auth}/register`, USER);
  await anonymous.post(`${auth}/register`, { email: `${MARK}`, password: MARK, [`${MARK}-field`]: MARK });
  await anonymous.post(`${auth}/login`, { ...USER, password: `${MARK}-wrong` });
  await anonymous.post(`${auth}/login`, `username=${USER.email}&password=${USER.password}`, {
    'content-type': 'application/x-www-form-urlencoded',
  });
  const pair = (await anonymous.post(`${auth}/login`, USER)).json<Pair>();
  plant('access token', pair.access_token);
  plant('refresh token', pair.refresh_token);
  const renewed = (
    await anonymous.post(`${auth}/refresh`, { refresh_token: pair.refresh_token })
  ).json<Pair>();
  plant('second access token', renewed.access_token);
  plant('second refresh token', renewed.refresh_token);
  await anonymous.post(`${auth}/refresh`, { refresh_token: pair.refresh_token });
  await anonymous.post(`${auth}/refresh`, { refresh_token: `${MARK}-refresh-token` });
  await anonymous.get(`${auth}/me`, { authorization: `Bearer ${MARK}-token` });
  await anonymous.get(`${auth}/me?access_token=${MARK}-in-the-address`);

  const user = await anonymous.signIn(USER.email, USER.password);
  plant('third access token', user.token!);
  const { token } = (await user.post(`${auth}/tokens`, { name: `${MARK}-name`, scopes: ['read'] })).json<{
    token: string;
  }>();
  plant('API token', token);
  const reader = new ApiClient(anonymous.url, token);
  await reader.get(GRAPHS);
  await reader.post(GRAPHS, { title: MARK });
  await user.put(`${auth}/password`, { current_password: `${MARK}-not-it`, new_password: NEW_PASSWORD });
  await user.put(`${auth}/password`, { current_password: USER.password, new_password: NEW_PASSWORD });
  return anonymous.signIn(USER.email, NEW_PASSWORD);
}

/** Contents, in every place where some can stand. */
async function workOnGraphs(user: ApiClient): Promise<void> {
  plant('fourth access token', user.token!);
  const made = await user.post(GRAPHS, graphBody(`${MARK}-title`, `{"key":"${MARK}-config"}`));
  const path = `${GRAPHS}/${made.json<GraphJson>().id}`;
  await user.put(path, graphBody(`${MARK}-title-2`, `["${MARK}-config-2"]`));
  await user.put(path, { description: `${MARK}-description` }, { 'if-match': `"${MARK}"` });
  await user.get(`${GRAPHS}?q=${MARK}&include=config,versions`);
  await user.get(`${GRAPHS}?${MARK}=${MARK}`);
  await user.get(`${GRAPHS}/${MARK}`);
  await user.get(`${path}/diff?from=1&to=2`);
  await user.get(`${path}/picture.svg`);
  await user.post(GRAPHS, `{"title":"${MARK}","config":{"${MARK}"`);
  await user.post(GRAPHS, { title: MARK, status: MARK }, { 'idempotency-key': `${MARK}-key` });
  await user.get(path, { cookie: `session=${MARK}`, 'user-agent': MARK, 'x-request-id': `${MARK} id` });
  await rawRequest(user.url, { method: 'GET', path: `/${MARK}/%ZZ${MARK}` });
  // Large enough for the worker threads and for slow statements.
  const text = `${MARK}${randomBytes(1_500_000).toString('base64')}`;
  await user.put(path, graphBody('large', JSON.stringify([text])));
  await user.delete(path);
}

/** Faults, each of which writes about itself. */
async function breakThings(child: ChildService, admin: ApiClient): Promise<void> {
  await admin.get('/metrics', { authorization: `Bearer ${MARK}-wrong-metrics-token` });
  await admin.get('/metrics', { authorization: `Bearer ${environment['METRICS_TOKEN']}` });
  expect((await askForCopy(admin, 'full')).status).not.toBe('failed');
  s3.fault = { status: 403, code: 'SignatureDoesNotMatch' };
  expect((await askForCopy(admin, 'full')).status).toBe('failed');
  s3.fault = undefined;
  expect((await admin.get('/health')).status).toBeLessThan(504);
  child.process.kill('SIGHUP');
  if (onPostgres) {
    const others = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()';
    await rawSql(place, `${others} AND datname = current_database()`);
    await admin.get(GRAPHS);
  }
  // An unexpected error, with its stack, in the middle of a write of content.
  await rawSql(place, 'ALTER TABLE versions RENAME TO versions_gone');
  const failed = await admin.post(GRAPHS, graphBody(`${MARK}-title`, `{"key":"${MARK}-config"}`));
  expect(failed.status).toBe(500);
  await rawSql(place, 'ALTER TABLE versions_gone RENAME TO versions');
}

// How a line is formatted is no matter of the database.
it.each(onPostgres ? ['json'] : ['json', 'pretty'])(
  'no secret, address or content is in anything the process says, whatever goes well or wrong (%s)',
  async (format) => {
    const child = await start({ LOG_FORMAT: format });
    const anonymous = new ApiClient(child.url);
    const user = await signInEveryWay(anonymous);
    await workOnGraphs(user);
    const admin = await anonymous.signIn(ADMIN.email, ADMIN.password);
    plant("administrator's access token", admin.token!);
    await breakThings(child, admin);
    await child.stop('SIGTERM');
    const output = child.lines.join('\n') + child.complaint();
    expect(found(output)).toEqual([]);
    // It did speak, of all of this.
    for (const said of [
      '/api/v1/graphs',
      'slow query',
      'slow request',
      'vault-copy',
      'SIGHUP',
      'unexpectedly',
    ])
      expect([said, output.includes(said)]).toEqual([said, true]);
    expect(output).not.toContain('argon2id$');
  },
);

it('is a search that would find them', () => {
  expect(found(`{"x":"${ADMIN.password}"}`)).toContain(ADMIN.password);
  expect(found(Buffer.from(USER.password).toString('hex'))).toHaveLength(1);
  expect(found(Buffer.from(environment['ENCRYPTION_KEY']!, 'base64').toString('hex'))).toEqual([
    'encryption key',
  ]);
});

it('or in the message of a start that fails', async () => {
  const refused = async (more: Record<string, string>) => {
    const error: unknown = await start(more).then(
      () => new Error('it started'),
      (reason: unknown) => reason,
    );
    return (error as Error).message;
  };
  // Makes a database that belongs to these keys.
  await (await startApp(environment, place)).stop();
  const short = await refused({
    SECRET_KEY: `${MARK}`,
    ENCRYPTION_KEY: `${MARK}-no-key`,
    METRICS_TOKEN: MARK,
    ADMIN_PASSWORD: MARK,
    DATABASE_URL: `oracle://user:${DATABASE_PASSWORD}@host/database`,
    BACKUP_STORE_URL: `s3://${MARK}:${MARK}@bucket/prefix?endpoint=${MARK}`,
  });
  expect(short).toContain('SECRET_KEY');
  expect(found(short)).toEqual([]);
  const wrongKey = await refused({ ENCRYPTION_KEY: randomBytes(32).toString('base64') });
  expect(wrongKey).toContain('key');
  expect(found(wrongKey)).toEqual([]);
  if (!onPostgres) return;
  const url = new URL(environment['DATABASE_URL']!);
  // A user whom the tests' own server asks for a password; no server lets it in.
  url.username = 'asked_for_a_password';
  url.password = `${MARK}-wrong-password`;
  const denied = await refused({ DATABASE_URL: url.toString() });
  expect(denied).toContain('refuses the user or the password');
  expect(found(denied)).toEqual([]);
});
