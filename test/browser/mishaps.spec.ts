import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph, versionsOf } from '../support/graphs';
import { expectAccessible } from './support/accessibility';
import { openAs, startBrowserApp, type BrowserApp } from './support/browser';

let app: BrowserApp;
beforeAll(async () => {
  app = await startBrowserApp();
});
afterAll(() => app.close());

const node = (id: string) => ({ id, type: 'step', position: { x: 0, y: 0 }, data: { label: id } });

async function aHistory(user: ApiClient): Promise<string> {
  const { id } = await aGraph(user, { title: 'Order intake', config: { nodes: [node('a')], edges: [] } });
  await user.put(`${GRAPHS}/${id}`, { config: { nodes: [], edges: [] } });
  return id;
}

it('asks for the password when the session ends in the middle of a restore, and then restores once', async () => {
  const user = await app.aUser();
  const id = await aHistory(user);
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}`);
  await page.getByRole('button', { name: 'Bring back version 1' }).click();
  const dialog = page.getByRole('dialog', { name: 'Bring back version 1?' });
  await dialog.getByText('+1 node').waitFor();
  // As the owner does it from another device.
  expect((await user.delete('/api/v1/auth/sessions')).status).toBe(204);
  // Another request of the page may have opened the dialog for the password already, over this one.
  await dialog.getByRole('button', { name: 'Bring back version 1' }).dispatchEvent('click');
  const password = page.getByRole('dialog', { name: 'Your session has ended' });
  await password.getByLabel(/^Password of/).fill(user.credentials!.password);
  await expectAccessible(page);
  await password.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('Version 1 is back, as version 3.').waitFor();
  expect((await versionsOf(user, id)).map(({ change }) => change)).toEqual([
    'restored',
    'updated',
    'created',
  ]);
  expect(faults).toEqual([]);
  await context.close();
});

it('says why a restore was not possible while the database is away, and does it when asked again', async () => {
  const user = await app.aUser();
  const id = await aHistory(user);
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}`);
  const problem = {
    type: '/problems/database-unavailable',
    title: 'Service Unavailable',
    status: 503,
    detail: 'The database is not available. Nothing was written. Try again in 5 s.',
    request_id: 'planted',
  };
  await context.route('**/restore', (route) =>
    route.fulfill({
      status: 503,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '5' },
      body: JSON.stringify(problem),
    }),
  );
  await page.getByRole('button', { name: 'Bring back version 1' }).click();
  const dialog = page.getByRole('dialog', { name: 'Bring back version 1?' });
  const confirm = dialog.getByRole('button', { name: 'Bring back version 1' });
  await confirm.click();
  const alert = dialog.getByRole('alert');
  await alert.getByText('Request planted').waitFor();
  expect(await alert.textContent()).toContain(problem.detail);
  await expectAccessible(page);
  await context.unroute('**/restore');
  await confirm.click();
  await page.getByText('Version 1 is back, as version 3.').waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('leads on from a link to a graph that is in the trash', async () => {
  const user = await app.aUser();
  const { id } = await aGraph(user, { title: 'Order intake' });
  await user.delete(`${GRAPHS}/${id}`);
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}`);
  await page.getByRole('heading', { name: 'There is no such graph', level: 1 }).waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Look in the trash' }).click();
  await page.getByText('Order intake').waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('says where pasted text is no JSON, and stores nothing', async () => {
  const user = await app.aUser();
  const { page, context, faults } = await openAs(app, user, '/welcome');
  await page.getByRole('button', { name: 'Paste JSON instead' }).click();
  await page.getByLabel('Title').fill('Order intake');
  const text = page.getByLabel('JSON', { exact: true });
  for (const wrong of ['{"nodes": [}', '{}, "status": "archived"']) {
    await text.fill(wrong);
    await page.getByRole('button', { name: 'Store' }).click();
    await page.getByRole('alert').getByText('This is not valid JSON.').waitFor();
    await text.fill('');
  }
  expect((await user.get(GRAPHS)).json()).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
});

it('says so when a screen cannot be loaded, and loads it when the service is back', async () => {
  const user = await app.aUser();
  const { page, context } = await openAs(app, user, '/trash');
  await page.getByText('The trash is empty').waitFor();
  await context.route('**/assets/**', (route) => route.abort());
  await page.getByRole('link', { name: 'Sources', exact: true }).click();
  await page.getByRole('heading', { name: 'This page could not be loaded' }).waitFor();
  await expectAccessible(page);
  await context.unroute('**/assets/**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'Sources', level: 1 }).waitFor();
  await context.close();
});

it('shows times in the zone of the browser, by its days, and UTC on hover', async () => {
  const user = await app.aUser();
  const id = await aHistory(user);
  const [{ created_at: at }] = (await versionsOf(user, id)) as unknown as [{ created_at: string }];
  for (const timezoneId of ['Asia/Kathmandu', 'Pacific/Honolulu']) {
    const { page, context } = await openAs(app, user, `/graphs/${id}`, { timezoneId });
    const time = page.getByRole('list', { name: 'Versions' }).locator('time').first();
    await time.waitFor();
    const local = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: timezoneId });
    expect(await time.textContent()).toBe(local.format(Date.parse(at)));
    expect(await time.getAttribute('title')).toContain(at.replace('T', ' ').replace('Z', ' UTC'));
    // The version is seconds old, so its day is today's in every zone; just before midnight it may be yesterday's.
    await page
      .getByText(/^(Today|Yesterday)$/)
      .first()
      .waitFor();
    await context.close();
  }
});
