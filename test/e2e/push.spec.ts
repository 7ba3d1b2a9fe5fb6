import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, versionsOf, type GraphJson } from '../support/graphs';
import { SOURCES, aSource, itemsOf, sync, type SourceJson } from '../support/sources';
import { FakeNodeRed } from '../support/tools/fake-node-red';
import { FLOW_OPTIONS, FlowServer } from '../support/tools/fake-tool';
import { FakeN8n } from '../support/tools/n8n-case';

interface PushJson {
  action?: string;
  drifted?: boolean;
  remote_id: string;
  revision?: string;
  warnings: Array<{ code: string; message: string }>;
}

const TAB = { id: 't1', type: 'tab', label: 'Intake' };
const BROKER = { id: 'b1', type: 'mqtt-broker', name: 'hall broker' };
const inject = (repeat: string) => ({ id: 'i1', type: 'inject', z: 't1', repeat, wires: [[]] });
const SECRET = { password: 'mq-secret' };

let app: TestApp;
let user: ApiClient;
let tool: FakeNodeRed;
let source: SourceJson;
let graph: GraphJson;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  tool = await FakeNodeRed.start();
  user = await app.aUser();
  tool.deploy([TAB, { ...BROKER, credentials: SECRET }, inject('1')]);
  const credentials = { username: 'admin', password: 'pw12345' };
  source = await aSource(user, { kind: 'node-red', url: tool.url, credentials });
  graph = (await user.get(GRAPHS)).json<GraphJson[]>()[0]!;
});
afterEach(() => tool.close());

const path = () => `${GRAPHS}/${graph.id}/push`;
const plan = async (version: number) => (await user.get(`${path()}?version=${version}`)).json<PushJson>();
const push = (body: object) => user.post(path(), body);
const newest = async () => (await user.get(`${GRAPHS}/${graph.id}`)).configBytes.toString();

describe('a version that is pushed back', () => {
  it('is what Node-RED has again, with its old revision, and the state from before stays here', async () => {
    const { rev } = tool;
    tool.deploy([TAB, BROKER, inject('99')]);
    const broken = JSON.stringify(tool.flows);
    await sync(user, source.id);
    expect(await plan(1)).toMatchObject({ action: 'update', drifted: false, warnings: [] });
    const answer = await push({ version: 1 });
    expect([answer.status, answer.json()]).toMatchObject([
      200,
      { remote_id: 'flows', revision: rev, previous_version: 2, warnings: [] },
    ]);
    expect(tool.rev).toBe(rev);
    expect(tool.credentials.get('b1')).toEqual(SECRET);
    expect(await newest()).toBe(JSON.stringify(tool.flows));
    expect((await user.get(`${GRAPHS}/${graph.id}/versions/2`)).configBytes.toString()).toBe(broken);
    // The next run finds nothing new.
    expect(await sync(user, source.id)).toMatchObject({ unchanged: 1, changed: 0 });
    expect((await user.get('/api/v1/audit')).text).toContain('source.pushed');
  });

  it('is refused while the tool has another state than the one that was read, which is stored', async () => {
    tool.deploy([TAB, BROKER, inject('7')]);
    const theirs = JSON.stringify(tool.flows);
    expect(await plan(1)).toMatchObject({ drifted: true });
    const refused = await push({ version: 1 });
    expect(refused.json()).toMatchObject({ status: 409, type: expect.stringMatching(/drifted$/) });
    expect(JSON.stringify(tool.flows)).toBe(theirs);
    expect(await newest()).toBe(theirs);
    // The owner has seen it now.
    const pushed = await push({ version: 1, if_drifted: 'overwrite' });
    expect([pushed.status, pushed.json()]).toMatchObject([200, { previous_version: 2 }]);
    expect(tool.flows).toContainEqual(inject('1'));
    expect(await versionsOf(user, graph.id)).toHaveLength(3);
  });

  it('does not win against a deploy in between', async () => {
    tool.deploy([TAB, BROKER, inject('99')]);
    await sync(user, source.id);
    const handle = tool.tool.handle;
    tool.tool.handle = (call) => {
      if (`${call.method} ${call.url}` === 'POST /flows') tool.deploy([TAB, BROKER, inject('in between')]);
      return handle(call);
    };
    expect((await push({ version: 1 })).status).toBe(409);
    expect(tool.flows).toContainEqual(inject('in between'));
    expect(await newest()).toBe(JSON.stringify(tool.flows));
  });

  it('is planned with warnings in words', async () => {
    tool.deploy([TAB, inject('1')]);
    tool.types = ['inject'];
    await sync(user, source.id);
    const { warnings } = await plan(1);
    expect(warnings.map(({ code }) => code)).toEqual(['missing-node-types', 'credentials-lost']);
    expect(warnings[0]!.message).toContain('mqtt-broker');
    expect(warnings[1]!.message).toContain('hall broker');
  });

  it('is refused with the reason of the tool', async () => {
    tool.deploy([TAB, BROKER, inject('99')]);
    await sync(user, source.id);
    await user.put(`${GRAPHS}/${graph.id}`, { config: { no: 'array' } });
    const refused = await push({ version: 3 });
    expect(refused.json()).toMatchObject({ status: 422, type: expect.stringMatching(/push-refused$/) });
    expect(refused.json<{ detail: string }>().detail).toContain('config.forEach is not a function');
    await user.send('PATCH', `${SOURCES}/${source.id}`, {
      credentials: { username: 'ro', password: 'pw12345' },
    });
    expect((await push({ version: 1 })).json<{ detail: string }>().detail).toMatch(
      /does not let this user deploy/,
    );
  });

  it('is not written again if the tool has it already', async () => {
    const answer = await push({ version: 1 });
    expect(answer.json<PushJson>().warnings.map(({ code }) => code)).toEqual(['already-there']);
    expect(tool.tool.paths).not.toContain('POST /flows');
  });

  it('counts as pushed if the tool has stored it although it reported a failure', async () => {
    tool.deploy([TAB, BROKER, inject('99')]);
    await sync(user, source.id);
    const handle = tool.tool.handle;
    tool.tool.handle = async (call) => {
      const answer = await handle(call);
      return `${call.method} ${call.url}` === 'POST /flows'
        ? { status: 403, json: { message: 'Forbidden' } }
        : answer;
    };
    const answer = await push({ version: 1 });
    expect(answer.status).toBe(200);
    expect(answer.json<PushJson>().warnings.map(({ code }) => code)).toEqual(['stored-despite-failure']);
  });
});

