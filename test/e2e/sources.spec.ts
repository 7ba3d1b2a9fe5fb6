import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from '../support/app';
import { type ApiClient } from '../support/client';
import { GRAPHS, versionsOf, type GraphJson } from '../support/graphs';
import { expectProblem } from '../support/problem';
import { rawSql } from '../support/raw-database';
import {
  SOURCES,
  aSource,
  itemsOf,
  runsOf,
  sync,
  type SourceItemJson,
  type SourceJson,
  type SourceRunJson,
} from '../support/sources';
import { FLOW_OPTIONS, FlowServer } from '../support/tools/fake-tool';
import { HeldTool } from '../support/tools/held-tool';
import { PATIENCE_MS, until } from '../support/within';

const HTTP = { kind: 'http', options: FLOW_OPTIONS };

let app: TestApp;
let server: FlowServer;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  server = await FlowServer.start();
  user = await app.aUser();
});
afterEach(() => server.close());

const graphs = async () => (await user.get(`${GRAPHS}?sort=created_at`)).json<GraphJson[]>();

describe('a source', () => {
  it('fills a graph for each document, byte for byte', async () => {
    const text = '{ "n": 1e400,\t"big": 12345678901234567890, "__proto__": 1.0, "a": "\\u00e9" }';
    server.put('one', text, 'Order intake');
    const source = await aSource(user, { ...HTTP, url: server.url });
    const [run] = await runsOf(user, source.id, 1);
    expect(run).toMatchObject({ status: 'done', seen: 1, created: 1, changed: 0, failed: 0, failure: null });
    const [graph] = await graphs();
    expect(graph).toMatchObject({ title: 'Order intake', version: 1, status: 'active' });
    expect((await user.get(`${GRAPHS}/${graph!.id}`)).configBytes.toString()).toBe(text);
    expect(await itemsOf(user, source.id)).toMatchObject([
      { remote_id: 'one', title: 'Order intake', graph_id: graph!.id, state: 'synced' },
    ]);
    const read = (await user.get(`${SOURCES}/${source.id}`)).json<SourceJson>();
    expect(read).toMatchObject({ status: 'ok', counts: { items: 1, changed: 1, gone: 0 }, failure: null });
    expect(read).not.toHaveProperty('hook_token');
  });

  it('makes a version of each change and none without one', async () => {
    server.put('one', '{"v":1}');
    const source = await aSource(user, { ...HTTP, url: server.url });
    expect(await sync(user, source.id)).toMatchObject({ unchanged: 1, created: 0, changed: 0 });
    // Saved again without a change: the tool's own counter grows.
    server.put('one', '{"v":1}');
    expect(await sync(user, source.id)).toMatchObject({ unchanged: 1, changed: 0 });
    server.put('one', '{"v":2}');
    expect(await sync(user, source.id)).toMatchObject({ changed: 1 });
    const [graph] = await graphs();
    const versions = await versionsOf(user, graph!.id);
    expect(versions.map(({ version, change }) => [version, change])).toEqual([
      [2, 'updated'],
      [1, 'created'],
    ]);
  });

  it('follows a rename, and keeps a title that was given here', async () => {
    server.put('one', '{"v":1}', 'First');
    const source = await aSource(user, { ...HTTP, url: server.url });
    server.put('one', '{"v":1}', 'Second');
    await sync(user, source.id);
    const [graph] = await graphs();
    expect(graph).toMatchObject({ title: 'Second', version: 2 });
    await user.put(`${GRAPHS}/${graph!.id}`, { title: 'Mine' });
    server.put('one', '{"v":2}', 'Second');
    await sync(user, source.id);
    expect((await graphs())[0]).toMatchObject({ title: 'Mine', version: 4 });
  });

  it('calls a graph gone only after two runs without it, and keeps the graph', async () => {
    server.put('one', '{}');
    server.put('two', '{}');
    const source = await aSource(user, { ...HTTP, url: server.url });
    server.flows.delete('two');
    expect(await sync(user, source.id)).toMatchObject({ gone: 0 });
    expect((await itemsOf(user, source.id)).map(({ state }) => state)).toEqual(['synced', 'synced']);
    expect(await sync(user, source.id)).toMatchObject({ gone: 1 });
    expect((await itemsOf(user, source.id)).map(({ state }) => state)).toEqual(['synced', 'gone']);
    expect(await graphs()).toHaveLength(2);
    server.put('two', '{"back":true}');
    expect(await sync(user, source.id)).toMatchObject({ gone: 0, changed: 1 });
    expect((await itemsOf(user, source.id)).map(({ state }) => state)).toEqual(['synced', 'synced']);
    expect(await graphs()).toHaveLength(2);
  });

  it('moves a gone graph to the trash if it shall, and takes it out when it is back', async () => {
    server.put('one', '{}');
    server.put('two', '{}');
    const options = { ...FLOW_OPTIONS, on_gone: 'trash', gone_days: 0 };
    const source = await aSource(user, { ...HTTP, url: server.url, options });
    server.flows.delete('two');
    await sync(user, source.id);
    await sync(user, source.id);
    expect(await graphs()).toHaveLength(1);
    server.put('two', '{"back":true}');
    await sync(user, source.id);
    const back = (await graphs()).find(({ title }) => title === 'Flow two');
    const changes = (await versionsOf(user, back!.id)).map(({ change }) => change);
    expect(changes).toEqual(['updated', 'recovered', 'deleted', 'created']);
  });

  it('leaves a graph alone that is in the trash, and fills it again once it is recovered', async () => {
    server.put('one', '{"v":1}');
    const source = await aSource(user, { ...HTTP, url: server.url });
    const [graph] = await graphs();
    await user.delete(`${GRAPHS}/${graph!.id}`);
    server.put('one', '{"v":2}');
    await sync(user, source.id);
    expect(await itemsOf(user, source.id)).toMatchObject([{ state: 'ignored' }]);
    expect(await graphs()).toEqual([]);
    await user.post(`${GRAPHS}/${graph!.id}/recover`);
    await sync(user, source.id);
    expect((await user.get(`${GRAPHS}/${graph!.id}`)).configBytes.toString()).toBe('{"v":2}');
  });

  it('shows a graph that was edited here as drifted', async () => {
    server.put('one', '{"v":1}');
    const source = await aSource(user, { ...HTTP, url: server.url });
    const [graph] = await graphs();
    await user.put(`${GRAPHS}/${graph!.id}`, { config: { mine: true } });
    expect(await itemsOf(user, source.id)).toMatchObject([{ state: 'drifted' }]);
  });

  it('reads lists in pages', async () => {
    for (let i = 0; i < 7; i += 1) server.put(`flow-${i}`, `{"i":${i}}`);
    server.pageSize = 3;
    const source = await aSource(user, { ...HTTP, url: server.url });
    expect((await runsOf(user, source.id, 1))[0]).toMatchObject({ seen: 7, created: 7 });
    const first = await user.get(`${SOURCES}/${source.id}/items?limit=4`);
    expect(first.headers.get('x-total-count')).toBe('7');
    const next = /<([^>]+)>/.exec(first.headers.get('link')!)![1]!;
    expect((await user.get(next)).json<unknown[]>()).toHaveLength(3);
  });

  it('finds its graphs again when it was removed and is created again', async () => {
    server.put('one', '{"v":1}');
    const source = await aSource(user, { ...HTTP, url: server.url });
    expect((await user.delete(`${SOURCES}/${source.id}`)).status).toBe(204);
    expect((await user.get(`${SOURCES}/${source.id}`)).status).toBe(404);
    expect(await graphs()).toHaveLength(1);
    server.put('one', '{"v":2}');
    const again = await user.post(SOURCES, { ...HTTP, name: 'Again', url: `${server.url}/` });
    expect(again.status).toBe(201);
    const { id } = again.json<SourceJson>();
    expect(id).not.toBe(source.id);
    await runsOf(user, id, 2);
    const [graph] = await graphs();
    expect(await graphs()).toHaveLength(1);
    expect(graph).toMatchObject({ version: 2 });
  });

  it('makes at most one version in `min_minutes`, and stores the last state', async () => {
    server.put('one', '{"v":1}');
    const options = { ...FLOW_OPTIONS, min_minutes: 10 };
    const source = await aSource(user, { ...HTTP, url: server.url, options });
    for (const v of [2, 3, 4]) {
      server.put('one', `{"v":${v}}`);
      await sync(user, source.id);
    }
    const [graph] = await graphs();
    expect(graph).toMatchObject({ version: 1 });
    app.clock.advance(11 * 60_000);
    await sync(user, source.id);
    const read = await user.get(`${GRAPHS}/${graph!.id}`);
    expect([read.json<GraphJson>().version, read.configBytes.toString()]).toEqual([2, '{"v":4}']);
  });
});

