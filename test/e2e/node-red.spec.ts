import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { GRAPHS, versionsOf, type GraphJson } from '../support/graphs';
import { SOURCES, aSource, runsOf, sync, type SourceJson } from '../support/sources';
import { RealNodeRed } from '../support/tools/real-node-red';
import { until } from '../support/within';

interface PlanJson {
  action: string;
  drifted: boolean;
  warnings: Array<{ code: string; message: string }>;
}

const TAB = { id: 't1', type: 'tab', label: 'Intake', disabled: false, info: '', env: [] };
const SECOND_TAB = {
  id: 't2',
  type: 'tab',
  label: 'Reports',
  disabled: true,
  info: 'monthly',
  locked: true,
  env: [],
};
const BROKER = {
  id: 'b1',
  type: 'mqtt-broker',
  name: 'hall',
  broker: '127.0.0.1',
  port: '1',
  autoConnect: false,
};
const SECRETS = { user: 'mq', password: 'mq-secret' };
const debug = (name: string, id = 'd1', z = 't1') => ({
  ...{ id, type: 'debug', z, name, active: true, x: 480, y: 100, wires: [] },
});
const report = (to: string) => ({
  ...{ id: 'r1', type: 'inject', z: 't2', name: 'monthly', props: [], repeat: '', once: false, topic: '' },
  ...{ x: 120, y: 80, wires: [[to]] },
});
const CREDENTIALS = { username: 'admin', password: 'pw12345' };

// One database is enough: what is tried here is the tool. Node-RED 5 needs another Node: REAL_NODE_RED_5=1.
const VERSIONS =
  databaseKind === 'sqlite'
    ? [4 as const, ...(process.env['REAL_NODE_RED_5'] === '1' ? [5 as const] : [])]
    : [];
