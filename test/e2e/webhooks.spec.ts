import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { expectProblem } from '../support/problem';
import { rawSql } from '../support/raw-database';
import { aGraph } from '../support/graphs';
import { WEBHOOKS, aReceiver, aWebhook, deliverNow, messageOf, type WebhookJson } from '../support/webhooks';

/** Port 9 discards. */
const NOWHERE = 'http://127.0.0.1:9/path?token=a-secret-path';
const HOUR_MS = 3_600_000;

let app: TestApp;
let user: ApiClient;
beforeAll(async () => {
  app = await startApp();
});
beforeEach(async () => {
  user = await app.aUser();
});
afterAll(() => app.close());

it('shows what was set, and the secret only once', async () => {
  const graphId = '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11';
  const { secret, ...made } = await aWebhook(user, NOWHERE, { graph_ids: [graphId], format: 'slack' });
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(made).toMatchObject({
    name: '127.0.0.1:9',
    url: NOWHERE,
    format: 'slack',
    events: ['graph.created', 'graph.updated'],
    graph_ids: [graphId],
    status: 'working',
    enabled: true,
    disabled_reason: null,
    previous_secret_until: null,
  });
  expect((await user.get(`${WEBHOOKS}/${made.id}`)).json()).toEqual(made);
  const list = await user.get(WEBHOOKS);
  expect(list.json()).toEqual([made]);
  expect(list.headers.get('x-total-count')).toBe('1');
});

it('stores no address and no secret in clear', async () => {
  const { secret } = await aWebhook(user, NOWHERE);
  const rows = await rawSql(app.place, 'SELECT * FROM webhooks');
  const bytes = rows.map((row) =>
    Object.values(row)
      .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value)))
      .join(' '),
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(bytes.join(' ')).not.toContain('a-secret-path');
  expect(bytes.join(' ')).not.toContain(Buffer.from(secret.slice(6), 'base64').toString('latin1'));
  expect(app.logs.join('')).not.toContain('a-secret-path');
  expect(app.logs.join('')).not.toContain(secret);
});

it('changes only the fields that are sent', async () => {
  const { secret: _, ...made } = await aWebhook(user, NOWHERE);
  const change = { name: 'Chat', events: ['graph.deleted'], enabled: false };
  const answer = await user.send('PATCH', `${WEBHOOKS}/${made.id}`, change);
  expect(answer.json()).toEqual({ ...made, ...change, status: 'paused' });
  const resumed = await user.send('PATCH', `${WEBHOOKS}/${made.id}`, { enabled: true, url: `${NOWHERE}2` });
  expect(resumed.json()).toMatchObject({ name: 'Chat', status: 'working', url: `${NOWHERE}2` });
});

it('makes a new secret that overlaps with the previous one for a day', async () => {
  const made = await aWebhook(user, NOWHERE);
  const answer = await user.post(`${WEBHOOKS}/${made.id}/secret`);
  const { secret, previous_secret_until: until } = answer.json<{
    secret: string;
    previous_secret_until: string;
  }>();
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(secret).not.toBe(made.secret);
  expect(Math.abs(Date.parse(until) - app.clock.now() - 24 * HOUR_MS)).toBeLessThan(HOUR_MS);
  expect((await user.get(`${WEBHOOKS}/${made.id}`)).json<WebhookJson>().previous_secret_until).toBe(until);
});

it('removes a webhook with its secrets', async () => {
  const { id } = await aWebhook(user, NOWHERE);
  expect((await user.delete(`${WEBHOOKS}/${id}`)).status).toBe(204);
  expectProblem(await user.get(`${WEBHOOKS}/${id}`), 404, 'not-found');
  expectProblem(await user.delete(`${WEBHOOKS}/${id}`), 404, 'not-found');
  const left = await rawSql(app.place, 'SELECT sealed FROM webhooks WHERE deleted_at IS NOT NULL');
  expect(left.length).toBeGreaterThan(0);
  expect(left.every(({ sealed }) => (sealed as Buffer).length === 0)).toBe(true);
});

it('lets an account have 20 webhooks, however many are created at the same time', async () => {
  const body = { url: NOWHERE, events: ['graph.created'] };
  const answers = await Promise.all(Array.from({ length: 26 }, () => user.post(WEBHOOKS, body)));
  const refused = answers.filter(({ status }) => status !== 201);
  expect(refused).toHaveLength(6);
  for (const answer of refused) expectProblem(answer, 409, 'too-many-webhooks');
  expect((await user.get(WEBHOOKS)).headers.get('x-total-count')).toBe('20');
});

it.each([
  ['ftp://127.0.0.1/x', 'must be an address'],
  ['not an address', 'must be an address'],
  ['http://127.0.0.1:9/a\r\nx-injected: 1', 'must be an address'],
  ['http://127.0.0.1:9/a\tb', 'must be an address'],
  ['http://user:password@127.0.0.1:9/', 'must not contain a user name or password'],
  ['http://127.0.0.1:9/#part', 'must not contain'],
  ['http://169.254.169.254/latest/meta-data', 'are not allowed'],
  ['http://[fe80::1]/', 'are not allowed'],
  ['http://[::ffff:169.254.169.254]/', 'are not allowed'],
])('refuses the address %j', async (url, message) => {
  const { id } = await aWebhook(user, NOWHERE);
  for (const answer of [
    await user.post(WEBHOOKS, { url, events: ['graph.created'] }),
    await user.send('PATCH', `${WEBHOOKS}/${id}`, { url }),
  ]) {
    expectProblem(answer, 400, 'invalid-input');
    expect(answer.text).toContain(message);
  }
  expect((await user.get(`${WEBHOOKS}/${id}`)).json<WebhookJson>().url).toBe(NOWHERE);
});

