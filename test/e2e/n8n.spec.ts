import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, versionsOf, type GraphJson } from '../support/graphs';
import { SOURCES, itemsOf, runsOf, sync, type SourceJson } from '../support/sources';
import { RealN8n } from '../support/tools/real-n8n';
import { until } from '../support/within';

/** Any port that nothing listens on. */
const DISCARD = 'http://127.0.0.1:9';

// Installing n8n takes 3 GB and ten minutes: `npm run try:n8n`. The fakes answer as it does.
(RealN8n.folder === undefined ? describe.skip : describe)('a real n8n', () => {
  let app: TestApp;
  let user: ApiClient;
  let n8n: RealN8n;
  let source: SourceJson;

  beforeAll(async () => {
    app = await startApp();
    user = await app.aUser();
    // The hook is an environment variable of n8n, so the source comes first.
    const body = { kind: 'n8n', name: 'n8n', url: DISCARD, every_minutes: 1_440 };
    const made = await user.post(SOURCES, { ...body, credentials: { api_key: 'none yet' } });
    source = made.json<SourceJson>();
    await runsOf(user, source.id, 1);
    n8n = await RealN8n.start({
      url: `${app.url}/api/v1/hooks/sources/${source.id}`,
      token: source.hook_token,
    });
  }, 330_000);
  afterAll(async () => {
    await n8n.close();
    await app.close();
  });

  const graphs = async () => (await user.get(GRAPHS)).json<GraphJson[]>();
  const textOf = async (id: string, version?: number) =>
    (
      await user.get(`${GRAPHS}/${id}${version === undefined ? '' : `/versions/${version}`}`)
    ).configBytes.toString();
  const graphOf = async (remoteId: string) =>
    (await itemsOf(user, source.id)).find(({ remote_id }) => remote_id === remoteId)!.graph_id!;
  const push = (id: string, body: object) => user.post(`${GRAPHS}/${id}/push`, body);

  it('is imported with its history, and a save without a change makes no version', async () => {
    const id = await n8n.create('Orders', 1);
    await n8n.update(id, 'Orders', 2);
    await n8n.update(id, 'Orders', 3);
    const change = { url: n8n.url, credentials: { api_key: n8n.apiKey } };
    const { length } = await runsOf(user, source.id, 1);
    expect((await user.send('PATCH', `${SOURCES}/${source.id}`, change)).status).toBe(200);
    const runs = await runsOf(user, source.id, length + 1);
    expect(runs[0]).toMatchObject({ status: 'done', created: 1, failed: 0, failure: null });
    const graph = await graphOf(id);
    expect(await textOf(graph)).toBe(await n8n.documentOf(id));
    const versions = await versionsOf(user, graph);
    expect(versions.map((version) => version.change)).toEqual(['updated', 'imported', 'imported']);
    expect(await textOf(graph, 1)).toContain('"position":[0,1]');
    await n8n.update(id, 'Orders', 3);
    expect(await sync(user, source.id)).toMatchObject({ unchanged: 1, changed: 0, created: 0 });
  });

  it('calls the hook of its source after a change, and is not disturbed by one that fails', async () => {
    const id = await n8n.create('Called', 1);
    // The hook that the creation called may still run.
    await until(60_000, 'the new workflow', async () =>
      (await itemsOf(user, source.id)).some(({ remote_id }) => remote_id === id) ? true : undefined,
    );
    app.clock.advance(10_000);
    await n8n.update(id, 'Called', 2);
    const graph = await graphOf(id);
    await until(60_000, 'the changed workflow', async () => {
      // The creation's hook may have come just now: then the source is read when five seconds are over.
      app.clock.advance(100);
      return (await textOf(graph)).includes('"position":[0,2]') ? true : undefined;
    });
    await user.send('PATCH', `${SOURCES}/${source.id}`, { enabled: false });
    // The hook answers 409 now.
    expect((await n8n.update(id, 'Called', 3)).nodes).toHaveLength(1);
    await user.send('PATCH', `${SOURCES}/${source.id}`, { enabled: true });
  });

  it('takes a pushed version, is not published by it, and keeps what it had before', async () => {
    const id = await n8n.create('Pushed', 1);
    await sync(user, source.id);
    await n8n.update(id, 'Pushed', 2);
    await sync(user, source.id);
    const graph = await graphOf(id);
    const plan = (await user.get(`${GRAPHS}/${graph}/push?version=1`)).json();
    expect(plan).toMatchObject({ action: 'update', drifted: false, warnings: [] });
    const pushed = await push(graph, { version: 1 });
    expect([pushed.status, pushed.json()]).toMatchObject([200, { remote_id: id, warnings: [] }]);
    expect(await n8n.documentOf(id)).toBe(await textOf(graph, 1));
    const now = await n8n.api('GET', `/workflows/${id}`);
    expect(now).toMatchObject({ active: false, name: 'Pushed' });

    await n8n.update(id, 'Pushed', 9);
    const theirs = await n8n.documentOf(id);
    const refused = await push(graph, { version: 1 });
    // Its hook may have been faster: then the change is read already, and the push is allowed.
    if (refused.status === 409) expect(await n8n.documentOf(id)).toBe(theirs);
    const stored = await Promise.all(
      (await versionsOf(user, graph)).map(({ version }) => textOf(graph, version)),
    );
    expect(stored).toContain(theirs);
  });

  it('runs a pushed state at once if it is published, or keeps it as a draft', async () => {
    const id = await n8n.create('Live', 1);
    await sync(user, source.id);
    await n8n.update(id, 'Live', 2);
    await n8n.api('POST', `/workflows/${id}/activate`);
    await sync(user, source.id);
    const graph = await graphOf(id);
    const live = async () => JSON.stringify((await n8n.api('GET', `/workflows/${id}`)).activeVersion?.nodes);
    const plan = (await user.get(`${GRAPHS}/${graph}/push?version=1`)).json<{
      warnings: Array<{ code: string }>;
    }>();
    expect(plan.warnings.map(({ code }) => code)).toEqual(['goes-live']);
    expect((await push(graph, { version: 1, publish: false })).status).toBe(200);
    expect(await live()).toContain('[0,2]');
    expect(await n8n.documentOf(id)).toContain('"position":[0,1]');
    expect((await push(graph, { version: 1, publish: true })).status).toBe(200);
    expect(await live()).toContain('[0,1]');
    expect(await n8n.api('GET', `/workflows/${id}`)).toMatchObject({ active: true, name: 'Live' });
  });

  it('says in its own words that it has stored a draft, where the key may not publish', async () => {
    const id = await n8n.create('Draft', 1);
    await n8n.api('POST', `/workflows/${id}/activate`);
    await sync(user, source.id);
    await n8n.update(id, 'Draft', 2);
    await sync(user, source.id);
    const graph = await graphOf(id);
    const path = `${SOURCES}/${source.id}`;
    const limited = await n8n.keyFor('no publishing', ['list', 'read', 'update']);
    expect((await user.send('PATCH', path, { credentials: { api_key: limited } })).status).toBe(200);
    const pushed = await push(graph, { version: 1, if_drifted: 'overwrite' });
    const { warnings } = pushed.json<{ warnings: Array<{ code: string; message: string }> }>();
    expect([pushed.status, warnings.map(({ code }) => code)]).toEqual([200, ['stored-despite-failure']]);
    expect(warnings[0]!.message).toMatch(/saved as a draft.* workflow:activate/);
    expect(await n8n.documentOf(id)).toContain('"position":[0,1]');
    const { activeVersion } = await n8n.api('GET', `/workflows/${id}`);
    expect(JSON.stringify(activeVersion?.nodes)).toContain('[0,2]');
    await user.send('PATCH', path, { credentials: { api_key: n8n.apiKey } });
  });

  it('shows which workflows are published, and gives published versions alone if asked for', async () => {
    const id = await n8n.create('Release', 1);
    await sync(user, source.id);
    const graph = await graphOf(id);
    const statusOf = async () => (await user.get(`${GRAPHS}/${graph}`)).json<{ status: string }>().status;
    expect(await statusOf()).toBe('draft');
    const owner = await app.aUser();
    const given = { kind: 'n8n', name: 'releases', url: n8n.url, every_minutes: 1_440 };
    const credentials = { api_key: n8n.apiKey };
    const body = { ...given, credentials, options: { state: 'published' } };
    const { id: published } = (await owner.post(SOURCES, body)).json<SourceJson>();
    await runsOf(owner, published, 1);
    const found = async () => (await itemsOf(owner, published)).find(({ remote_id }) => remote_id === id);
    expect(await found()).toBeUndefined();
    await n8n.api('POST', `/workflows/${id}/activate`);
    await sync(user, source.id);
    expect(await statusOf()).toBe('active');
    await sync(owner, published);
    const textThere = async () => {
      const { graph_id: there } = (await found())!;
      return (await owner.get(`${GRAPHS}/${there}`)).configBytes.toString();
    };
    expect(await textThere()).toBe(await n8n.documentOf(id));
    // A draft, as the editor saves it by itself.
    const { nodes, settings } = await n8n.api<{ nodes: object[]; settings: object }>(
      'GET',
      `/workflows/${id}`,
    );
    const draft = { name: 'Release', nodes: [{ ...nodes[0], position: [0, 7] }], connections: {}, settings };
    await n8n.api('PUT', `/workflows/${id}?publishIfActive=false`, draft);
    expect(await sync(owner, published)).toMatchObject({ changed: 0, created: 0 });
    expect(await textThere()).toContain('"position":[0,1]');
    await sync(user, source.id);
    expect(await textOf(graph)).toContain('"position":[0,7]');
  });

  it('gets a deleted workflow back under a new id, which its graph follows', async () => {
    const id = await n8n.create('Deleted', 1);
    await sync(user, source.id);
    const graph = await graphOf(id);
    const { length } = await graphs();
    await n8n.api('DELETE', `/workflows/${id}`);
    const plan = (await user.get(`${GRAPHS}/${graph}/push?version=1`)).json<{
      warnings: Array<{ code: string }>;
    }>();
    expect(plan).toMatchObject({ action: 'create' });
    expect(plan.warnings.map(({ code }) => code)).toContain('inactive');
    const { remote_id: created } = (await push(graph, { version: 1 })).json<{ remote_id: string }>();
    expect(created).not.toBe(id);
    expect(await n8n.api('GET', `/workflows/${created}`)).toMatchObject({ name: 'Deleted', active: false });
    await sync(user, source.id);
    expect(await graphOf(created)).toBe(graph);
    expect(await graphs()).toHaveLength(length);
  });

  it('says in a sentence that a key has no right', async () => {
    const given = { kind: 'n8n', url: n8n.url, credentials: { api_key: 'wrong' } };
    const { problems } = (await user.post(`${SOURCES}/check`, given)).json<{ problems: string[] }>();
    expect(problems).toEqual(['n8n refuses the credentials (401).']);
  });
});
