import { startApp, type TestApp } from '../support/app';
import { graphBody, type ApiClient } from '../support/client';
import { databaseKind } from '../support/database';

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.aUser();
});

interface Entry {
  graph_id: string;
  title: string | null;
  action: string;
  version: number | null;
  reason: string | null;
  nearest: string | null;
}
interface Table {
  at: string;
  dry_run: boolean;
  recovered_at: string | null;
  summary: Record<string, number>;
  graphs: Entry[];
}

async function make(title: string, config: string): Promise<string> {
  return (await user.post('/api/v1/graphs', graphBody(title, config))).json<{ id: string }>().id;
}

/** A moment at which nothing happens, told apart from what comes before and after. */
function moment(): string {
  app.clock.advance(1_000);
  const at = new Date(app.clock.now()).toISOString();
  app.clock.advance(1_000);
  return at;
}

async function recover(body: object): Promise<Table> {
  const answer = await user.post('/api/v1/recovery', body);
  expect(answer.status).toBe(200);
  return answer.json<Table>();
}

const actions = (table: Table) =>
  Object.fromEntries(table.graphs.map(({ graph_id, action }) => [graph_id, action]));
const configOf = async (id: string) => (await user.get(`/api/v1/graphs/${id}`)).configBytes.toString();

/** An account in which everything that can happen to a graph has happened since a moment. */
async function anAccount() {
  const kept = await make('kept', '{"kept":1}');
  const changed = await make('changed', '{"v": 1.0}');
  const deleted = await make('deleted', '["deleted"]');
  const binned = await make('binned', '["binned"]');
  await user.delete(`/api/v1/graphs/${binned}`);
  const at = moment();
  await user.put(`/api/v1/graphs/${changed}`, { title: 'changed since', status: 'active', config: { v: 2 } });
  await user.delete(`/api/v1/graphs/${deleted}`);
  await user.post(`/api/v1/graphs/${binned}/recover`);
  const added = await make('added', '["added"]');
  return { at, kept, changed, deleted, binned, added };
}

it('previews what would be done to each graph, and does nothing', async () => {
  const { at, kept, changed, deleted, binned, added } = await anAccount();
  const before = (await user.get('/api/v1/graphs?deleted=include&include=versions')).text;
  const table = await recover({ at });
  expect(table).toMatchObject({ at, dry_run: true, recovered_at: null });
  expect(actions(table)).toEqual({
    [kept]: 'unchanged',
    [changed]: 'restore',
    [deleted]: 'recover',
    [binned]: 'delete',
    [added]: 'delete',
  });
  expect(table.summary).toEqual({ unchanged: 1, restore: 1, recover: 1, delete: 2 });
  expect(table.graphs.find(({ graph_id }) => graph_id === changed)).toMatchObject({
    version: 1,
    title: 'changed since',
  });
  expect((await user.get('/api/v1/graphs?deleted=include&include=versions')).text).toBe(before);
});

it('does all of it, answers with the same table, and a recovery to the moment before undoes it', async () => {
  const { at, kept, changed, deleted, binned, added } = await anAccount();
  const preview = await recover({ at });
  const done = await recover({ at, dry_run: false });
  expect(done.graphs).toEqual(preview.graphs);

  expect(await configOf(changed)).toBe('{"v": 1.0}');
  expect((await user.get(`/api/v1/graphs/${changed}`)).json()).toMatchObject({
    title: 'changed',
    status: 'draft',
    version: 3,
  });
  expect(await configOf(deleted)).toBe('["deleted"]');
  expect((await user.get(`/api/v1/graphs/${kept}`)).json()).toMatchObject({ version: 1 });
  for (const id of [binned, added]) expect((await user.get(`/api/v1/graphs/${id}`)).status).toBe(404);
  expect((await recover({ at })).summary).toEqual({ unchanged: 5 });

  const undone = await recover({
    at: new Date(Date.parse(done.recovered_at!) - 1).toISOString(),
    dry_run: false,
  });
  expect(undone.summary).toMatchObject({ unchanged: 1, restore: 1, delete: 1, recover: 2 });
  expect((await user.get(`/api/v1/graphs/${changed}`)).json()).toMatchObject({
    title: 'changed since',
    status: 'active',
    config: { v: 2 },
  });
  expect((await user.get(`/api/v1/graphs/${deleted}`)).status).toBe(404);
  expect(await configOf(binned)).toBe('["binned"]');
  expect(await configOf(added)).toBe('["added"]');
});

it('can be limited to some graphs, and says which ids name nothing', async () => {
  const { at, changed, deleted } = await anAccount();
  const unknown = '01a20742-97e5-7fee-ac6d-8534d68e0d01';
  const table = await recover({ at, dry_run: false, graph_ids: [changed, unknown] });
  expect(actions(table)).toEqual({ [changed]: 'restore', [unknown]: 'unreachable' });
  expect((await user.get(`/api/v1/graphs/${deleted}`)).status).toBe(404);
});

it('names graphs that were purged since as unreachable, with the reason', async () => {
  const id = await make('gone', '{}');
  const at = moment();
  await user.delete(`/api/v1/graphs/${id}`);
  await user.post(`/api/v1/graphs/${id}/purge`);
  expect((await recover({ at })).graphs).toEqual([
    {
      graph_id: id,
      title: null,
      action: 'unreachable',
      version: null,
      reason: 'it was purged',
      nearest: null,
    },
  ]);
});

it("never touches another user's graphs", async () => {
  const { at } = await anAccount();
  const other = await app.aUser();
  const table = (await other.post('/api/v1/recovery', { at, dry_run: false })).json<Table>();
  expect(table.graphs).toEqual([]);
});

it.each([
  [{}, 400],
  [{ at: 'yesterday' }, 400],
  [{ at: '2026-11-23T09:15:00' }, 400],
  [{ at: '2026-02-30T09:15:00Z' }, 400],
  [{ at: '2026-11-01T00:00:00Z', dry_run: 'no' }, 400],
  [{ at: '2026-11-01T00:00:00Z', graph_ids: ['x'] }, 400],
  [{ at: '2026-11-01T00:00:00Z', more: 1 }, 400],
  [{ at: '2999-01-01T00:00:00Z' }, 422],
])('refuses %j with %i and changes nothing', async (body, status) => {
  const id = await make('there', '{}');
  expect((await user.post('/api/v1/recovery', body)).status).toBe(status);
  expect((await user.get(`/api/v1/graphs/${id}`)).json()).toMatchObject({ version: 1 });
});

const onPostgres = databaseKind === 'postgres' ? it : it.skip;
onPostgres(
  'stays all or nothing when two instances recover one account at a time (SQLite has but one)',
  async () => {
    const ids: string[] = [];
    for (let i = 0; i < 40; i += 1) ids.push(await make(`graph ${i}`, `{"before":${i}}`));
    const at = moment();
    for (const id of ids) await user.put(`/api/v1/graphs/${id}`, { config: { after: true } });
    const second = await startApp({}, app.place);
    second.clock.advance(app.clock.now() - second.clock.now());
    try {
      const there = await second.anonymous.signIn(user.credentials!.email, user.credentials!.password);
      const answers = await Promise.all(
        [user, there, user, there].map((client) => client.post('/api/v1/recovery', { at, dry_run: false })),
      );
      for (const { status } of answers) expect([200, 409]).toContain(status);
      expect(answers.map(({ status }) => status)).toContain(200);
      for (const [i, id] of ids.entries()) expect(await configOf(id)).toBe(`{"before":${i}}`);
    } finally {
      await second.stop();
    }
  },
);
