import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, versionsOf, type GraphJson } from '../support/graphs';
import { SOURCES, aSource, itemsOf, letMinutesPass, runsOf, sync, type SourceJson } from '../support/sources';
import { FLOW_OPTIONS, FakeTool, FlowServer } from '../support/tools/fake-tool';

const ITEMS_MAX = 30;

let app: TestApp;
let folder: string;
let server: FlowServer;
let user: ApiClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'graphomat-sources-'));
  mkdirSync(join(folder, 'allowed'));
  app = await startApp({
    SOURCE_FOLDERS: join(folder, 'allowed'),
    MAX_BODY_BYTES: '65536',
    SOURCE_ITEMS_MAX: String(ITEMS_MAX),
  });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  server = await FlowServer.start();
  user = await app.aUser();
});
afterEach(() => server.close());

const read = async (id: string) => (await user.get(`${SOURCES}/${id}`)).json<SourceJson>();
const answering =
  (status: number, body: string, headers: Record<string, string> = {}) =>
  (tool: FakeTool): void => {
    tool.handle = () => ({ status, body, headers: { 'content-type': 'application/json', ...headers } });
  };

describe('a tool that answers wrongly', () => {
  it.each<[string, (tool: FakeTool) => void, RegExp]>([
    [
      'HTML',
      answering(200, '<html></html>', { 'content-type': 'text/html' }),
      /not answer in JSON but text\/html/,
    ],
    ['nothing', answering(200, ''), /not answer in JSON/],
    ['half a document', answering(200, '{"items":[{"id":"on'), /not answer in JSON/],
    ['500', answering(500, 'stack'), /error of its own \(500\)/],
    ['429', answering(429, '{}', { 'retry-after': '3600' }), /asked too often \(429\)/],
    ['401', answering(401, '{}'), /refuses the credentials/],
    ['403', answering(403, '{}'), /does not permit/],
    ['another list', answering(200, '{"flows":[]}'), /without an array at "\/items"/],
    ['items without ids', answering(200, '{"items":[{"x":1}]}'), /without an id/],
    ['an empty list', answering(200, '{"items":[],"next":null}'), /lists no graphs any more/],
    [
      'the same page without end',
      answering(200, '{"items":[{"id":"one","rev":1}],"next":"/flows?page=2"}'),
      /repeats itself/,
    ],
    ['a next page elsewhere', answering(200, '{"items":[],"next":"http://127.0.0.2/x"}'), /another server/],
    ['more than allowed', answering(200, `{"items":["${'x'.repeat(300_000)}"]}`), /is the limit/],
  ])('(%s) is named in one sentence, and loses nothing', async (_, act, sentence) => {
    server.put('one', '{"v":1}');
    server.put('two', '{"v":1}');
    const source = await aSource(user, { kind: 'http', url: server.url, options: FLOW_OPTIONS });
    act(server.tool);
    for (let run = 0; run < 3; run += 1)
      expect(await sync(user, source.id)).toMatchObject({ status: 'failed', gone: 0 });
    const state = await read(source.id);
    expect(state).toMatchObject({ status: 'failing', counts: { items: 2, gone: 0 } });
    expect(state.failure).toMatch(sentence);
    expect(state.failure).toMatch(/^[A-Z1].*\.$/);
    expect((await itemsOf(user, source.id)).map((item) => item.state)).toEqual(['synced', 'synced']);
    for (const graph of (await user.get(GRAPHS)).json<GraphJson[]>())
      expect(await versionsOf(user, graph.id)).toHaveLength(1);
    // One event when it begins to fail, however often it does.
    const events = await user.get('/api/v1/audit?action=source.failing');
    expect(events.json<unknown[]>()).toHaveLength(1);
  });

  it('is asked again later and later, not before it wants, and recovers', async () => {
    server.put('one', '{"v":1}');
    const source = await aSource(user, { kind: 'http', url: server.url, options: FLOW_OPTIONS });
    const handle = server.tool.handle;
    answering(429, '{}', { 'retry-after': '3600' })(server.tool);
    await sync(user, source.id);
    const { next_attempt_at, last_attempt_at } = await read(source.id);
    expect(Date.parse(next_attempt_at!) - Date.parse(last_attempt_at!)).toBeGreaterThanOrEqual(3_600_000);
    server.tool.handle = handle;
    await letMinutesPass(app, 15);
    expect(await runsOf(user, source.id, 2)).toHaveLength(2);
    await letMinutesPass(app, 50);
    user = await user.signInAgain();
    expect(await runsOf(user, source.id, 3)).toHaveLength(3);
    expect(await read(source.id)).toMatchObject({ status: 'ok', failure: null });
    expect((await user.get('/api/v1/audit?action=source.recovered')).json<unknown[]>()).toHaveLength(1);
  });

  it('does not keep another source from being read', async () => {
    server.tool.raw = () => undefined; // Silence.
    const silent = await user.post(SOURCES, { kind: 'http', name: 'silent', url: server.url });
    const other = await FlowServer.start();
    other.put('one', '{}');
    const source = await aSource(user, { kind: 'http', url: other.url, options: FLOW_OPTIONS });
    expect(await read(source.id)).toMatchObject({ status: 'ok' });
    expect(await read(silent.json<SourceJson>().id)).toMatchObject({ status: 'syncing' });
    server.tool.raw = null;
    await server.close();
    server = other;
    await runsOf(user, silent.json<SourceJson>().id, 1);
  });
});

