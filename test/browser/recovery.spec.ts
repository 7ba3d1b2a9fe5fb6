import type { ApiClient } from '../support/client';
import { expectAccessible } from './support/accessibility';
import { openAs, startBrowserApp, type BrowserApp } from './support/browser';

const DAY = 86_400_000;

let app: BrowserApp;
beforeAll(async () => {
  app = await startBrowserApp();
});
afterAll(() => app.close());

async function make(user: ApiClient, title: string): Promise<string> {
  return (await user.post('/api/v1/graphs', { title, config: { nodes: [] } })).json<{ id: string }>().id;
}

const titles = async (user: ApiClient) =>
  (await user.get('/api/v1/graphs?sort=title')).json<Array<{ title: string }>>().map(({ title }) => title);

it('brings an account back to a moment after a preview on the page, and undoes it', async () => {
  const user = await app.aUser();
  const changed = await make(user, 'Changed <img src=x>');
  const deleted = await make(user, 'Deleted');
  app.clock.advance(1_000);
  const moment = new Date(app.clock.now()).toISOString();
  app.clock.advance(1_000);
  await user.put(`/api/v1/graphs/${changed}`, { title: 'Broken' });
  await user.delete(`/api/v1/graphs/${deleted}`);
  await make(user, 'Made later');
  const { page, context, faults } = await openAs(app, user, '/graphs');
  await page.getByRole('link', { name: 'Account recovery' }).click();
  await page.getByRole('heading', { name: 'Choose a moment' }).waitFor();
  await page.getByText('5 changes in this range, by day.').waitFor();
  await page.goto(`${app.url}/recovery?at=${moment}`);
  await page.getByRole('heading', { name: '3 graphs would change' }).waitFor();
  await page.getByRole('row', { name: /Broken goes back as version 1/ }).waitFor();
  await page.getByRole('button', { name: 'comes out of the trash (1)' }).click();
  await page.waitForURL(/show=recover/);
  await page.getByRole('row', { name: /Broken goes back/ }).waitFor({ state: 'detached' });
  await page.reload();
  await page.getByRole('row', { name: /Deleted comes out of the trash/ }).waitFor();
  expect(await page.getByRole('row', { name: /Broken goes back/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Changes', exact: true }).click();
  await page.getByRole('row', { name: /Deleted comes out of the trash/ }).waitFor();
  await page.getByRole('row', { name: /Made later moves to the trash It did not exist yet/ }).waitFor();
  await expectAccessible(page);
  expect(await titles(user)).toEqual(['Broken', 'Made later']);
  await page.getByRole('button', { name: 'Recover 3 graphs' }).click();
  await page.getByText(/^Your account is as it was at/).waitFor();
  await page.getByRole('heading', { name: 'Nothing would change' }).waitFor();
  expect(await titles(user)).toEqual(['Changed <img src=x>', 'Deleted']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('heading', { name: '3 graphs would change' }).waitFor();
  expect(await titles(user)).toEqual(['Broken', 'Made later']);
  expect(faults).toEqual([]);
  await context.close();
});

it('is back after three clicks: account recovery, the moment, recover', async () => {
  let user = await app.aUser();
  const id = await make(user, 'Order intake');
  app.clock.advance(2 * 3_600_000);
  user = await user.signInAgain();
  await user.put(`/api/v1/graphs/${id}`, { title: 'Broken' });
  const { page, context, faults } = await openAs(app, user, '/graphs');
  // The page reckons with its own clock, and the service of the test is ahead of it.
  await page.clock.setFixedTime(app.clock.now());
  await page.getByRole('link', { name: 'Account recovery' }).click();
  await page.getByRole('button', { name: 'An hour ago' }).click();
  await page.getByRole('button', { name: 'Recover 1 graph' }).click();
  await page.getByText(/^Your account is as it was at/).waitFor();
  expect(await titles(user)).toEqual(['Order intake']);
  expect(faults).toEqual([]);
  await context.close();
});

it('chooses the moment by field, slider and picture, and keeps it in the address', async () => {
  const user = await app.aUser();
  await make(user, 'Order intake');
  const { page, context } = await openAs(app, user, '/recovery');
  const at = () => new Date(new URL(page.url()).searchParams.get('at')!).getTime();
  await page.getByRole('button', { name: 'A day ago' }).click();
  await page.waitForURL(/at=/);
  const first = at();
  await page.getByLabel('Moment on the time line').press('ArrowLeft');
  await page.waitForURL((url) => new Date(url.searchParams.get('at')!).getTime() < first);
  await page.getByRole('img', { name: /^Changes by day/ }).click({ position: { x: 2, y: 10 } });
  await page.waitForURL((url) => new Date(url.searchParams.get('at')!).getTime() < first - 25 * DAY);
  await page.getByText(/1 graph would change/).waitFor();
  await page.getByLabel('Moment', { exact: true }).fill('2099-01-01T00:00:00');
  await page.getByLabel('Moment', { exact: true }).blur();
  await page.getByRole('alert').getByText('This time is in the future.').waitFor();
  await page.getByLabel('Show').selectOption({ label: 'Last 7 days' });
  await page.waitForURL(/days=7/);
  await page.getByRole('img', { name: /^Changes by hour/ }).waitFor();
  await context.close();
});
