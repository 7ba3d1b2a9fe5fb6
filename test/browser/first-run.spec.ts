import { startApp } from '../support/app';
import { ApiClient } from '../support/client';
import { GRAPHS, type GraphJson } from '../support/graphs';
import { expectAccessible } from './support/accessibility';
import { startBrowserApp, type BrowserApp } from './support/browser';
import { startProxy, type Proxy } from './support/proxy';

const PASSWORD = 'a sentence to remember';
const EMPTY = { ADMIN_EMAIL: '', ADMIN_PASSWORD: '', REGISTRATION: 'first' };

let app: BrowserApp;
let proxy: Proxy;
beforeAll(async () => {
  app = await startBrowserApp(EMPTY);
  proxy = await startProxy(app.url);
});
afterAll(async () => {
  await proxy.close();
  await app.close();
});

it('leads from an empty installation to a graph with two versions, over a restart of the service', async () => {
  const { page, context } = await app.open('/', { baseURL: proxy.url });
  await page.getByRole('heading', { name: 'Create the first account' }).waitFor();
  await expectAccessible(page);
  await page.getByLabel('E-mail').fill('first@test.example');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('button', { name: 'Paste JSON instead' }).click();
  await page.getByLabel('Title').fill('Order intake');
  await page.getByLabel('JSON', { exact: true }).fill('{"nodes": [], "edges": []}');

  await app.stop();
  await page.getByRole('button', { name: 'Store' }).click();
  await page.getByText('The service does not answer.').waitFor();
  const again = await startApp(EMPTY, app.place, app.clock);
  try {
    proxy.target(again.url);
    await page.getByRole('button', { name: 'Store' }).click();
    await page.getByRole('heading', { name: 'Order intake', level: 1 }).waitFor();

    const user = await new ApiClient(again.url).signIn('first@test.example', PASSWORD);
    const [graph] = (await user.get(GRAPHS)).json<GraphJson[]>();
    const node = { id: 'a', type: 'step', position: { x: 0, y: 0 }, data: {} };
    await user.put(`${GRAPHS}/${graph!.id}`, { config: { nodes: [node], edges: [] } });
    await page.reload();
    await page.getByRole('list', { name: 'Versions' }).getByText('+1 node').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.getByRole('link', { name: 'Create one' }).count()).toBe(0);
    await context.close();
  } finally {
    await again.stop();
  }
});