describe('the settings of a source', () => {
  it('are checked by the rules of its kind', async () => {
    const answer = await user.post(SOURCES, {
      kind: 'http',
      name: 'x',
      url: 'ftp://user:secret@tool.example',
      options: { on_gone: 'burn', items: 'no pointer', unknown: 1, document_path: '/one' },
      credentials: { token: 5 },
    });
    expect(answer.status).toBe(400);
    const fields = answer.json<{ errors: Array<{ field: string }> }>().errors.map(({ field }) => field);
    expect(fields.sort()).toEqual([
      'credentials.token',
      'options.items',
      'options.on_gone',
      'options.unknown',
      'url',
    ]);
    expect(answer.text).not.toContain('secret');
  });

  it('are kept for 100 sources of an account, however many are created at the same time', async () => {
    const body = { kind: 'comfyui', name: 'A tool', url: 'http://127.0.0.1:9' };
    const answers = await Promise.all(Array.from({ length: 106 }, () => user.post(SOURCES, body)));
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(6);
    for (const answer of refused) expectProblem(answer, 409, 'too-many-sources');
    expect((await user.get(SOURCES)).headers.get('x-total-count')).toBe('100');
  });

  it('can be changed, paused and resumed', async () => {
    server.put('one', '{}');
    const source = await aSource(user, { ...HTTP, url: server.url });
    const path = `${SOURCES}/${source.id}`;
    const paused = (await user.send('PATCH', path, { enabled: false, name: 'Renamed' })).json<SourceJson>();
    expect(paused).toMatchObject({ status: 'paused', name: 'Renamed', next_attempt_at: null });
    const resumed = (await user.send('PATCH', path, { enabled: true, every_minutes: 60 })).json<SourceJson>();
    expect(resumed).toMatchObject({ enabled: true, every_minutes: 60, options: FLOW_OPTIONS });
    expect(resumed.next_attempt_at).toEqual(expect.any(String));
    // Read at once, without a request and long before its hour is over.
    expect(await runsOf(user, source.id, 2)).toMatchObject([{ status: 'done' }, { status: 'done' }]);
  });

  it('are tried at once when they change, but a new name is no reason to read', async () => {
    server.put('one', '{"v":1}');
    const source = await aSource(user, { ...HTTP, url: server.url, every_minutes: 1_440 });
    const path = `${SOURCES}/${source.id}`;
    const { next_attempt_at: due } = (await user.get(path)).json<SourceJson>();
    const renamed = (await user.send('PATCH', path, { name: 'Renamed' })).json<SourceJson>();
    expect(renamed.next_attempt_at).toBe(due);
    const other = await FlowServer.start();
    other.put('one', '{"v":2}');
    const changes = [
      { credentials: { token: 'new' } },
      { every_minutes: 720 },
      { url: other.url, credentials: null },
    ];
    for (const [index, change] of changes.entries()) {
      expect((await user.send('PATCH', path, change)).status).toBe(200);
      await runsOf(user, source.id, index + 2);
    }
    await other.close();
    expect((await user.get(`${SOURCES}/${source.id}/runs`)).json<SourceRunJson[]>()[0]).toMatchObject({
      changed: 1,
    });
    const events = (await user.get('/api/v1/audit?action=source.changed')).json<Array<{ details: object }>>();
    expect(events.map(({ details }) => details)).toEqual(
      expect.arrayContaining([{ fields: 'credentials url' }, { fields: 'name' }]),
    );
  });

  it('keep credentials out of every answer, and send them only to the server they are for', async () => {
    server.put('one', '{}');
    const credentials = { token: 'the-secret-of-this-test' };
    const source = await aSource(user, { ...HTTP, url: server.url, credentials });
    expect(server.tool.calls[0]!.headers.authorization).toBe('Bearer the-secret-of-this-test');
    const path = `${SOURCES}/${source.id}`;
    const other = await FlowServer.start();
    const refused = await user.send('PATCH', path, { url: other.url });
    expect(refused.json()).toMatchObject({ status: 400, errors: [{ field: 'credentials' }] });
    expect((await user.send('PATCH', path, { url: other.url, credentials: null })).json()).toMatchObject({
      has_credentials: false,
    });
    await sync(user, source.id);
    expect(other.tool.calls[0]!.headers.authorization).toBeUndefined();
    await other.close();
    const audit = await user.get('/api/v1/audit');
    for (const text of [audit.text, app.logs.join(''), (await user.get(path)).text])
      expect(text).not.toContain('the-secret-of-this-test');
    expect(audit.text).toContain('source.created');
  });
});

