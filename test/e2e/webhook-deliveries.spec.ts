import { Webhook } from 'standardwebhooks';
import { startApp, type TestApp } from '../support/app';
import { ApiClient } from '../support/client';
import { GRAPHS, aGraph } from '../support/graphs';
import { expectProblem } from '../support/problem';
import type { FakeTool, ToolCall } from '../support/tools/fake-tool';
import {
  WEBHOOKS,
  aReceiver,
  aWebhook,
  deliverNow,
  deliveriesOf,
  messageOf,
  type DeliveryJson,
  type WebhookJson,
} from '../support/webhooks';
import { PATIENCE_MS, until } from '../support/within';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let app: TestApp;
let user: ApiClient;
let receiver: FakeTool;
beforeAll(async () => {
  app = await startApp();
});
beforeEach(async () => {
  user = await withApiToken(await app.aUser());
  receiver = await aReceiver();
});
afterEach(() => receiver.close());
afterAll(() => app.close());

/** A client whose sign-in does not end when a test lets hours pass. */
async function withApiToken(owner: ApiClient): Promise<ApiClient> {
  const made = await owner.post('/api/v1/auth/tokens', { name: 'test', scopes: ['read', 'write'] });
  return new ApiClient(app.url, made.json<{ token: string }>().token, owner.userId);
}

/** The verifier refuses old messages by the machine's clock; the service's clock was moved. */
async function atTheClockOf<T>(work: () => T): Promise<T> {
  const now = app.clock.now();
  const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
  try {
    return await Promise.resolve().then(work);
  } finally {
    clock.mockRestore();
  }
}

const webhook = async (id: string) => (await user.get(`${WEBHOOKS}/${id}`)).json<WebhookJson>();
const change = (id: string, version: number) =>
  user.put(`${GRAPHS}/${id}`, { config: { nodes: [{ id: `n${version}` }] } });
/** Which version of which graph each message is about. */
const told = (calls: ToolCall[]) =>
  calls.map(messageOf).map(({ type, data }) => [type, data.graph_id, data.version]);

it('sends what happened, signed so that an independent implementation verifies it', async () => {
  const { id, secret } = await aWebhook(user, `${receiver.url}/in?token=1`);
  const graph = await aGraph(user, { title: 'Order intake' });
  await deliverNow(app);
  expect(receiver.paths).toEqual(['POST /in?token=1']);
  const [{ headers, body }] = receiver.calls as [ToolCall];
  const verified = await atTheClockOf(() =>
    new Webhook(secret).verify(body.toString(), headers as Record<string, string>),
  );
  expect(verified).toEqual({
    type: 'graph.created',
    timestamp: graph.created_at,
    data: {
      seq: expect.any(Number),
      graph_id: graph.id,
      version: 1,
      title: 'Order intake',
      actor_id: user.userId,
      details: { token_id: expect.any(String) },
    },
  });
  const forged = body.toString().replace('Order', 'Other');
  await expect(
    atTheClockOf(() => new Webhook(secret).verify(forged, headers as Record<string, string>)),
  ).rejects.toThrow('No matching signature found');
  expect(headers['content-type']).toBe('application/json');
  expect(headers['webhook-id']).toBe(`evt_${messageOf(receiver.calls[0]!).data.seq}`);
  expect(await deliveriesOf(user, id)).toEqual([
    expect.objectContaining({
      n: 1,
      type: 'graph.created',
      subject_id: graph.id,
      status: 'delivered',
      attempts: 1,
      http_status: 204,
      failure: null,
      next_attempt_at: null,
    }),
  ]);
  expect((await webhook(id)).last_success_at).not.toBeNull();
});

it('signs with the previous secret as well, for a day', async () => {
  const { id, secret } = await aWebhook(user, receiver.url);
  const next = (await user.post(`${WEBHOOKS}/${id}/secret`)).json<{ secret: string }>();
  const graph = await aGraph(user);
  await deliverNow(app);
  app.clock.advance(24 * HOUR_MS + 1);
  await change(graph.id, 2);
  await deliverNow(app);
  const verifies = (by: string, { headers, body }: ToolCall) => {
    const signatures = String(headers['webhook-signature']).split(' ');
    const seconds = Number(headers['webhook-timestamp']);
    const signed = new Webhook(by).sign(
      String(headers['webhook-id']),
      new Date(seconds * 1_000),
      body.toString(),
    );
    return signatures.includes(signed);
  };
  const [first, second] = receiver.calls as [ToolCall, ToolCall];
  expect([verifies(secret, first), verifies(next.secret, first)]).toEqual([true, true]);
  expect([verifies(secret, second), verifies(next.secret, second)]).toEqual([false, true]);
});