(VERSIONS.length > 0 ? describe.each(VERSIONS) : describe.skip.each([4 as const]))(
  'a real Node-RED %d',
  (version) => {
    let app: TestApp;
    let user: ApiClient;
    let tool: RealNodeRed;
    let source: SourceJson;
    let id: string;

    beforeAll(async () => {
      app = await startApp();
      tool = await RealNodeRed.create(version);
      await tool.start();
    });
    afterAll(async () => {
      await tool.close();
      await app.close();
    });

    const deploy = async (...flows: unknown[]) => {
      expect((await tool.admin('POST', '/flows', { flows })).status).toBe(200);
    };
    const flowsText = async () =>
      /^\{"flows":(.*),"rev":"\w+"\}$/.exec((await tool.admin('GET', '/flows')).text)![1]!;
    const storedText = async (number?: number) =>
      (
        await user.get(`${GRAPHS}/${id}${number === undefined ? '' : `/versions/${number}`}`)
      ).configBytes.toString();
    const planOf = async (number: number) =>
      (await user.get(`${GRAPHS}/${id}/push?version=${number}`)).json<PlanJson>();
    const push = (body: object) => user.post(`${GRAPHS}/${id}/push`, body);
    const newest = async () => (await versionsOf(user, id))[0]!.version;

    /** A new user with a source whose first run has read these flows. */
    async function connected(...flows: unknown[]): Promise<void> {
      await deploy(...flows);
      user = await app.aUser();
      source = await aSource(user, {
        kind: 'node-red',
        url: tool.url,
        credentials: CREDENTIALS,
        every_minutes: 1_440,
      });
      id = (await user.get(GRAPHS)).json<GraphJson[]>()[0]!.id;
    }

    it('is checked, and its flows are stored byte for byte without credentials', async () => {
      await connected(TAB, { ...BROKER, credentials: SECRETS }, debug('one'));
      const given = { kind: 'node-red', url: tool.url, credentials: CREDENTIALS };
      const check = (await user.post(`${SOURCES}/check`, given)).json();
      expect(check).toMatchObject({
        ok: true,
        tool_version: expect.stringMatching(`^${version}\\.`) as string,
      });
      expect(await storedText()).toBe(await flowsText());
      expect(await storedText()).not.toContain('mq-secret');
      expect(await sync(user, source.id)).toMatchObject({ unchanged: 1, changed: 0 });
    });

    it('calls the hook after a restart and after a deploy; the restart makes no version', async () => {
      await connected(TAB, BROKER, debug('before'));
      await tool.stop();
      await tool.start({ url: `${app.url}/api/v1/hooks/sources/${source.id}`, token: source.hook_token });
      await runsOf(user, source.id, 2);
      expect(await versionsOf(user, id)).toHaveLength(1);
      app.clock.advance(10_000);
      await deploy(TAB, BROKER, debug('after'));
      await until(60_000, 'the deployed flows', async () =>
        (await storedText()).includes('"after"') ? true : undefined,
      );
      expect(await storedText()).toBe(await flowsText());
      // Without its hook, so that the next tests alone decide when the tool is read.
      await tool.stop();
      await tool.start();
    });

    it('gets a pushed version back exactly, and nodes that still exist keep their credentials', async () => {
      await connected(TAB, { ...BROKER, credentials: SECRETS }, debug('good'));
      await deploy(TAB, BROKER, debug('broken'));
      await sync(user, source.id);
      expect(await planOf(1)).toMatchObject({ action: 'update', drifted: false, warnings: [] });
      expect((await push({ version: 1 })).status).toBe(200);
      expect(await flowsText()).toBe(await storedText(1));
      expect((await tool.admin('GET', '/credentials/mqtt-broker/b1')).text).toBe(
        '{"user":"mq","has_password":true}',
      );
      // The push can be undone.
      expect((await push({ version: 2 })).status).toBe(200);
      expect(await flowsText()).toBe(await storedText(2));
    });

    it('says which node lost its credentials, and which node types it lacks', async () => {
      const foreign = { id: 'f1', type: 'not-installed', z: 't1', name: '', x: 1, y: 1, wires: [] };
      await connected(TAB, { ...BROKER, credentials: SECRETS }, debug('one'), foreign);
      await deploy(TAB, debug('one'));
      await sync(user, source.id);
      const { warnings } = await planOf(1);
      const messages = new Map(warnings.map(({ code, message }) => [code, message]));
      expect(messages.get('missing-node-types')).toContain('lacks 1 node type: not-installed.');
      expect(messages.get('credentials-lost')).toContain('hall');
      expect((await push({ version: 1 })).status).toBe(200);
      expect((await tool.admin('GET', '/credentials/mqtt-broker/b1')).text).not.toContain(
        '"has_password":true',
      );
    });

    it('is not overwritten while it has an edit that was not read, which becomes a version', async () => {
      await connected(TAB, debug('mine'));
      await deploy(TAB, debug('theirs'));
      const theirs = await flowsText();
      expect(await planOf(1)).toMatchObject({ drifted: true });
      expect((await push({ version: 1 })).status).toBe(409);
      expect(await flowsText()).toBe(theirs);
      expect(await storedText()).toBe(theirs);
      expect((await push({ version: 1, if_drifted: 'overwrite' })).status).toBe(200);
      expect(await flowsText()).toBe(await storedText(1));
    });

    it('gets one tab back with its nodes, and what was edited on the others since stays', async () => {
      await connected(TAB, SECOND_TAB, debug('one'), report('d2'), debug('total', 'd2', 't2'));
      const before = JSON.parse(await flowsText()) as Array<{ id: string }>;
      await deploy(TAB, debug('edited since'));
      await sync(user, source.id);
      const restored = await user.post(`${GRAPHS}/${id}/restore`, { version: 1, nodes: ['t2', 'r1', 'd2'] });
      expect(restored.status).toBe(200);
      const pushed = await push({ version: await newest() });
      expect([pushed.status, pushed.json()]).toMatchObject([200, { warnings: [] }]);
      const after = JSON.parse(await flowsText()) as Array<{ id: string; name?: string }>;
      const now = new Map(after.map((node) => [node.id, node]));
      for (const node of ['t2', 'r1', 'd2'])
        expect(now.get(node)).toEqual(before.find((one) => one.id === node));
      expect(now.get('d1')).toMatchObject({ name: 'edited since' });
      expect(after).toHaveLength(5);
      // What the tool has is what the version is.
      expect(await flowsText()).toBe(await storedText());
    });

    it('is pulled and refuses a push for a user who may only read', async () => {
      await connected(TAB, debug('one'));
      await deploy(TAB, debug('two'));
      await sync(user, source.id);
      const change = { credentials: { username: 'reader', password: 'pw12345' } };
      const { length } = await runsOf(user, source.id, 2);
      await user.send('PATCH', `${SOURCES}/${source.id}`, change);
      expect((await runsOf(user, source.id, length + 1))[0]).toMatchObject({ status: 'done' });
      const refused = await push({ version: 1 });
      expect(refused.json()).toMatchObject({
        status: 422,
        detail: expect.stringMatching(/"read" only/) as string,
      });
    });
  },
);