it('loses its credentials when it is removed, and leaves nothing when its account is deleted', async () => {
  server.put('one', '{"v":1}');
  const credentials = { token: 'a-secret' };
  const source = await aSource(user, { ...HTTP, url: server.url, credentials });
  await aSource(user, { ...HTTP, url: `${server.url}/kept`, credentials });
  const rowsOf = (table: string, what = 'COUNT(*)') =>
    rawSql(
      app.place,
      `SELECT ${what} AS n FROM ${table} WHERE user_key = (SELECT MAX(user_key) FROM user_keys)`,
    );
  const sealed = async () =>
    (await rowsOf('sources', 'credentials')).filter(({ n }) => (n as Uint8Array).length > 0).length;
  expect(await sealed()).toBe(2);
  expect((await user.delete(`${SOURCES}/${source.id}`)).status).toBe(204);
  expect(await sealed()).toBe(1);
  const admin = await app.admin();
  expect((await admin.delete(`/api/v1/users/${user.userId}`)).status).toBe(204);
  await (
    await app.service.app.get(JobRunner).trigger('housekeeping')
  ).ended;
  for (const table of ['sources', 'source_items', 'source_runs'])
    expect(Number((await rowsOf(table))[0]!['n'])).toBe(0);
});

describe('the hook of a source', () => {
  const call = (id: string, token?: string) =>
    app.anonymous.post(`/api/v1/hooks/sources/${id}`, undefined, {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    });

  it('starts a run, at most one in five seconds', async () => {
    server.put('one', '{"v":1}');
    const source = await aSource(user, { ...HTTP, url: server.url });
    app.clock.advance(6_000);
    server.put('one', '{"v":2}');
    expect((await call(source.id, source.hook_token)).status).toBe(202);
    expect((await runsOf(user, source.id, 2))[0]).toMatchObject({ changed: 1 });
    // Calls within the gap are answered, and one run follows when it is over.
    expect((await call(source.id, source.hook_token)).status).toBe(202);
    expect((await call(source.id, source.hook_token)).status).toBe(202);
    const { next_attempt_at, last_attempt_at } = (
      await user.get(`${SOURCES}/${source.id}`)
    ).json<SourceJson>();
    expect(Date.parse(next_attempt_at!) - Date.parse(last_attempt_at!)).toBe(5_000);
  });

  it('takes its own token only, and the newest one', async () => {
    server.put('one', '{}');
    const source = await aSource(user, { ...HTTP, url: server.url });
    const other = await aSource(await app.aUser(), { ...HTTP, url: server.url });
    for (const token of [undefined, 'nonsense', user.token])
      expect((await call(source.id, token)).status).toBe(401);
    expect((await call(source.id, other.hook_token)).status).toBe(404);
    const renewed = await user.post(`${SOURCES}/${source.id}/hook-token`);
    expect((await call(source.id, source.hook_token)).status).toBe(401);
    expect((await call(source.id, renewed.json<SourceJson>().hook_token)).status).toBe(202);
  });
});

