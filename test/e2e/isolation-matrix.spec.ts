import { startApp, type TestApp } from '../support/app';
import { ApiClient } from '../support/client';
import { GRAPHS, aGraph } from '../support/graphs';
import { routesOf } from '../support/routes';

const V1 = '/api/v1';

/** Everybody who may knock. The owner's graph, token and account are what the routes are asked for. */
const ACTORS = [
  'anonymous',
  'expired token',
  'revoked token',
  'disabled user',
  'read-only API token',
  'append-only API token',
  'read and write API token',
  'another user',
  'operator',
  'admin',
  'owner',
] as const;
type Actor = (typeof ACTORS)[number];

/** What a route is, and so who gets what. `ok` is what somebody gets who may. */
type Kind =
  | 'public'
  | 'account'
  | 'own account'
  | 'new graph'
  | 'own graphs, to change'
  | 'policy'
  | 'own graph, to read'
  | 'own graph, to append to'
  | 'own graph, to change'
  | 'own graph, for good'
  | 'operate'
  | 'administer';

interface Row {
  kind: Kind;
  ok: number;
  body?: object;
  /** Whether the graph must be in the bin. */
  deleted?: boolean;
}

const own = (ok = 200, more: Partial<Row> = {}): Row => ({ kind: 'own graph, to read', ok, ...more });
const change = (ok = 200, more: Partial<Row> = {}): Row => ({ kind: 'own graph, to change', ok, ...more });
const forGood = (ok: number, more: Partial<Row> = {}): Row => ({ kind: 'own graph, for good', ok, ...more });
const open = (ok: number, more: Partial<Row> = {}): Row => ({ kind: 'public', ok, ...more });

/** A source that answers nothing: port 9 discards. */
const NOWHERE = { kind: 'http', url: 'http://127.0.0.1:9' };

const HOOK = { url: NOWHERE.url, events: ['graph.updated'] };