it('sends only the wanted events, of the wanted graphs, of the owner, from after its creation', async () => {
  const early = await aGraph(user);
  const wanted = await aGraph(user);
  await aWebhook(user, receiver.url, { events: ['graph.updated', 'graph.deleted'], graph_ids: [wanted.id] });
  const other = await app.aUser();
  const foreign = await aGraph(other);
  await other.put(`${GRAPHS}/${foreign.id}`, { title: 'not for this receiver' });
  await change(early.id, 2);
  await change(wanted.id, 2);
  await user.delete(`${GRAPHS}/${wanted.id}`);
  await user.post(`${GRAPHS}/${wanted.id}/recover`);
  await deliverNow(app);
  expect(told(receiver.calls)).toEqual([
    ['graph.updated', wanted.id, 2],
    ['graph.deleted', wanted.id, 3],
  ]);
});

it('keeps the order of each graph while one of them fails, and lets the others go on', async () => {
  const [a, b] = [await aGraph(user), await aGraph(user)];
  const { id } = await aWebhook(user, receiver.url, { events: ['graph.updated'] });
  receiver.handle = (call) => ({ status: messageOf(call).data.graph_id === a.id ? 500 : 204, body: '' });
  for (const version of [2, 3]) for (const graph of [a, b]) await change(graph.id, version);
  // The first failure lets the receiver alone for some seconds.
  for (let round = 0; round < 3; round += 1) {
    await deliverNow(app);
    app.clock.advance(10_000);
  }
  const before = told(receiver.calls);
  expect(before.filter(([, graph]) => graph === b.id).map(([, , version]) => version)).toEqual([2, 3]);
  expect(new Set(before.filter(([, graph]) => graph === a.id).map(([, , version]) => version))).toEqual(
    new Set([2]),
  );
  expect((await webhook(id)).enabled).toBe(true);
  receiver.handle = () => ({ status: 200, body: 'ok' });
  receiver.calls.length = 0;
  app.clock.advance(HOUR_MS);
  await deliverNow(app);
  expect(told(receiver.calls)).toEqual([
    ['graph.updated', a.id, 2],
    ['graph.updated', a.id, 3],
  ]);
  expect(await webhook(id)).toMatchObject({ status: 'working', failures: 0, failing_since: null });
});

