import { startApp, type TestApp } from '../support/app';
import { runCli } from '../support/cli';
import { newPlace, type TestPlace } from '../support/database';
import { GRAPHS, type GraphJson } from '../support/graphs';
import { SOURCES, aSource, itemsOf, sync, type SourceJson } from '../support/sources';
import { FLOW_OPTIONS, FlowServer } from '../support/tools/fake-tool';
import { copyNow } from '../support/vault';

let app: TestApp;
let target: TestPlace;
let server: FlowServer;

beforeEach(async () => {
  app = await startApp();
  target = await newPlace();
  server = await FlowServer.start();
});
afterEach(async () => {
  await app.close();
  await target.remove();
  await server.close();
});

it('a rebuilt database goes on with its sources, their credentials and their graphs', async () => {
  const user = await app.aUser();
  server.put('one', '{"v":1}');
  const body = { kind: 'http', url: server.url, options: FLOW_OPTIONS, credentials: { token: 'kept' } };
  const source = await aSource(user, body);
  const removed = await aSource(user, { ...body, url: `${server.url}/removed`, options: {} });
  await user.delete(`${SOURCES}/${removed.id}`);
  server.put('two', '{"v":1}');
  await sync(user, source.id);
  await copyNow(app);
  await app.stop();
  const rebuild = await runCli('vault', ['rebuild', '--to', target.databaseUrl], app.place);
  expect(rebuild.code).toBe(0);

  const rebuilt = await startApp({}, { ...app.place, databaseUrl: target.databaseUrl }, app.clock);
  try {
    const back = await rebuilt.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    expect((await back.get(SOURCES)).json<SourceJson[]>().map(({ id }) => id)).toEqual([source.id]);
    server.put('one', '{"v":2}');
    server.tool.calls.length = 0;
    expect(await sync(back, source.id)).toMatchObject({
      status: 'done',
      created: 0,
      changed: 1,
      unchanged: 1,
    });
    expect(server.tool.calls[0]!.headers.authorization).toBe('Bearer kept');
    expect((await itemsOf(back, source.id)).map(({ state }) => state)).toEqual(['synced', 'synced']);
    expect((await back.get(GRAPHS)).json<GraphJson[]>()).toHaveLength(2);
  } finally {
    await rebuilt.stop();
  }
});