/** A row for each route; a route without one fails the test. */
const ROUTES: Record<string, Row> = {
  'GET /health': open(200),
  'GET /health/live': open(200),
  'GET /health/ready': open(200),
  'GET /metrics': open(200),
  [`GET ${V1}/auth/registration`]: open(200),
  [`POST ${V1}/auth/register`]: open(400, { body: {} }),
  [`POST ${V1}/auth/login`]: open(400, { body: {} }),
  [`POST ${V1}/auth/refresh`]: open(401, { body: { refresh_token: 'none' } }),
  [`POST ${V1}/auth/logout`]: open(204, { body: { refresh_token: 'none' } }),
  [`POST ${V1}/auth/password-reset`]: open(422, { body: { email: 'unknown@test.example' } }),
  [`POST ${V1}/auth/password-reset/confirm`]: open(422, {
    body: { token: 'none', new_password: 'a password of tests' },
  }),
  [`GET ${V1}/auth/me`]: { kind: 'account', ok: 200 },
  [`PUT ${V1}/auth/password`]: { kind: 'own account', ok: 400, body: {} },
  [`GET ${V1}/auth/sessions`]: { kind: 'own account', ok: 200 },
  [`DELETE ${V1}/auth/sessions`]: { kind: 'own account', ok: 204 },
  [`DELETE ${V1}/auth/sessions/:id`]: { kind: 'own account', ok: 204 },
  [`GET ${V1}/auth/tokens`]: { kind: 'own account', ok: 200 },
  [`POST ${V1}/auth/tokens`]: { kind: 'own account', ok: 201, body: { name: 'one more', scopes: ['read'] } },
  [`DELETE ${V1}/auth/tokens/:id`]: { kind: 'own account', ok: 204 },
  [`GET ${V1}/users`]: { kind: 'administer', ok: 200 },
  [`GET ${V1}/users/:id`]: { kind: 'administer', ok: 200 },
  [`PATCH ${V1}/users/:id`]: { kind: 'administer', ok: 200, body: {} },
  [`DELETE ${V1}/users/:id`]: { kind: 'administer', ok: 204 },
  [`POST ${V1}/users/:id/password-reset`]: { kind: 'administer', ok: 201 },
  [`GET ${V1}/audit`]: { kind: 'account', ok: 200 },
  [`GET ${V1}/audit/verification`]: { kind: 'administer', ok: 200 },
  [`GET ${V1}/monitoring/storage`]: { kind: 'operate', ok: 200 },
  [`GET ${V1}/monitoring/backups`]: { kind: 'operate', ok: 200 },
  [`GET ${V1}/monitoring/performance`]: { kind: 'operate', ok: 200 },
  [`GET ${V1}/monitoring/errors`]: { kind: 'operate', ok: 200 },
  [`PUT ${V1}/monitoring/log-level`]: { kind: 'administer', ok: 200, body: { level: 'debug' } },
  [`GET ${GRAPHS}`]: { kind: 'account', ok: 200 },
  [`GET ${GRAPHS}/changes`]: { kind: 'account', ok: 400 },
  [`POST ${GRAPHS}`]: { kind: 'new graph', ok: 201, body: { title: 'one more' } },
  [`POST ${V1}/recovery`]: { kind: 'own graphs, to change', ok: 200, body: { at: '2026-01-01T00:00:00Z' } },
  [`GET ${GRAPHS}/:id`]: own(),
  [`PUT ${GRAPHS}/:id`]: { kind: 'own graph, to append to', ok: 200, body: { title: 'taken over' } },
  [`DELETE ${GRAPHS}/:id`]: change(),
  [`POST ${GRAPHS}/:id/recover`]: change(200, { deleted: true }),
  [`POST ${GRAPHS}/:id/restore`]: change(200, { body: { version: 1 } }),
  [`POST ${GRAPHS}/:id/revert`]: change(200, { body: { version: 2 } }),
  [`POST ${GRAPHS}/:id/purge`]: forGood(204, { deleted: true }),
  [`GET ${GRAPHS}/:id/versions`]: own(),
  [`GET ${GRAPHS}/:id/versions/:version`]: own(),
  [`PATCH ${GRAPHS}/:id/versions/:version`]: change(200, { body: { label: 'taken over' } }),
  [`GET ${GRAPHS}/:id/diff`]: own(),
  [`GET ${GRAPHS}/:id/diff/summary`]: own(),
  [`GET ${GRAPHS}/:id/diff.svg`]: own(),
  [`GET ${GRAPHS}/:id/picture.svg`]: own(),
  [`GET ${GRAPHS}/:id/export`]: own(),
  [`GET ${V1}/export`]: { kind: 'account', ok: 200 },
  [`POST ${V1}/import`]: { kind: 'policy', ok: 200, body: { nodes: [] } },
  [`GET ${V1}/backup-policy`]: { kind: 'account', ok: 200 },
  [`PUT ${V1}/backup-policy`]: { kind: 'policy', ok: 200, body: { keep_last: 50 } },
  [`DELETE ${V1}/backup-policy`]: { kind: 'policy', ok: 204 },
  [`POST ${V1}/backup-policy/preview`]: { kind: 'account', ok: 200, body: {} },
  [`GET ${GRAPHS}/:id/backup-policy`]: own(),
  [`PUT ${GRAPHS}/:id/backup-policy`]: forGood(200, { body: { keep_last: 50 } }),
  [`DELETE ${GRAPHS}/:id/backup-policy`]: forGood(204),
  [`POST ${GRAPHS}/:id/backup-policy/preview`]: own(200, { body: {} }),
  [`GET ${V1}/backups/status`]: { kind: 'account', ok: 200 },
  [`GET ${V1}/backups/runs`]: { kind: 'operate', ok: 200 },
  [`GET ${V1}/backups/runs/:id`]: { kind: 'operate', ok: 404 },
  [`POST ${V1}/backups/runs`]: { kind: 'operate', ok: 400, body: { kind: 'unknown' } },
  [`GET ${V1}/backups/verifications`]: { kind: 'operate', ok: 200 },
  [`POST ${V1}/backups/verifications`]: { kind: 'operate', ok: 400, body: { run_id: 5 } },
  [`GET ${V1}/retention/runs`]: { kind: 'operate', ok: 200 },
  [`POST ${V1}/retention/runs`]: { kind: 'operate', ok: 200, body: { dry_run: true } },
  [`GET ${V1}/sources`]: { kind: 'account', ok: 200 },
  [`POST ${V1}/sources`]: { kind: 'own graphs, to change', ok: 201, body: { ...NOWHERE, name: 'one more' } },
  [`POST ${V1}/sources/check`]: { kind: 'own graphs, to change', ok: 200, body: NOWHERE },
  [`GET ${V1}/sources/:id`]: own(),
  [`PATCH ${V1}/sources/:id`]: change(200, { body: { name: 'taken over' } }),
  [`DELETE ${V1}/sources/:id`]: change(204),
  [`POST ${V1}/sources/:id/sync`]: change(202),
  [`POST ${V1}/sources/:id/hook-token`]: change(),
  [`GET ${V1}/sources/:id/runs`]: own(),
  [`GET ${V1}/sources/:id/items`]: own(),
  [`GET ${V1}/notifications/weekly-summary`]: { kind: 'account', ok: 200 },
  [`PUT ${V1}/notifications/weekly-summary`]: { kind: 'own account', ok: 200, body: { enabled: false } },
  [`GET ${V1}/notifications/weekly-summary/unsubscribe`]: open(400),
  [`POST ${V1}/notifications/weekly-summary/unsubscribe`]: open(400),
  [`POST ${V1}/hooks/sources/:id`]: open(401),
  [`GET ${V1}/webhooks`]: { kind: 'own graphs, to change', ok: 200 },
  [`POST ${V1}/webhooks`]: { kind: 'own graphs, to change', ok: 201, body: HOOK },
  [`GET ${V1}/webhooks/:id`]: change(),
  [`PATCH ${V1}/webhooks/:id`]: change(200, { body: { name: 'taken over' } }),
  [`DELETE ${V1}/webhooks/:id`]: change(204),
  [`POST ${V1}/webhooks/:id/secret`]: change(),
  [`POST ${V1}/webhooks/:id/test`]: change(),
  [`GET ${V1}/webhooks/:id/deliveries`]: change(),
  [`POST ${V1}/webhooks/:id/deliveries/:n/retry`]: change(404),
  [`GET ${GRAPHS}/:id/push`]: change(422),
  [`POST ${GRAPHS}/:id/push`]: change(422, { body: { version: 1 } }),
};

