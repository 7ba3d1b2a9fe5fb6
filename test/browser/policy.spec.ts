import type { ApiClient } from '../support/client';
import { expectAccessible } from './support/accessibility';
import { openAs, startBrowserApp, type BrowserApp } from './support/browser';

const HOUR = 3_600_000;

let app: BrowserApp;
beforeAll(async () => {
  app = await startBrowserApp();
});
afterAll(() => app.close());

/** A user with a graph of five versions, three days apart, of which the second has a label. */
async function withHistory(): Promise<{ user: ApiClient; id: string }> {
  let user = await app.aUser();
  const made = await user.post('/api/v1/graphs', {
    title: 'Order <i>intake</i>',
    config: { nodes: [], n: 1 },
  });
  const { id } = made.json<{ id: string }>();
  for (let n = 2; n <= 5; n += 1) {
    app.clock.advance(72 * HOUR);
    user = await user.signInAgain();
    await user.put(`/api/v1/graphs/${id}`, { config: { nodes: [], n } });
  }
  await user.send('PATCH', `/api/v1/graphs/${id}/versions/2`, { label: 'before the sale' });
  return { user, id };
}

it('shows what would go before it saves, and undoes the change', async () => {
  const { user } = await withHistory();
  const { page, context, faults } = await openAs(app, user, '/graphs');
  await page.getByRole('link', { name: 'Policy' }).click();
  await page.getByText('No version goes; 5 versions stay.').waitFor();
  await page.getByLabel('The newest versions: inherited from the installation').uncheck();
  await page.getByLabel('The newest versions', { exact: true }).fill('1');
  await page.getByLabel('One for each of the last days: inherited from the installation').uncheck();
  await page.getByLabel('One for each of the last days', { exact: true }).fill('0');
  await page.getByLabel('One for each of the last weeks: inherited from the installation').uncheck();
  await page.getByLabel('One for each of the last weeks', { exact: true }).fill('0');
  await page.getByText(/^[12] versions? would go/).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Versions of Order <i>intake</i>' }).click();
  await page
    .getByRole('dialog')
    .getByRole('row', { name: /^2 .*stays has a label/ })
    .waitFor();
  await page.getByRole('dialog').getByText('no rule keeps it').first().waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  expect((await user.get('/api/v1/backup-policy')).json()).toMatchObject({ keep_last: 20 });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  expect((await user.get('/api/v1/backup-policy')).json()).toMatchObject({ keep_last: 1, keep_daily: 0 });
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('The policy is as it was.').waitFor();
  expect((await user.get('/api/v1/backup-policy')).json()).toMatchObject({
    keep_last: 20,
    levels: { keep_last: 'default' },
  });
  expect(faults).toEqual([]);
  await context.close();
});

it('sets the policy of one graph, and refuses one that another window has changed', async () => {
  const { user, id } = await withHistory();
  await user.put('/api/v1/backup-policy', { keep_monthly: 3 });
  const { page, context, faults } = await openAs(app, user, `/policy/graphs/${id}`);
  await page.getByRole('heading', { name: 'Policy of Order <i>intake</i>' }).waitFor();
  const months = page.getByLabel('One for each of the last months: inherited from your account');
  expect(await months.isChecked()).toBe(true);
  await page.getByRole('row', { name: /^5 .*stays the newest/ }).waitFor();
  await page.getByLabel('The newest versions: inherited from the installation').uncheck();
  await page.getByLabel('The newest versions', { exact: true }).fill('7');
  await user.put(`/api/v1/graphs/${id}/backup-policy`, { keep_last: 9 });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('was changed in another window').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  expect((await user.get(`/api/v1/graphs/${id}/backup-policy`)).json()).toMatchObject({
    keep_last: 7,
    levels: { keep_last: 'graph', keep_monthly: 'user' },
  });
  expect(faults).toEqual([]);
  await context.close();
});

it('refuses a policy that keeps nothing', async () => {
  const user = await app.aUser();
  await user.put('/api/v1/backup-policy', {
    keep_last: 5,
    keep_within_hours: 0,
    keep_daily: 0,
    keep_weekly: 0,
    keep_monthly: 0,
    keep_yearly: 0,
  });
  const { page, context } = await openAs(app, user, '/policy');
  await page.getByLabel('The newest versions', { exact: true }).fill('0');
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
  await context.close();
});
