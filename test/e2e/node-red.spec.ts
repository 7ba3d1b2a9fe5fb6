import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { GRAPHS, versionsOf, type GraphJson } from '../support/graphs';
import { aSource, runsOf, sync, type SourceJson } from '../support/sources';
import { RealNodeRed } from '../support/tools/real-node-red';

const TAB = { id: 't1', type: 'tab', label: 'Intake', disabled: false, info: '', env: [] };
const BROKER = {
  id: 'b1',
  type: 'mqtt-broker',
  name: 'hall',
  broker: '127.0.0.1',
  port: '1',
  autoConnect: false,
};
const CREDENTIALS = { user: 'mq', password: 'mq-secret' };
const debug = (name: string) => ({
  id: 'd1',
  type: 'debug',
  z: 't1',
  name,
  active: true,
  x: 480,
  y: 100,
  wires: [],
});

// One database is enough: what is tried here is the tool.
(databaseKind === 'sqlite' ? describe : describe.skip)('a real Node-RED', () => {
  let app: TestApp;
  let user: ApiClient;
  let tool: RealNodeRed;
  let source: SourceJson;

  beforeAll(async () => {
    app = await startApp();
    tool = await RealNodeRed.create();
    await tool.start();
    user = await app.aUser();
  }, 180_000);
  afterAll(async () => {
    await tool.close();
    await app.close();
  });

  const deploy = (flows: unknown[]) => tool.admin('POST', '/flows', { flows });
  const flowsText = async () =>
    /^\{"flows":(.*),"rev":"\w+"\}$/.exec((await tool.admin('GET', '/flows')).text)![1]!;
  const graph = async () => (await user.get(GRAPHS)).json<GraphJson[]>()[0]!;

  it('is pulled, called by its plugin, restarted, pushed to and defended against lost edits', async () => {
    await deploy([TAB, { ...BROKER, credentials: CREDENTIALS }, debug('one')]);
    const credentials = { username: 'admin', password: 'pw12345' };
    source = await aSource(user, { kind: 'node-red', url: tool.url, credentials });
    const { id } = await graph();
    expect((await user.get(`${GRAPHS}/${id}`)).configBytes.toString()).toBe(await flowsText());
    expect(await flowsText()).not.toContain('mq-secret');

    // A restart changes nothing; the plugin reports it, and later a deploy.
    await tool.stop();
    await tool.start({ url: `${app.url}/api/v1/hooks/sources/${source.id}`, token: source.hook_token });
    await runsOf(user, source.id, 2);
    expect(await versionsOf(user, id)).toHaveLength(1);
    app.clock.advance(10_000);
    await deploy([TAB, BROKER, debug('two')]);
    const runs = await runsOf(user, source.id, 3);
    expect(runs[0]).toMatchObject({ status: 'done', changed: 1 });

    // A push brings the first version back, and nodes that still exist keep their credentials.
    const first = (await user.get(`${GRAPHS}/${id}/versions/1`)).configBytes.toString();
    expect((await user.get(`${GRAPHS}/${id}/push?version=1`)).json()).toMatchObject({
      drifted: false,
      warnings: [],
    });
    expect((await user.post(`${GRAPHS}/${id}/push`, { version: 1 })).status).toBe(200);
    expect(await flowsText()).toBe(first);
    expect((await tool.admin('GET', '/credentials/mqtt-broker/b1')).text).toBe(
      '{"user":"mq","has_password":true}',
    );

    // An edit that was not read yet is not overwritten, and is a version.
    app.clock.advance(10_000);
    await sync(user, source.id);
    await deploy([TAB, debug('theirs')]);
    const theirs = await flowsText();
    const refused = await user.post(`${GRAPHS}/${id}/push`, { version: 1 });
    // The plugin may have been faster: then the edit is read already, and the push is allowed.
    if (refused.status === 409) expect(await flowsText()).toBe(theirs);
    const history = await versionsOf(user, id);
    const texts = await Promise.all(
      history.map(async ({ version }) =>
        (await user.get(`${GRAPHS}/${id}/versions/${version}`)).configBytes.toString(),
      ),
    );
    expect(texts).toContain(theirs);
    const plan = await user.get(`${GRAPHS}/${id}/push?version=1`);
    if (refused.status === 409) expect(plan.text).toContain('credentials-lost');
  }, 120_000);
});