let app: TestApp;
const clients = new Map<Actor, ApiClient>();

beforeAll(async () => {
  app = await startApp({ CONSOLE: 'off' });
  const expired = await app.aUser();
  app.clock.advance(31 * 60_000);
  const revoked = await app.aUser();
  const pair = await app.anonymous.post(`${V1}/auth/login`, { ...revoked.credentials });
  const { access_token, refresh_token } = pair.json<{ access_token: string; refresh_token: string }>();
  await app.anonymous.post(`${V1}/auth/logout`, { refresh_token });
  const disabled = await app.aUser();
  const operator = await app.aUser();
  const owner = await app.aUser();
  const admin = await app.admin();
  await admin.send('PATCH', `${V1}/users/${disabled.userId}`, { is_active: false });
  await admin.send('PATCH', `${V1}/users/${operator.userId}`, { role: 'operator' });
  const aToken = async (...scopes: string[]) => {
    const made = await owner.post(`${V1}/auth/tokens`, { name: scopes.join(), scopes });
    return new ApiClient(app.url, made.json<{ token: string }>().token);
  };

  clients.set('anonymous', app.anonymous);
  clients.set('expired token', expired);
  clients.set('revoked token', new ApiClient(app.url, access_token));
  clients.set('disabled user', disabled);
  clients.set('read-only API token', await aToken('read'));
  clients.set('append-only API token', await aToken('append'));
  clients.set('read and write API token', await aToken('read', 'write'));
  clients.set('another user', await app.aUser());
  clients.set('operator', operator);
  clients.set('admin', admin);
  clients.set('owner', owner);
});
afterAll(() => app.close());

/** The status that an actor must get. */
function expected({ kind, ok }: Row, actor: Actor): number {
  if (kind === 'public') return ok;
  const isOut = ['anonymous', 'expired token', 'revoked token', 'disabled user'].includes(actor);
  if (isOut) return 401;
  const reads = actor === 'read-only API token';
  const appends = actor === 'append-only API token';
  const writes = actor === 'read and write API token';
  const isToken = reads || appends || writes;
  const ifOwner = isToken || actor === 'owner' ? ok : 404;
  switch (kind) {
    case 'account':
      return appends ? 403 : ok;
    case 'own account':
    case 'policy':
      return isToken ? 403 : ok;
    case 'new graph':
      return reads ? 403 : ok;
    case 'own graphs, to change':
      return reads || appends ? 403 : ok;
    case 'own graph, to read':
      return appends ? 403 : ifOwner;
    case 'own graph, to append to':
      return reads ? 403 : ifOwner;
    case 'own graph, to change':
      return reads || appends ? 403 : ifOwner;
    case 'own graph, for good':
      return isToken ? 403 : ifOwner;
    case 'operate':
      return actor === 'operator' || actor === 'admin' ? ok : 403;
    case 'administer':
      return actor === 'admin' ? ok : 403;
  }
}