it('sends the same message again after a failure, with the same id, and leaves the receiver alone in between', async () => {
  const { id } = await aWebhook(user, receiver.url);
  receiver.handle = () => ({ status: 503, headers: { 'retry-after': '600' }, body: '' });
  await aGraph(user);
  await deliverNow(app);
  app.clock.advance(9 * MINUTE_MS);
  await deliverNow(app);
  expect(receiver.calls).toHaveLength(1);
  expect(await webhook(id)).toMatchObject({ status: 'failing', failures: 1, enabled: true });
  app.clock.advance(2 * MINUTE_MS);
  receiver.handle = () => ({ status: 200, body: '' });
  await deliverNow(app);
  expect(new Set(receiver.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(await deliveriesOf(user, id)).toMatchObject([
    { status: 'delivered', attempts: 2, http_status: 200 },
  ]);
});

/** Lets a day of failures pass. */
async function failForADay(): Promise<void> {
  receiver.handle = () => ({ status: 500, body: '' });
  for (let hour = 0; hour <= 30; hour += 1) {
    app.clock.advance(HOUR_MS);
    await deliverNow(app);
  }
}

it('is disabled with a reason after a day of failures, and continues where it stopped when it is resumed', async () => {
  const { id } = await aWebhook(user, receiver.url);
  const graph = await aGraph(user);
  await failForADay();
  const disabled = await webhook(id);
  expect(disabled).toMatchObject({ status: 'disabled', enabled: false });
  expect(disabled.disabled_reason).toContain('Every attempt of the last 24 hours has failed');
  expect(disabled.disabled_reason).toContain('The receiver answered 500.');
  expect(receiver.calls.length).toBeLessThan(20);
  const events = (await app.admin()).get('/api/v1/audit?action=webhook.disabled');
  expect(
    (await events).json<Array<{ subject_id: string }>>().some(({ subject_id }) => subject_id === id),
  ).toBe(true);
  await change(graph.id, 2);
  receiver.calls.length = 0;
  receiver.handle = () => ({ status: 200, body: '' });
  await deliverNow(app);
  expect(receiver.calls).toHaveLength(0);

  await user.send('PATCH', `${WEBHOOKS}/${id}`, { enabled: true });
  await deliverNow(app);
  expect(told(receiver.calls)).toEqual([
    ['graph.created', graph.id, 1],
    ['graph.updated', graph.id, 2],
  ]);
});

it('skips what was missed if the owner wants that', async () => {
  const { id } = await aWebhook(user, receiver.url);
  receiver.handle = () => ({ status: 500, body: '' });
  const graph = await aGraph(user);
  await deliverNow(app);
  await user.send('PATCH', `${WEBHOOKS}/${id}`, { enabled: false });
  await change(graph.id, 2);
  await user.send('PATCH', `${WEBHOOKS}/${id}`, { enabled: true, skip_missed: true });
  receiver.handle = () => ({ status: 200, body: '' });
  receiver.calls.length = 0;
  await change(graph.id, 3);
  await deliverNow(app);
  expect(told(receiver.calls)).toEqual([['graph.updated', graph.id, 3]]);
  const [skipped] = await deliveriesOf(user, id);
  expect(skipped).toMatchObject({ status: 'failed', failure: 'Skipped by the owner.' });
});

it('is disabled at once by a receiver that is gone', async () => {
  const { id } = await aWebhook(user, receiver.url);
  receiver.handle = () => ({ status: 410, body: '' });
  await aGraph(user);
  await aGraph(user);
  await deliverNow(app);
  expect(receiver.calls).toHaveLength(1);
  expect(await webhook(id)).toMatchObject({
    status: 'disabled',
    disabled_reason: 'The receiver answered 410: it wants no more messages.',
  });
});

it('does not follow redirects', async () => {
  const target = await aReceiver();
  try {
    const { id } = await aWebhook(user, receiver.url);
    receiver.handle = () => ({ status: 307, headers: { location: target.url }, body: '' });
    await aGraph(user);
    await deliverNow(app);
    expect(target.calls).toHaveLength(0);
    expect((await deliveriesOf(user, id))[0]!.failure).toContain('redirects to another address (307)');
  } finally {
    await target.close();
  }
});

it('counts the status alone: a body without an end delays nothing', async () => {
  const { id } = await aWebhook(user, receiver.url);
  const open = new Set<NodeJS.Timeout>();
  receiver.raw = (_, response) => {
    response.writeHead(200);
    const more = setInterval(() => void response.write('x'.repeat(1024)), 10);
    open.add(more);
    response.on('close', () => clearInterval(more));
  };
  await aGraph(user);
  await aGraph(user);
  await deliverNow(app);
  for (const more of open) clearInterval(more);
  expect(receiver.calls).toHaveLength(2);
  expect((await deliveriesOf(user, id)).map(({ status }) => status)).toEqual(['delivered', 'delivered']);
});

it('records a connection that is closed without an answer, and one that is refused', async () => {
  const { id } = await aWebhook(user, receiver.url);
  const refusing = await aWebhook(user, 'http://127.0.0.1:9/');
  receiver.raw = (_, response) => void response.destroy();
  await aGraph(user);
  await deliverNow(app);
  expect((await deliveriesOf(user, id))[0]).toMatchObject({ status: 'pending', http_status: null });
  expect((await deliveriesOf(user, id))[0]!.failure).toContain('closed the connection');
  expect((await deliveriesOf(user, refusing.id))[0]!.failure).toContain('refuses the connection');
});

/** The 10 s that receivers have pass when `pass` is called, and not before. */
function heldTime() {
  const held = new AbortController();
  const real = AbortSignal.timeout.bind(AbortSignal);
  const spy = jest
    .spyOn(AbortSignal, 'timeout')
    .mockImplementation((ms) => (ms === 10_000 ? held.signal : real(ms)));
  const pass = () => held.abort(new DOMException('The operation timed out.', 'TimeoutError'));
  return { pass, restore: () => spy.mockRestore() };
}

/** Makes a receiver take messages without an answer; returns what answers the newest one. */
function withoutAnswer(silent: FakeTool): () => void {
  let answer: () => void = () => undefined;
  silent.raw = (_, response) => (answer = () => void response.writeHead(200).end());
  return () => answer();
}

const called = (tool: FakeTool) =>
  until(PATIENCE_MS, 'a message', () => (tool.calls.length > 0 ? true : undefined));

it('delivers to a receiver while another one has a message and does not answer', async () => {
  const silent = await aReceiver();
  const answer = withoutAnswer(silent);
  const time = heldTime();
  try {
    const waiting = await aWebhook(user, silent.url);
    const { id } = await aWebhook(user, receiver.url);
    await aGraph(user);
    const run = deliverNow(app);
    await Promise.all([called(silent), called(receiver)]);
    await until(PATIENCE_MS, 'the record of the delivery', async () =>
      (await deliveriesOf(user, id))[0]?.status === 'delivered' ? true : undefined,
    );
    expect(await deliveriesOf(user, waiting.id)).toMatchObject([{ status: 'pending', attempts: 0 }]);
    answer();
    await run;
    expect(await deliveriesOf(user, waiting.id)).toMatchObject([{ status: 'delivered', attempts: 1 }]);
  } finally {
    time.restore();
    await silent.close();
  }
});

it('gives up on an answer after 10 s, and sends the same message again later', async () => {
  const { id } = await aWebhook(user, receiver.url);
  withoutAnswer(receiver);
  const time = heldTime();
  try {
    await aGraph(user);
    const run = deliverNow(app);
    await called(receiver);
    time.pass();
    await run;
  } finally {
    time.restore();
  }
  const failure = '127.0.0.1 took longer than 10 s to answer.';
  expect(await deliveriesOf(user, id)).toMatchObject([
    { status: 'pending', attempts: 1, http_status: null, failure },
  ]);
  expect(await webhook(id)).toMatchObject({ status: 'failing', failures: 1 });
  receiver.raw = null;
  app.clock.advance(HOUR_MS);
  await deliverNow(app);
  expect(await deliveriesOf(user, id)).toMatchObject([{ status: 'delivered', attempts: 2, failure: null }]);
  expect(receiver.calls.map(({ headers }) => headers['webhook-id'])).toEqual(
    Array(2).fill(receiver.calls[0]!.headers['webhook-id']),
  );
});

it('sends nothing for an account that is disabled, and continues when it is enabled', async () => {
  await aWebhook(user, receiver.url);
  const graph = await aGraph(user);
  const admin = await app.admin();
  await admin.send('PATCH', `/api/v1/users/${user.userId}`, { is_active: false });
  await deliverNow(app);
  expect(receiver.calls).toHaveLength(0);
  await admin.send('PATCH', `/api/v1/users/${user.userId}`, { is_active: true });
  app.clock.advance(2 * HOUR_MS);
  await deliverNow(app);
  expect(told(receiver.calls)).toEqual([['graph.created', graph.id, 1]]);
});

it('tries a receiver out with a test message', async () => {
  const { id } = await aWebhook(user, receiver.url);
  await user.send('PATCH', `${WEBHOOKS}/${id}`, { enabled: false });
  const good = (await user.post(`${WEBHOOKS}/${id}/test`)).json<DeliveryJson>();
  expect(good).toMatchObject({
    n: 1,
    type: 'webhook.test',
    status: 'delivered',
    http_status: 204,
    event_seq: null,
  });
  expect(messageOf(receiver.calls[0]!)).toMatchObject({ type: 'webhook.test', data: { webhook_id: id } });
  receiver.handle = () => ({ status: 404, body: '' });
  const bad = (await user.post(`${WEBHOOKS}/${id}/test`)).json<DeliveryJson>();
  expect(bad).toMatchObject({
    n: 2,
    status: 'failed',
    http_status: 404,
    failure: 'The receiver answered 404.',
  });
  expect(await deliveriesOf(user, id)).toEqual([good, bad]);
  expectProblem(await user.post(`${WEBHOOKS}/${id}/deliveries/1/retry`), 409, 'webhook-paused');
  await user.send('PATCH', `${WEBHOOKS}/${id}`, { enabled: true });
  expectProblem(await user.post(`${WEBHOOKS}/${id}/deliveries/1/retry`), 409, 'test-delivery');
});

it('runs at most two tests of a user at the same time', async () => {
  const { id } = await aWebhook(user, receiver.url);
  const waiting: Array<() => void> = [];
  receiver.raw = (_, response) => void waiting.push(() => response.writeHead(200).end());
  const two = [user.post(`${WEBHOOKS}/${id}/test`), user.post(`${WEBHOOKS}/${id}/test`)];
  await until(30_000, 'two tests', () => (waiting.length === 2 ? true : undefined));
  expectProblem(await user.post(`${WEBHOOKS}/${id}/test`), 429, 'too-many-requests');
  for (const answer of waiting) answer();
  expect((await Promise.all(two)).map(({ status }) => status)).toEqual([200, 200]);
});

it('sends a delivery again on request, and a failed one with one more attempt', async () => {
  const { id } = await aWebhook(user, receiver.url);
  await aGraph(user);
  await deliverNow(app);
  const again = await user.post(`${WEBHOOKS}/${id}/deliveries/1/retry`);
  expect(again.status).toBe(202);
  expect(again.json()).toMatchObject({ n: 1, status: 'pending', attempts: 1 });
  receiver.handle = () => ({ status: 500, body: '' });
  await deliverNow(app);
  expect((await deliveriesOf(user, id))[0]).toMatchObject({
    status: 'failed',
    attempts: 2,
    http_status: 500,
  });
  expect(receiver.calls.map(({ headers }) => headers['webhook-id'])[0]).toBe(
    receiver.calls[1]!.headers['webhook-id'],
  );
  expectProblem(await user.post(`${WEBHOOKS}/${id}/deliveries/2/retry`), 404, 'not-found');
  expectProblem(await user.post(`${WEBHOOKS}/${id}/deliveries/x/retry`), 404, 'not-found');
});

it('sends what waits at once when the owner changes the webhook', async () => {
  const { id } = await aWebhook(user, receiver.url);
  receiver.handle = () => ({ status: 500, body: '' });
  await aGraph(user);
  await deliverNow(app);
  const other = await aReceiver();
  try {
    await user.send('PATCH', `${WEBHOOKS}/${id}`, { url: other.url });
    await deliverNow(app);
    expect(other.calls).toHaveLength(1);
    expect(receiver.calls).toHaveLength(1);
  } finally {
    await other.close();
  }
});

it('delivers more events than one window holds, in order, and shows the last 500', async () => {
  const graph = await aGraph(user);
  const { id } = await aWebhook(user, receiver.url, { events: ['graph.updated'] });
  const count = 130;
  for (let version = 2; version < count + 2; version += 1) await change(graph.id, version);
  await deliverNow(app);
  const versions = receiver.calls.map((call) => messageOf(call).data.version);
  expect(versions).toEqual(Array.from({ length: count }, (_, i) => i + 2));
  const page = await user.get(`${WEBHOOKS}/${id}/deliveries?limit=100`);
  expect(page.json<DeliveryJson[]>().map(({ n }) => n)).toEqual(
    Array.from({ length: 100 }, (_, i) => count - i),
  );
  const next = /<([^>]+)>/.exec(page.headers.get('link') ?? '')![1]!;
  expect((await user.get(next)).json<DeliveryJson[]>().at(-1)!.n).toBe(1);
});

it('continues after the clock was a year ahead', async () => {
  const { id } = await aWebhook(user, receiver.url);
  const YEAR_MS = 365 * 24 * HOUR_MS;
  receiver.handle = () => ({ status: 500, body: '' });
  app.clock.set(YEAR_MS);
  await aGraph(user);
  await deliverNow(app);
  app.clock.set(-YEAR_MS);
  receiver.handle = () => ({ status: 200, body: '' });
  await deliverNow(app);
  expect((await webhook(id)).status).toBe('working');
});
