import { WebhookEvents } from '../../src/notifications/webhooks/webhook-events';
import { startApp, type TestApp } from '../support/app';
import { runCli } from '../support/cli';
import type { ApiClient } from '../support/client';
import { newPlace } from '../support/database';
import { GRAPHS, aGraph } from '../support/graphs';
import type { FakeTool } from '../support/tools/fake-tool';
import { copyNow } from '../support/vault';
import { WEBHOOKS, aReceiver, aWebhook, deliverNow, messageOf, type WebhookJson } from '../support/webhooks';

let app: TestApp;
let user: ApiClient;
let receiver: FakeTool;
beforeAll(async () => {
  app = await startApp({ PUBLIC_URL: 'https://backup.example.org' });
});
beforeEach(async () => {
  user = await app.aUser();
  receiver = await aReceiver();
});
afterEach(() => receiver.close());
afterAll(() => app.close());

const flow = (url: string, password: string) => ({
  nodes: [{ id: 'n1', name: 'Call <@everyone> `x`', parameters: { url, password } }],
  connections: {},
});

/** A change of a graph with a secret in it, as one format tells it. */
async function toldAs(
  format: string,
): Promise<{ id: string; body: string; headers: Record<string, unknown> }> {
  const graph = await aGraph(user, {
    title: 'Order *intake* & <more>',
    config: flow('http://a.example', 'first'),
  });
  await aWebhook(user, receiver.url, { format, events: ['graph.updated'] });
  await user.put(`${GRAPHS}/${graph.id}`, { config: flow('http://b.example', 'a secret word') });
  await deliverNow(app);
  const [{ body, headers }] = receiver.calls as [(typeof receiver.calls)[0]];
  return { id: graph.id, body: body.toString(), headers };
}

it('tells Slack what has changed, with secrets masked', async () => {
  const { id, body } = await toldAs('slack');
  const { text } = JSON.parse(body) as { text: string };
  expect(text).toMatch(
    /^Graph “Order \*intake\* &amp; &lt;more&gt;” was changed \(version 2\)\.\n```\nVersion 1 → 2\n/,
  );
  expect(text).toContain('http://a.example');
  expect(text).toContain('http://b.example');
  expect(text).not.toContain('a secret word');
  expect(text).not.toContain('<@');
  expect(text).toContain(`<https://backup.example.org/graphs/${id}|Open>`);
});

it('tells Discord what has changed, without calling anybody', async () => {
  const { body } = await toldAs('discord');
  const message = JSON.parse(body) as { content: string; allowed_mentions: unknown };
  expect(message.allowed_mentions).toEqual({ parse: [] });
  expect(message.content).toContain('Order \\*intake\\*');
  expect(message.content).toContain('http://b.example');
  expect(message.content).not.toContain('a secret word');
});

it('tells ntfy what has changed, as text', async () => {
  const { body, headers } = await toldAs('ntfy');
  expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(headers['title']).toBe('GraphOMAT Backup');
  expect(body).toContain('Graph “Order *intake* & <more>” was changed (version 2).\nVersion 1 → 2');
  expect(body).not.toContain('a secret word');
});

it('describes changes of a graph that is gone without its difference', async () => {
  const graph = await aGraph(user, { title: 'Gone' });
  await aWebhook(user, receiver.url, {
    format: 'ntfy',
    events: ['graph.updated', 'graph.deleted', 'graph.purged'],
  });
  await user.put(`${GRAPHS}/${graph.id}`, { config: [1] });
  await user.delete(`${GRAPHS}/${graph.id}`);
  await user.post(`${GRAPHS}/${graph.id}/purge`);
  await deliverNow(app);
  const texts = receiver.calls.map(({ body }) => body.toString().split('\n')[0]);
  expect(texts).toEqual([
    'A graph was changed (version 2).',
    'A graph was moved to the trash (version 3).',
    'A graph was purged.',
  ]);
});

describe('events of the installation', () => {
  const announce = () =>
    app.service.app.get(WebhookEvents, { strict: false }).announce({
      type: 'backup.stale',
      data: { state: 'begun', reason: 'Nothing was copied.' },
      audience: 'operators',
    });

  it('reach operators, also in a chat, and no other user', async () => {
    const admin = await app.admin();
    const other = await aReceiver();
    try {
      const made = await aWebhook(admin, receiver.url, { events: ['backup.stale'] });
      const chat = await aWebhook(admin, `${receiver.url}/chat`, {
        events: ['backup.stale'],
        format: 'slack',
      });
      await aWebhook(user, other.url, { events: ['source.failing', 'graph.created'] });
      const seq = await announce();
      await deliverNow(app);
      const [plain] = receiver.calls.filter(({ url }) => url === '/');
      expect(messageOf(plain!)).toEqual({
        type: 'backup.stale',
        timestamp: expect.any(String),
        data: { seq, state: 'begun', reason: 'Nothing was copied.' },
      });
      const [slack] = receiver.calls.filter(({ url }) => url === '/chat');
      expect(JSON.parse(slack!.body.toString())).toMatchObject({
        text: 'The backup is stale: Nothing was copied.',
      });
      expect(other.calls).toEqual([]);
      for (const { id } of [made, chat]) await admin.delete(`${WEBHOOKS}/${id}`);
    } finally {
      await other.close();
    }
  });

  it('no longer reach somebody who is not an operator any more', async () => {
    const admin = await app.admin();
    const setRole = (role: string) => admin.send('PATCH', `/api/v1/users/${user.userId}`, { role });
    await setRole('operator');
    const operator = await app.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    await aWebhook(operator, receiver.url, { events: ['backup.stale', 'graph.created'] });
    await announce();
    await deliverNow(app);
    expect(receiver.calls).toHaveLength(1);
    await setRole('user');
    await announce();
    const back = await app.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    await aGraph(back);
    await deliverNow(app);
    expect(receiver.calls.map(messageOf).map(({ type }) => type)).toEqual(['backup.stale', 'graph.created']);
  });
});

it('a rebuilt database keeps its webhooks, and they continue with new events', async () => {
  const first = await startApp();
  const target = await newPlace();
  try {
    const owner = await first.aUser();
    const kept = await aWebhook(owner, receiver.url);
    const removed = await aWebhook(owner, receiver.url);
    await owner.delete(`${WEBHOOKS}/${removed.id}`);
    await aGraph(owner, { title: 'before' });
    await deliverNow(first);
    await copyNow(first);
    await first.stop();
    expect((await runCli('vault', ['rebuild', '--to', target.databaseUrl], first.place)).code).toBe(0);
    const rebuilt = await startApp({}, { ...first.place, databaseUrl: target.databaseUrl }, first.clock);
    try {
      const back = await rebuilt.anonymous.signIn(owner.credentials!.email, owner.credentials!.password);
      expect((await back.get(WEBHOOKS)).json<WebhookJson[]>().map(({ id }) => id)).toEqual([kept.id]);
      receiver.calls.length = 0;
      await deliverNow(rebuilt);
      expect(receiver.calls).toEqual([]);
      await aGraph(back, { title: 'after' });
      await deliverNow(rebuilt);
      expect(receiver.calls.map(messageOf).map(({ data }) => data.title)).toEqual(['after']);
    } finally {
      await rebuilt.stop();
    }
  } finally {
    await first.close();
    await target.remove();
  }
});
