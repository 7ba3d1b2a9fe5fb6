import { Client } from 'pg';
import { startApp, type TestApp } from '../support/app';
import { databaseKind } from '../support/database';
import { GRAPHS, aGraph } from '../support/graphs';
import type { FakeTool } from '../support/tools/fake-tool';
import { aReceiver, aWebhook, deliverNow, messageOf } from '../support/webhooks';

// SQLite has one process and one writer: no number is drawn before all lower ones are committed.
const onPostgres = databaseKind === 'postgres' ? describe : describe.skip;

onPostgres('webhooks of several processes', () => {
  let app: TestApp;
  let receiver: FakeTool;
  beforeAll(async () => {
    app = await startApp();
    receiver = await aReceiver();
  });
  afterEach(() => void (receiver.calls.length = 0));
  afterAll(async () => {
    await receiver.close();
    await app.close();
  });

  it('pass over no event whose transaction is held open while others overtake it', async () => {
    const user = await app.aUser();
    const graph = await aGraph(user);
    await aWebhook(user, receiver.url, { events: ['graph.updated'] });
    const client = new Client({ connectionString: app.place.databaseUrl });
    await client.connect();
    try {
      // What a change of another process does, stopped right before its COMMIT.
      await client.query('BEGIN');
      const { rows } = await client.query<{ seq: string }>(
        `INSERT INTO journal (at, action, user_key, subject_id, version)
         SELECT 1, 201, user_key, id, 99 FROM graphs WHERE encode(id, 'hex') = $1 RETURNING seq`,
        [graph.id.replaceAll('-', '')],
      );
      await user.put(`${GRAPHS}/${graph.id}`, { config: [2] });
      await deliverNow(app, { settled: false });
      expect(receiver.calls).toEqual([]);
      await client.query('COMMIT');
      await deliverNow(app);
      const told = receiver.calls.map(messageOf).map(({ data }) => data);
      expect(told.map(({ version }) => version)).toEqual([99, 2]);
      expect(told[0]!.seq).toBe(Number(rows[0]!.seq));
    } finally {
      await client.end();
    }
  });

  it('send each message once, whichever process sends', async () => {
    const other = await startApp({}, app.place, app.clock);
    try {
      const user = await app.aUser();
      await aWebhook(user, receiver.url, { events: ['graph.created'] });
      const graphs: string[] = [];
      for (let round = 0; round < 3; round += 1) {
        for (let i = 0; i < 4; i += 1) graphs.push((await aGraph(user)).id);
        // One of them is refused while the other one runs, or both run one after the other.
        await Promise.allSettled([deliverNow(app), deliverNow(other)]);
      }
      await deliverNow(other);
      expect(receiver.calls.map((call) => messageOf(call).data.graph_id)).toEqual(graphs);
    } finally {
      await other.stop();
    }
  });
});