/** Addresses with something that is still as it was made, by route. */
const untouched = new Map<string, string>();

/**
 * The route's address with something of the owner's in it: a graph, the actor's own token, an account. It is a new one
 * for an actor who may change it; those who must be refused, and those who only read, find what the one before found.
 */
async function addressOf(route: string, row: Row, actor: Actor): Promise<string> {
  const path = route.split(' ')[1]!;
  if (!path.includes(':id')) return path;
  const isOwn = ['/auth/tokens/', '/auth/sessions/'].some((part) => path.startsWith(`${V1}${part}`));
  const changes = !route.startsWith('GET ') && expected(row, actor) < 400;
  if (isOwn || changes) return newAddressOf(path, row, actor);
  const address = untouched.get(route) ?? (await newAddressOf(path, row, actor));
  untouched.set(route, address);
  return address;
}

async function newAddressOf(path: string, row: Row, actor: Actor): Promise<string> {
  if (path.startsWith(`${V1}/users/`)) return path.replace(':id', (await app.aUser()).userId!);
  if (path.startsWith(`${V1}/auth/tokens/`)) return path.replace(':id', await aTokenOf(actor));
  if (path.startsWith(`${V1}/auth/sessions/`)) return path.replace(':id', await aSessionOf(actor));
  const owner = clients.get('owner')!;
  if (path.includes('/sources/')) {
    const made = await owner.post(`${V1}/sources`, { ...NOWHERE, name: 'A source' });
    return path.replace(':id', made.json<{ id: string }>().id);
  }
  if (path.includes('/webhooks/')) {
    // An account can have 20 of them.
    const kept = [...untouched.values()].join();
    for (const { id } of (await owner.get(`${V1}/webhooks`)).json<Array<{ id: string }>>())
      if (!kept.includes(id)) await owner.delete(`${V1}/webhooks/${id}`);
    const made = await owner.post(`${V1}/webhooks`, HOOK);
    return path.replace(':id', made.json<{ id: string }>().id).replace(':n', '1');
  }
  const { id } = await aGraph(owner, { config: { nodes: [] } });
  await owner.put(`${GRAPHS}/${id}`, { config: { nodes: [{ id: 'n' }] } });
  if (row.deleted) await owner.delete(`${GRAPHS}/${id}`);
  return path.replace(':id', id).replace(':version', '1');
}

/** A new session of the actor; an unknown one for actors without a password. */
async function aSessionOf(actor: Actor): Promise<string> {
  const { credentials } = clients.get(actor)!;
  const signedIn = await app.anonymous.post(`${V1}/auth/login`, { ...credentials });
  if (signedIn.status !== 200) return '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11';
  const client = new ApiClient(app.url, signedIn.json<{ access_token: string }>().access_token);
  const sessions = (await client.get(`${V1}/auth/sessions`)).json<Array<{ id: string; current: boolean }>>();
  return sessions.find(({ current }) => current)!.id;
}

async function aTokenOf(actor: Actor): Promise<string> {
  const answer = await clients.get(actor)!.post(`${V1}/auth/tokens`, { name: 'to revoke', scopes: ['read'] });
  return answer.status === 201 ? answer.json<{ id: string }>().id : '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11';
}

it('has a row for every route, and no row for none', () => {
  const known = routesOf(app).filter((route) => !route.includes(' /docs'));
  expect(Object.keys(ROUTES).sort()).toEqual(known.sort());
});

describe.each(Object.keys(ROUTES))('%s', (route) => {
  it.each(ACTORS)('gives %s what is due', async (actor) => {
    const row = ROUTES[route]!;
    const address = await addressOf(route, row, actor);
    const answer = await clients.get(actor)!.send(route.split(' ')[0]!, address, row.body);
    expect({ status: answer.status, body: answer.text.slice(0, 300) }).toEqual({
      status: expected(row, actor),
      body: expect.any(String),
    });
    if (answer.status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });
});