it('explains why a graph cannot be pushed', async () => {
  const alone = (await user.post(GRAPHS, { title: 'by hand' })).json<GraphJson>();
  expect((await user.get(`${GRAPHS}/${alone.id}/push`)).json()).toMatchObject({ status: 422 });
  expect((await (await app.aUser()).get(path())).status).toBe(404);
  await tool.close();
  const unreachable = await user.get(path());
  expect(unreachable.json<{ detail: string }>().detail).toMatch(/refuses the connection/);
  const server = await FlowServer.start();
  server.put('one', '{}');
  await aSource(user, { kind: 'http', url: server.url, options: FLOW_OPTIONS });
  const [other] = (await user.get(`${GRAPHS}?q=Flow`)).json<GraphJson[]>();
  expect((await user.get(`${GRAPHS}/${other!.id}/push`)).json()).toMatchObject({
    status: 422,
    type: expect.stringMatching(/push-not-supported$/),
  });
  await server.close();
});

it('a push that creates a workflow that is gone gives its graph the new id, and makes no second graph', async () => {
  const n8n = await FakeN8n.start();
  const owner = await app.aUser();
  const nodes = (value: number) => `[{"name":"Start","parameters":{"value":${value}}}]`;
  n8n.save('stays', nodes(0));
  n8n.save('deleted', nodes(1), 'Order intake');
  const { id } = await aSource(owner, {
    ...{ kind: 'n8n', url: n8n.tool.url, credentials: { api_key: 'right' } },
  });
  const linked = async () =>
    new Map((await itemsOf(owner, id)).map(({ remote_id, graph_id }) => [remote_id, graph_id]));
  const graphId = (await linked()).get('deleted')!;
  const all = async () => (await owner.get(GRAPHS)).json<GraphJson[]>().map((one) => one.id);
  const before = await all();
  n8n.workflows.delete('deleted');
  // Seen as gone before the push, and after it.
  for (let pass = 0; pass < 2; pass += 1) await sync(owner, id);
  const planned = (await owner.get(`${GRAPHS}/${graphId}/push?version=1`)).json<PushJson>();
  expect(planned).toMatchObject({ action: 'create', drifted: false });
  const pushed = await owner.post(`${GRAPHS}/${graphId}/push`, { version: 1 });
  const { remote_id: created } = pushed.json<PushJson>();
  expect([pushed.status, created]).toEqual([200, 'new-2']);
  expect(n8n.workflows.get(created)).toMatchObject({ name: 'Order intake', nodes: nodes(1) });
  for (let pass = 0; pass < 3; pass += 1)
    expect(await sync(owner, id)).toMatchObject({ status: 'done', unchanged: 2, created: 0, changed: 0 });
  expect(await all()).toEqual(before);
  expect((await linked()).get(created)).toBe(graphId);
  // It is one and the same graph from now on: a change under the new id is its next version.
  n8n.save(created, nodes(2), 'Order intake');
  expect(await sync(owner, id)).toMatchObject({ created: 0, changed: 1 });
  const { configBytes } = await owner.get(`${GRAPHS}/${graphId}`);
  expect(configBytes.toString()).toContain(nodes(2));
  // A push of it goes to the new id.
  expect((await owner.post(`${GRAPHS}/${graphId}/push`, { version: 1 })).json()).toMatchObject({
    remote_id: created,
  });
  expect([...n8n.workflows.keys()]).toEqual(['stays', created]);
  await n8n.tool.close();
});

it('a push that n8n stores as a draft, because the key may not publish, says so in the words of n8n', async () => {
  const n8n = await FakeN8n.start();
  const owner = await app.aUser();
  const nodes = (value: number) => `[{"name":"Start","parameters":{"value":${value}}}]`;
  n8n.save('live', nodes(1)).active = true;
  const { id } = await aSource(owner, {
    ...{ kind: 'n8n', url: n8n.tool.url, credentials: { api_key: 'right' } },
  });
  n8n.save('live', nodes(2));
  await sync(owner, id);
  n8n.mayActivate = false;
  const [live] = (await owner.get(GRAPHS)).json<GraphJson[]>();
  const pushed = await owner.post(`${GRAPHS}/${live!.id}/push`, { version: 1 });
  expect(pushed.status).toBe(200);
  const [warning, ...more] = pushed.json<PushJson>().warnings;
  expect([warning!.code, more]).toEqual(['stored-despite-failure', []]);
  expect(warning!.message).toMatch(/saved as a draft\. It wasn't published/);
  expect(n8n.workflows.get('live')).toMatchObject({ nodes: nodes(1), active: true });
  await n8n.tool.close();
});
