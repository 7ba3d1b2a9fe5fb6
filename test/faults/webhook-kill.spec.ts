import { randomUUID } from 'node:crypto';
import { startApp, type TestApp } from '../support/app';
import { ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { GRAPHS, aGraph } from '../support/graphs';
import { killedAt } from '../support/kill';
import type { FakeTool } from '../support/tools/fake-tool';
import { aReceiver, aWebhook, deliverNow, deliveriesOf, messageOf } from '../support/webhooks';

/** Starts of a process that is killed; each goes on where the last one died. WEBHOOK_KILLS=20 takes a minute. */
const KILLS = Number(process.env['WEBHOOK_KILLS'] ?? (databaseKind === 'sqlite' ? 8 : 4));
/** Spread over the statements after the first one with which the job follows the journal; from the 11th on, it sends. */
const LAST_STATEMENT = 24;
const STATEMENTS = Array.from({ length: KILLS }, (_, i) => 1 + Math.floor((i * LAST_STATEMENT) / KILLS));
const GRAPHS_COUNT = 3;
/** Changes of each graph that are answered before each kill. */
const CHANGES = 2;

let app: TestApp;
let receiver: FakeTool;
beforeAll(async () => {
  app = await startApp();
  receiver = await aReceiver();
});
afterAll(async () => {
  await receiver.close();
  await app.close();
});

/** The highest version of each graph whose change was answered. */
const answered = new Map<string, number>();

/** Changes the graphs one after the other; an answer that doesn't come ends it. */
async function changeGraphs(user: ApiClient, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1)
    for (const id of answered.keys()) {
      const answer = await user.put(`${GRAPHS}/${id}`, { config: { random: randomUUID() } });
      if (answer.status !== 200) throw new Error(`A graph was not changed: ${answer.text}`);
      answered.set(id, answer.json<{ version: number }>().version);
    }
}

it('every event is delivered at least once and in the order of its graph, whenever the service is killed', async () => {
  const owner = await app.aUser();
  const token = await owner.post('/api/v1/auth/tokens', { name: 'test', scopes: ['read', 'write'] });
  const user = new ApiClient(app.url, token.json<{ token: string }>().token);
  const { id } = await aWebhook(user, receiver.url, { events: ['graph.created', 'graph.updated'] });
  for (let i = 0; i < GRAPHS_COUNT; i += 1) answered.set((await aGraph(user)).id, 1);
  await changeGraphs(user, CHANGES);
  await app.stop();
  for (const statement of STATEMENTS) {
    await killedAt(app.place, { from: 'UPDATE webhook_feed', statement }, (child) =>
      changeGraphs(new ApiClient(child.url, user.token), CHANGES),
    );
  }

  const again = await startApp({}, app.place);
  try {
    const back = new ApiClient(again.url, user.token);
    await changeGraphs(back, CHANGES);
    await deliverNow(again);
    for (const [graph, version] of answered) {
      const told = receiver.calls
        .map(messageOf)
        .filter(({ data }) => data.graph_id === graph)
        .map(({ data }) => data.version!);
      const first = [...new Set(told)];
      // A change whose answer was lost may exist, too; the last one was answered.
      expect(first).toEqual(Array.from({ length: version }, (_, i) => i + 1));
      // What is sent again after a kill is the message that was on its way.
      for (const [at, one] of told.entries())
        if (at > 0) expect(one - told[at - 1]!).toBeGreaterThanOrEqual(0);
    }
    const ids = new Map<string, string>();
    for (const call of receiver.calls) {
      const { seq } = messageOf(call).data;
      ids.set(String(call.headers['webhook-id']), String(seq));
    }
    expect(new Set(ids.values()).size).toBe(ids.size);
    const waiting = (await deliveriesOf(back, id)).filter(({ status }) => status !== 'delivered');
    expect(waiting).toEqual([]);
  } finally {
    await again.stop();
  }
}, 300_000);
