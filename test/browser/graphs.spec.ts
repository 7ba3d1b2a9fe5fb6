import { aGraph } from '../support/graphs';
import { aSource } from '../support/sources';
import { FLOW_OPTIONS, FlowServer } from '../support/tools/fake-tool';
import { openAs, startBrowserApp, type BrowserApp } from './support/browser';

const MARKUP = '<img src=x onerror="document.title=1"><script>alert(1)</script>';

let app: BrowserApp;
beforeAll(async () => {
  app = await startBrowserApp();
});
afterAll(() => app.close());

it('lists graphs, searches as you type, filters, and keeps both in the address', async () => {
  const user = await app.aUser();
  for (const title of ['Order intake', 'Invoices', MARKUP])
    await aGraph(user, { title, config: { nodes: [] } });
  const { page, context, faults } = await openAs(app, user, '/graphs');
  await page.getByText('3 graphs').waitFor();
  await page.getByText(MARKUP).waitFor();
  await page.getByLabel('Search by title').fill('invoi');
  await page.getByText('1 graph', { exact: true }).waitFor();
  await page.getByLabel('Status').selectOption('active');
  await page.getByText('No graph matches').waitFor();
  expect(new URL(page.url()).search).toBe('?q=invoi&status=active');
  await page.reload();
  await page.getByText('No graph matches').waitFor();
  await page.getByRole('link', { name: 'Clear the filters' }).click();
  await page.getByText('3 graphs').waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('filters by source and by backup state, and keeps both in the address', async () => {
  const server = await FlowServer.start();
  server.put('one', '{"v":1}', 'From the tool');
  const user = await app.aUser();
  const { id } = await aSource(user, {
    kind: 'http',
    options: FLOW_OPTIONS,
    url: server.url,
    name: 'Flows <b>',
  });
  await aGraph(user, { title: 'By hand', config: { nodes: [] } });
  const { page, context, faults } = await openAs(app, user, '/graphs');
  await page.getByText('2 graphs').waitFor();
  await page.getByLabel('Source').selectOption('Flows <b>');
  await page.getByText('1 graph', { exact: true }).waitFor();
  await page.getByText('From the tool').waitFor();
  await page.getByLabel('Backup state').selectOption('verified');
  await page.getByText('No graph matches').waitFor();
  expect(new URL(page.url()).search).toBe(`?source=${id}&backup=verified`);
  await page.getByLabel('Backup state').selectOption('not yet copied');
  await page.getByLabel('Source').selectOption('Without a source');
  await page.getByText('By hand').waitFor();
  await page.reload();
  await page.getByText('1 graph', { exact: true }).waitFor();
  await page.getByText('By hand').waitFor();
  expect(faults).toEqual([]);
  await context.close();
  await server.close();
});

it('scrolls through 10,000 graphs without holes, and draws only those in sight', async () => {
  const user = await app.aUser();
  const graph = await aGraph(user, { title: 'One', config: { nodes: [] } });
  const { page, context } = await openAs(app, user, '/trash');
  await page.route('**/api/v1/graphs?*', async (route) => {
    const query = new URL(route.request().url()).searchParams;
    const skip = Number(query.get('skip'));
    const json = Array.from({ length: 100 }, (_, index) => ({
      ...graph,
      title: `Graph ${skip + index + 1}`,
    }));
    await route.fulfill({ json, headers: { 'x-total-count': '10000' } });
  });
  await page.getByRole('link', { name: 'Graphs', exact: true }).click();
  await page.getByText('10,000 graphs').waitFor();
  for (const at of [0.5, 0.1, 1]) {
    await page.evaluate(`scrollTo(0, document.documentElement.scrollHeight * ${at})`);
    await page
      .getByText(new RegExp(`^Graph ${at === 1 ? '10000' : `${Math.round(at * 10) / 1}\\d\\d\\d`}$`))
      .first()
      .waitFor();
    expect(await page.locator('[aria-busy=true]').count()).toBe(0);
    expect(await page.getByRole('listitem').count()).toBeLessThan(60);
  }
  await context.close();
});

it('moves a graph to the trash and back, and removes one for good', async () => {
  const user = await app.aUser();
  const { id } = await aGraph(user, { title: 'Order intake', config: { nodes: [] } });
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}`);
  await page.getByRole('button', { name: 'Move to the trash' }).click();
  await page.getByText('is in the trash').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('heading', { name: 'Order intake', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Move to the trash' }).click();
  await page.getByText('No graphs yet').waitFor();
  await page.getByRole('link', { name: 'Trash', exact: true }).click();
  await page.getByText('30 days left').waitFor();
  await page.getByRole('button', { name: 'Recover' }).click();
  await page.getByRole('heading', { name: 'Order intake', level: 1 }).waitFor();
  await user.delete(`/api/v1/graphs/${id}`);
  await page.goto(`${app.url}/trash`);
  await page.getByRole('button', { name: 'Remove Order intake permanently' }).click();
  await page.getByRole('button', { name: 'Remove permanently', exact: true }).click();
  await page.getByText('The trash is empty').waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('shows an error with its request id, and loads when the service is there again', async () => {
  const user = await app.aUser();
  await aGraph(user, { title: 'Order intake', config: { nodes: [] } });
  const { page, context } = await openAs(app, user, '/trash');
  await context.route('**/api/v1/graphs?*', (route) => route.abort());
  await page.getByRole('link', { name: 'Graphs', exact: true }).click();
  await page.getByText('The service does not answer.').waitFor();
  await context.unroute('**/api/v1/graphs?*');
  await page.getByText('Order intake').waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  await context.close();
});

it('says when to try again, with the request id', async () => {
  const user = await app.aUser();
  await aGraph(user, { title: 'Order intake', config: { nodes: [] } });
  const { page, context } = await openAs(app, user, '/trash');
  const problem = {
    type: '/problems/too-many-requests',
    title: 'Too Many Requests',
    status: 429,
    detail: 'Too many requests. Try again in 7 s.',
    request_id: 'planted',
  };
  await context.route('**/api/v1/graphs?*', (route) =>
    route.fulfill({
      status: 429,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '7' },
      body: JSON.stringify(problem),
    }),
  );
  await page.getByRole('link', { name: 'Graphs', exact: true }).click();
  const alert = page.getByRole('alert');
  await alert.getByText('Request planted').waitFor();
  expect(await alert.textContent()).toContain('Too many requests. Try again in 7 s.');
  await context.close();
});