it('says how many secrets were typed into documents, and never which', async () => {
  const large = JSON.stringify({ filling: 'x'.repeat(100_000), nodes: [{ apiKey: 'large-secret' }] });
  server.put(
    'one',
    '{"headers":[{"name":"Authorization","value":"Bearer typed-in-1"}],"password":"typed-in-2"}',
  );
  server.put('two', '{"token":"={{ $env.TOKEN }}"}');
  server.put('three', large);
  const source = await aSource(user, { kind: 'http', url: server.url, options: FLOW_OPTIONS });
  const items = await user.get(`${SOURCES}/${source.id}/items`);
  const secrets = items.json<Array<{ remote_id: string; secrets: number | null }>>();
  expect(Object.fromEntries(secrets.map((item) => [item.remote_id, item.secrets]))).toEqual({
    ...{ one: 2, two: 0, three: 1 },
  });
  const counts = async () => (await user.get(`${SOURCES}/${source.id}`)).json<SourceJson>().counts;
  expect(await counts()).toMatchObject({ items: 3, with_secrets: 2 });
  const { graph_id: id } = items.json<SourceItemJson[]>().find(({ remote_id }) => remote_id === 'one')!;
  expect((await user.get(`${GRAPHS}/${id}`)).json<object>()).toMatchObject({ source: { secrets: 2 } });
  const audit = await user.get('/api/v1/audit');
  for (const { text } of [items, audit, await user.get(`${SOURCES}/${source.id}/runs`)])
    expect(text).not.toMatch(/typed-in|large-secret/);
  server.put('one', '{"headers":[]}');
  await sync(user, source.id);
  expect(await counts()).toMatchObject({ with_secrets: 1 });
});