it('names the graphs of a run that could not be stored, and stores the others', async () => {
  server.put('fine', '{"v":1}');
  server.put('large', `{"v":"${'x'.repeat(70_000)}"}`);
  server.put('no graph', '7');
  const source = await aSource(user, { kind: 'http', url: server.url, options: FLOW_OPTIONS });
  const [run] = await runsOf(user, source.id, 1);
  expect(run).toMatchObject({ status: 'done', created: 1, failed: 2 });
  expect(run!.failed_items.map(({ remote_id, reason }) => [remote_id, reason])).toEqual([
    ['large', expect.stringMatching(/MAX_BODY_BYTES/)],
    ['no graph', expect.stringMatching(/no JSON object or array/)],
  ]);
  expect((await itemsOf(user, source.id)).map(({ state }) => state)).toEqual(['synced', 'failed', 'failed']);
});

describe('a list that never ends', () => {
  /** Lists in pages of ten, from a number that grows with each page; `last` is its end. */
  const listing = (last: number, idOf = (n: number) => `n${n}`) => {
    let pages = 0;
    server.tool.handle = () => {
      const from = pages * 10;
      pages += 1;
      const items = Array.from({ length: Math.min(10, last - from) }, (_, i) => ({
        id: idOf(from + i),
        v: 1,
      }));
      return { json: { items, next: from + 10 < last ? `/?page=${pages}` : null } };
    };
    return () => (pages = 0);
  };
  const options = { items: '/items', next: '/next' };
  const graphs = async () => (await user.get(GRAPHS)).json<GraphJson[]>();

  it('is read up to SOURCE_ITEMS_MAX, however often it names new ids', async () => {
    listing(Infinity);
    const source = await aSource(user, { kind: 'http', url: server.url, options });
    for (let run = 0; run < 2; run += 1) await sync(user, source.id);
    expect((await read(source.id)).failure).toMatch(
      /lists more than 30 graphs, which is the limit \(SOURCE_ITEMS_MAX\)/,
    );
    expect(await graphs()).toHaveLength(ITEMS_MAX);
    expect((await itemsOf(user, source.id)).filter(({ state }) => state === 'gone')).toEqual([]);
    expect((await runsOf(user, source.id, 3))[0]!.failed_items[0]!.reason).toMatch(/has 30 graphs already/);
  });

  it('is remembered with ids of any length in little memory, and each id is named as wrong', async () => {
    const again = listing(20, (n) => `${'x'.repeat(2_000)}${n}`);
    const source = await aSource(user, { kind: 'http', url: server.url, options });
    again();
    expect(await sync(user, source.id)).toMatchObject({ status: 'done', seen: 20, failed: 20, created: 0 });
    expect(await itemsOf(user, source.id)).toEqual([]);
  });

  it('is taken whole up to the limit, and gone graphs make room for new ones', async () => {
    let first = 0;
    const again = listing(ITEMS_MAX, (n) => `n${first + n}`);
    const source = await aSource(user, { kind: 'http', url: server.url, options });
    expect((await runsOf(user, source.id, 1))[0]).toMatchObject({ status: 'done', created: ITEMS_MAX });
    first = 5;
    const reads = [
      { failed: 5, gone: 0 },
      { failed: 5, gone: 5 },
      { failed: 0, created: 5 },
    ];
    for (const expected of reads) {
      again();
      expect(await sync(user, source.id)).toMatchObject({ status: 'done', ...expected });
    }
  });

  it('of empty pages ends with a sentence', async () => {
    server.tool.handle = () => ({ json: { items: [], next: '/?again' } });
    const source = await aSource(user, { kind: 'http', url: server.url, options });
    expect((await read(source.id)).failure).toMatch(/repeats itself and does not end/);
  });
});

