import type { ApiClient } from '../support/client';
import { expectAccessible } from './support/accessibility';
import { openAs, startBrowserApp, type BrowserApp, type ConsolePage } from './support/browser';

let app: BrowserApp;
let admin: ApiClient;
let opened: ConsolePage;
beforeAll(async () => {
  app = await startBrowserApp();
  admin = await app.admin();
  const made = await admin.post('/api/v1/graphs', { title: 'Order intake', config: { nodes: [] } });
  await admin.delete(`/api/v1/graphs/${made.json<{ id: string }>().id}`);
  opened = await openAs(app, admin, '/graphs');
});
afterAll(() => app.close());
afterEach(() => expect(opened.faults.splice(0)).toEqual([]));

it('says how each part is, in words', async () => {
  const { page } = opened;
  await page.getByRole('link', { name: 'Operation' }).click();
  await page.getByText(/^(Everything works|It works, but needs attention|A part is down)\.$/).waitFor();
  await page.getByText('Database').first().waitFor();
});

it('makes a copy and verifies it', async () => {
  const { page } = opened;
  await page.goto(`${app.url}/operator/copies`);
  await page.getByRole('heading', { name: 'No copies yet' }).waitFor();
  await page.getByRole('button', { name: 'Copy everything' }).click();
  // A full copy is read back at once, by itself.
  await page.getByRole('row', { name: /everything verified/ }).waitFor();
  await page.getByRole('button', { name: 'Verify now' }).click();
  await page.getByRole('table', { name: 'Last verifications' }).getByText('verified').nth(1).waitFor();
  await expectAccessible(page);
});

it('says what retention would remove, and runs it', async () => {
  const { page } = opened;
  await page.getByRole('link', { name: 'Retention' }).click();
  await page.getByRole('heading', { name: 'No runs yet' }).waitFor();
  await page.getByRole('button', { name: 'What would go now?' }).click();
  await page.getByText('Nothing would go now.').waitFor();
  await page.getByText('dry run').waitFor();
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.getByRole('table', { name: 'Last runs' }).getByRole('row').nth(2).waitFor();
  await expectAccessible(page);
});

it('shows storage, the largest accounts, and the speed of routes', async () => {
  const { page } = opened;
  await page.goto(`${app.url}/operator/load`);
  await page.getByText('Known after the first nightly count.').waitFor();
  await page.getByRole('list', { name: 'Largest accounts' }).getByText(admin.userId!).waitFor();
  await page.getByRole('list', { name: 'Slowest routes' }).getByText(/POST/).first().waitFor();
  await page.getByText('Last 5 minutes').waitFor();
});

it('filters the audit log by the address, and verifies it', async () => {
  const { page } = opened;
  await page.getByRole('link', { name: 'Audit log' }).click();
  await page.getByRole('cell', { name: 'graph.created' }).waitFor();
  await page.getByLabel('Event', { exact: true }).fill('graph.deleted');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.waitForURL(/action=graph\.deleted/);
  await page.getByRole('cell', { name: 'graph.created' }).waitFor({ state: 'detached' });
  await page.getByRole('cell', { name: 'graph.deleted' }).waitFor();
  await page.getByRole('button', { name: 'Verify the log' }).click();
  await page.getByText(/^Nothing was changed, added or removed/).waitFor();
  await expectAccessible(page);
  await page.getByLabel('Event', { exact: true }).fill('no.such');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('alert').waitFor();
});

it('is not offered to users, and refuses them', async () => {
  const user = await app.aUser();
  const { page, context } = await openAs(app, user, '/graphs');
  expect(await page.getByRole('link', { name: 'Operation' }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Users' }).count()).toBe(0);
  await page.goto(`${app.url}/operator/copies`);
  await page.getByRole('heading', { name: 'This page is for operators' }).waitFor();
  expect(await page.getByRole('navigation', { name: 'Operation' }).count()).toBe(0);
  await context.close();
});

it('manages accounts: role, disabled, password link, deletion', async () => {
  const user = await app.aUser();
  const { email } = user.credentials!;
  const { page } = opened;
  await page.goto(`${app.url}/users`);
  await page.getByLabel(`Role of ${email}`).selectOption('operator');
  await page.getByText(`${email}: the role is operator.`).waitFor();
  expect((await user.get('/api/v1/auth/me')).json()).toMatchObject({ role: 'operator' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText(`${email}: the role is user.`).waitFor();
  await page.getByRole('button', { name: `Password link for ${email}` }).click();
  expect(await page.getByLabel('Link', { exact: true }).inputValue()).toContain('password-reset');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: `Disable ${email}` }).click();
  await page.getByRole('button', { name: `Enable ${email}` }).waitFor();
  expect((await user.get('/api/v1/auth/me')).status).toBe(401);
  await expectAccessible(page);
  await page.getByRole('button', { name: `Delete ${email}` }).click();
  await page.getByRole('button', { name: 'Delete the account' }).click();
  await page.getByText(`${email} is deleted.`).waitFor();
  await page.getByRole('cell', { name: email }).first().waitFor({ state: 'detached' });
});