it('shows on a graph which source fills it', async () => {
  server.put('one', '{"v":1}');
  const source = await aSource(user, { ...HTTP, url: server.url });
  await user.post(GRAPHS, { title: 'by hand' });
  const listed = (await user.get(`${GRAPHS}?sort=created_at`)).json<Array<{ id: string; source: unknown }>>();
  const filled = { id: source.id, kind: 'http', remote_id: 'one', state: 'synced', secrets: 0 };
  expect(listed.map(({ source: one }) => one)).toEqual([filled, undefined]);
  const read = (await user.get(`${GRAPHS}/${listed[0]!.id}`)).json();
  expect(read).toMatchObject({ source: filled });
  await user.put(`${GRAPHS}/${listed[0]!.id}`, { config: { mine: true } });
  expect((await user.get(`${GRAPHS}/${listed[0]!.id}`)).json()).toMatchObject({
    source: { state: 'drifted' },
  });
  await user.delete(`${SOURCES}/${source.id}`);
  expect((await user.get(`${GRAPHS}/${listed[0]!.id}`)).json()).not.toHaveProperty('source');
});

it('reads four sources at a time at most, and two of one user', async () => {
  const tool = await HeldTool.start();
  const owners = ['a', 'b', 'c'];
  const names = owners.flatMap((owner) => [1, 2, 3].map((number) => `${owner}-${number}`));
  const users = new Map<string, ApiClient>();
  for (const owner of owners) users.set(owner, await app.aUser());
  const made: Array<[ApiClient, string]> = [];
  for (const name of names) {
    const owner = users.get(name[0]!)!;
    const answer = await owner.post(SOURCES, { ...HTTP, name, url: `${tool.tool.url}/${name}` });
    made.push([owner, answer.json<SourceJson>().id]);
  }
  /** Whether the job has to start another source while the tool holds these. */
  const isRoom = () =>
    tool.count < 4 &&
    names.some((name) => !tool.arrived.includes(name) && tool.heldOf(name.split('-')[0]!) < 2);
  while (tool.arrived.length < names.length) {
    await until(PATIENCE_MS, 'as many sources that are read as may be', () => {
      tool.keepAlive();
      return isRoom() ? undefined : true;
    });
    tool.release('{"items":[]}');
  }
  while (tool.count > 0) tool.release('{"items":[]}');
  for (const [owner, id] of made)
    expect(await runsOf(owner, id, 1)).toMatchObject([{ status: 'done', seen: 0 }]);
  expect({ arrived: tool.arrived.toSorted(), peak: tool.peak, ofOwner: tool.peakOfOwner }).toEqual({
    ...{ arrived: names, peak: 4, ofOwner: 2 },
  });
  await tool.close();
});