describe('a connection', () => {
  const check = async (body: object) =>
    (await user.post(`${SOURCES}/check`, body)).json<{ ok: boolean; problems: string[] }>();

  it('is not made to this service itself, to metadata services or by redirects', async () => {
    expect((await check({ kind: 'http', url: app.url })).problems[0]).toMatch(/is this service itself/);
    const metadata = await check({ kind: 'http', url: 'http://169.254.169.254' });
    expect(metadata.problems[0]).toMatch(/not allowed/);
    const disguised = await check({ kind: 'http', url: 'http://[::ffff:169.254.169.254]' });
    expect(disguised.problems[0]).toMatch(/not allowed/);
    answering(302, '', { location: 'http://169.254.169.254/' })(server.tool);
    expect((await check({ kind: 'http', url: server.url })).problems[0]).toMatch(/redirects/);
  });

  it.each([
    ['node-red', {}],
    ['n8n', { api_key: 'x' }],
    ['grafana', { token: 'x' }],
    ['langflow', { api_key: 'x' }],
    ['flowise', { api_key: 'x' }],
    ['comfyui', {}],
  ])('is refused where another program answers than a %s', async (kind, credentials) => {
    server.tool.handle = () => ({ json: [{ id: '1', name: 'A thing' }] });
    const { ok, problems } = await check({ kind, url: server.url, credentials });
    expect([ok, problems]).toEqual([false, [expect.stringMatching(/Check the address/)]]);
  });

  it('is shown with what a slow list gave in 3 s', async () => {
    app.clock.stop();
    const options = { items: '/items', next: '/next' };
    let page = 0;
    server.tool.handle = () => {
      app.clock.advance(1_000);
      page += 1;
      return { json: { items: [{ id: `n${page}`, v: 1 }], next: `/?page=${page}` } };
    };
    const answer = await user.post(`${SOURCES}/check`, { kind: 'http', url: server.url, options });
    expect(answer.json()).toMatchObject({ ok: true, problems: [] });
    expect(answer.json<{ items: object[] }>().items).toHaveLength(3);
  });

  it('to the page of a tool, as a browser shows its address, is refused with the address to try', async () => {
    const page = { kind: 'n8n', url: `${server.url}/home/workflows`, credentials: { api_key: 'x' } };
    const advice = `The address may have to be ${server.url}, without a path.`;
    const answers = [
      { headers: { 'content-type': 'text/html' }, body: '<html></html>' },
      { status: 404, json: {} },
    ];
    for (const answer of answers) {
      server.tool.handle = () => answer;
      expect((await check(page)).problems).toEqual([expect.stringContaining(advice)]);
    }
  });

  it('verifies the certificate, and says so where it shall not', async () => {
    const pem = (name: string) => readFileSync(join(__dirname, '..', 'samples', 'tls', `${name}.pem`));
    const list = () => ({ json: [{ id: 'one', v: 1 }] });
    const secure = await FakeTool.start(list, { key: pem('server.key'), cert: pem('self-signed') });
    const tool = { kind: 'http', url: secure.url };
    expect(await check(tool)).toMatchObject({
      ok: false,
      problems: [expect.stringMatching(/not signed by a trusted authority/)],
    });
    const options = { verify_tls: false };
    expect(await check({ ...tool, options })).toMatchObject({
      ok: true,
      problems: [expect.stringMatching(/certificate of the tool is not verified/)],
    });
    const source = await aSource(user, { ...tool, options });
    expect(await read(source.id)).toMatchObject({ status: 'ok', options });
    await secure.close();
  });

  it('reads folders only where the operator permits it, and follows no links', async () => {
    const allowed = join(folder, 'allowed');
    writeFileSync(join(folder, 'secret.json'), '{"secret":true}');
    symlinkSync(join(folder, 'secret.json'), join(allowed, 'link.json'));
    symlinkSync(folder, join(allowed, 'up'));
    writeFileSync(join(allowed, 'mine.json'), '{"v":1}');
    writeFileSync(join(allowed, 'broken.json'), '{"v":');
    expect((await check({ kind: 'folder', url: folder })).problems[0]).toMatch(/SOURCE_FOLDERS/);
    expect((await check({ kind: 'folder', url: join(allowed, 'up') })).problems[0]).toMatch(/SOURCE_FOLDERS/);
    const source = await aSource(user, { kind: 'folder', url: allowed });
    expect(await itemsOf(user, source.id)).toMatchObject([
      { remote_id: 'broken.json', state: 'failed', failure: expect.stringMatching(/not JSON/) },
      { remote_id: 'mine.json', state: 'synced' },
    ]);
  });
});
