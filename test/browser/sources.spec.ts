import { GRAPHS, type GraphJson } from '../support/graphs';
import { SOURCES, aSource, runsOf, type SourceJson } from '../support/sources';
import { FLOW_OPTIONS, FlowServer } from '../support/tools/fake-tool';
import { expectAccessible } from './support/accessibility';
import { openAs, startBrowserApp, type BrowserApp } from './support/browser';

let app: BrowserApp;
let server: FlowServer;
beforeAll(async () => {
  app = await startBrowserApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  server = await FlowServer.start();
});
afterEach(() => server.close());

const NAME = 'Flows <i>of the hall</i>';

it('connects a tool from the first screen, after a check that shows what it would find', async () => {
  const { handle } = server.tool;
  server.tool.handle = (call) =>
    call.headers.authorization === 'Bearer right' ? handle(call) : { status: 401, json: {} };
  server.put('one', '{"nodes": [], "edges": []}', 'Order <b>intake</b>');
  server.put('two', '{"nodes": [], "edges": []}', 'Report');
  const user = await app.aUser();
  const { page, context, faults } = await openAs(app, user, '/welcome');
  await page.getByRole('link', { name: 'Another tool' }).click();
  await page.getByRole('heading', { name: 'Connect a tool', level: 1 }).waitFor();
  await page.getByLabel('Address').fill(server.url);
  await page.getByLabel('Name', { exact: true }).fill(NAME);
  await page.getByLabel('Token', { exact: true }).fill('wrong');
  await page.getByLabel('Path of the list').fill('/flows');
  await page.getByLabel('Items in the list').fill('/items');
  await page.getByLabel('Path of a document').fill('no slash');
  await page.getByRole('button', { name: 'Check the connection' }).click();
  await page.getByLabel('Path of a document').and(page.locator('[aria-invalid=true]')).waitFor();
  await page.getByLabel('Path of a document').fill('/flows/{id}');
  await page.getByLabel('Graph in the document').fill('/flow');
  await page.getByRole('button', { name: 'Check the connection' }).click();
  await page.getByText('The tool can’t be read.').waitFor();
  await page.getByLabel('Token', { exact: true }).fill('right');
  await page.getByRole('button', { name: 'Check the connection' }).click();
  await page.getByText('It has 2 graphs:').waitFor();
  await page.getByText('Order <b>intake</b>').waitFor();
  await expectAccessible(page);
  expect((await user.get(SOURCES)).json()).toEqual([]);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByRole('heading', { name: NAME }).waitFor();
  await page.getByRole('link', { name: 'Order <b>intake</b>' }).waitFor();
  await page.getByText('2 graphs: 2 new').waitFor();
  expect((await user.get(GRAPHS)).json<GraphJson[]>()).toHaveLength(2);
  await expectAccessible(page);
  expect(faults).toEqual([]);
  await context.close();
});

it('says in words why a source fails, reads it now, pauses and resumes it', async () => {
  const user = await app.aUser();
  server.put('one', '{"v":1}', 'Order intake');
  const { id } = await aSource(user, { kind: 'http', url: server.url, options: FLOW_OPTIONS, name: NAME });
  const { page, context, faults } = await openAs(app, user, '/sources');
  const row = page.getByRole('row', { name: new RegExp(NAME) });
  await row.getByText('works').waitFor();
  server.tool.handle = () => ({ status: 503, json: {} });
  await row.getByRole('button', { name: `Read now: ${NAME}` }).click();
  await row.getByText('fails').waitFor();
  await row.getByText('503').waitFor();
  await expectAccessible(page);
  await row.getByRole('button', { name: `Pause: ${NAME}` }).click();
  await row.getByText('paused').waitFor();
  expect((await user.get(`${SOURCES}/${id}`)).json<SourceJson>().enabled).toBe(false);
  await page.getByRole('button', { name: 'Undo' }).click();
  await row.getByRole('button', { name: `Pause: ${NAME}` }).waitFor();
  await row.getByRole('link', { name: NAME }).click();
  await page.getByText(/The last run failed: .*503/).waitFor();
  await page.getByRole('region', { name: 'Runs' }).getByText('failed', { exact: true }).first().waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('keeps the pages of a source in the address', async () => {
  const user = await app.aUser();
  for (let n = 0; n < 51; n += 1) server.put(`f${n}`, `{"v":${n}}`, `Flow ${n}`);
  const { id } = await aSource(user, { kind: 'http', url: server.url, options: FLOW_OPTIONS, name: NAME });
  const { page, context, faults } = await openAs(app, user, `/sources/${id}`);
  const graphs = page.getByRole('region', { name: 'Graphs' });
  await graphs.getByText('1 to 50 of 51 entries').waitFor();
  await graphs.getByRole('button', { name: 'More' }).click();
  await page.waitForURL(/\?graphs=2$/);
  await page.reload();
  await graphs.getByText('51 to 51 of 51 entries').waitFor();
  await page.goto(`${app.url}/sources/${id}?graphs=9&runs=1`);
  await graphs.getByText('This page is empty').waitFor();
  await graphs.getByRole('button', { name: 'Back' }).click();
  await graphs.getByText('51 to 51 of 51 entries').waitFor();
  expect(new URL(page.url()).searchParams.get('runs')).toBe('1');
  expect(faults).toEqual([]);
  await context.close();
});

it('edits a source without losing its credentials, makes a hook token, and disconnects it', async () => {
  const user = await app.aUser();
  server.put('one', '{"v":1}', 'Order intake');
  const options = { ...FLOW_OPTIONS, verify_tls: false };
  const credentials = { token: 'kept' };
  const { id } = await aSource(user, { kind: 'http', url: server.url, options, credentials, name: NAME });
  const { page, context, faults } = await openAs(app, user, `/sources/${id}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Flows of the yard');
  await dialog.getByText('How often, and what happens').click();
  await dialog.getByLabel('Minutes between two runs').fill('30');
  await dialog.getByLabel('Next page of the list').fill('');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Flows of the yard' }).waitFor();
  const { next: _, ...others } = options;
  expect((await user.get(`${SOURCES}/${id}`)).json()).toMatchObject({
    every_minutes: 30,
    options: others,
    has_credentials: true,
  });
  await runsOf(user, id, 2);
  expect(server.tool.calls.at(-1)!.headers.authorization).toBe('Bearer kept');

  await page.getByRole('button', { name: 'Make a hook token' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make token' }).click();
  const token = await page.getByLabel('Hook token', { exact: true }).inputValue();
  const hook = { authorization: `Bearer ${token}` };
  expect((await app.anonymous.post(`/api/v1/hooks/sources/${id}`, undefined, hook)).status).toBe(202);

  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('dialog').getByText('Its graphs stay here').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
  await page.getByText('No tool is connected').waitFor();
  expect((await user.get(SOURCES)).json()).toEqual([]);
  expect((await user.get(GRAPHS)).json<GraphJson[]>()).toHaveLength(1);
  expect(faults).toEqual([]);
  await context.close();
});