it('refuses its own port', async () => {
  const answer = await user.post(WEBHOOKS, { url: `${app.url}/api/v1/hooks`, events: ['graph.created'] });
  expectProblem(answer, 400, 'invalid-input');
  expect(answer.text).toContain('is this service itself');
});

it.each([
  [{ events: [] }],
  [{ events: ['graph.unknown'] }],
  [{ events: ['graph.created', 'graph.created'] }],
  [{ events: 'graph.created' }],
  [{ format: 'teams' }],
  [{ graph_ids: ['not an id'] }],
  [{ name: ' ' }],
  [{ name: 'a\u0000b' }],
])('refuses %j', async (wrong) => {
  expectProblem(
    await user.post(WEBHOOKS, { url: NOWHERE, events: ['graph.created'], ...wrong }),
    400,
    'invalid-input',
  );
});

it('refuses more than 200 graphs', async () => {
  const graph_ids = Array.from(
    { length: 201 },
    (_, i) => `019a9e3c-7d10-7b3a-9c41-${String(i).padStart(12, '0')}`,
  );
  const body = { url: NOWHERE, events: ['graph.created'], graph_ids };
  expectProblem(await user.post(WEBHOOKS, body), 400, 'invalid-input');
});

it('gives events of the installation to operators only', async () => {
  const body = { url: NOWHERE, events: ['backup.stale'] };
  expectProblem(await user.post(WEBHOOKS, body), 403, 'operators-only');
  const { id } = await aWebhook(user, NOWHERE, { events: ['source.failing'] });
  const change = { events: ['source.failing', 'storage.low'] };
  expectProblem(await user.send('PATCH', `${WEBHOOKS}/${id}`, change), 403, 'operators-only');
  const admin = await app.admin();
  expect((await admin.post(WEBHOOKS, body)).status).toBe(201);
});

it('records every change in the audit log, without address and secret', async () => {
  const { id } = await aWebhook(user, NOWHERE);
  await user.send('PATCH', `${WEBHOOKS}/${id}`, { name: 'Chat' });
  await user.post(`${WEBHOOKS}/${id}/secret`);
  await user.delete(`${WEBHOOKS}/${id}`);
  const events = (await user.get('/api/v1/audit')).json<
    Array<{ action: string; subject_id: string; subject_type: string; details: object | null }>
  >();
  const about = events.filter(({ subject_id }) => subject_id === id).reverse();
  expect(about.map(({ action, details }) => [action, details])).toEqual([
    ['webhook.created', { format: 'standard' }],
    ['webhook.changed', { fields: 'name' }],
    ['webhook.secret_made', {}],
    ['webhook.removed', {}],
  ]);
  expect(about.every(({ subject_type }) => subject_type === 'webhook')).toBe(true);
});

it('leaves nothing of a deleted account', async () => {
  await aWebhook(user, NOWHERE);
  const counts = async () => {
    const rows = await Promise.all(
      ['webhooks', 'webhook_states', 'webhook_deliveries'].map((table) =>
        rawSql(
          app.place,
          `SELECT COUNT(*) AS n FROM ${table} WHERE user_key = (SELECT MAX(user_key) FROM user_keys)`,
        ),
      ),
    );
    return rows.map(([row]) => Number(row!['n']));
  };
  expect((await counts()).slice(0, 2)).toEqual([1, 1]);
  const admin = await app.admin();
  expect((await admin.delete(`/api/v1/users/${user.userId}`)).status).toBe(204);
  await (
    await app.service.app.get(JobRunner).trigger('housekeeping')
  ).ended;
  expect(await counts()).toEqual([0, 0, 0]);
});

it('can be switched off for the installation: nothing is created, and what happens is sent later', async () => {
  const receiver = await aReceiver();
  const on = await startApp();
  try {
    const owner = await on.aUser();
    const { id } = await aWebhook(owner, receiver.url);
    await on.stop();
    const off = await startApp({ WEBHOOKS: 'off' }, on.place, on.clock);
    const body = { url: NOWHERE, events: ['graph.created'] };
    const client = await off.anonymous.signIn(owner.credentials!.email, owner.credentials!.password);
    expectProblem(await client.post(WEBHOOKS, body), 403, 'webhooks-off');
    expectProblem(await client.post(`${WEBHOOKS}/${id}/test`), 403, 'webhooks-off');
    await aGraph(client, { title: 'meanwhile' });
    await deliverNow(off);
    expect(receiver.calls).toEqual([]);
    await off.stop();
    const again = await startApp({}, on.place, on.clock);
    await deliverNow(again);
    await again.stop();
    expect(receiver.calls.map(messageOf).map(({ data }) => data.title)).toEqual(['meanwhile']);
  } finally {
    await receiver.close();
    await on.close();
  }
});
