import { readFileSync } from 'node:fs';
import { ApiClient } from '../support/client';
import { unzip } from '../support/zip';
import { expectAccessible } from './support/accessibility';
import { openAs, startBrowserApp, type BrowserApp } from './support/browser';

let app: BrowserApp;
beforeAll(async () => {
  app = await startBrowserApp();
});
afterAll(() => app.close());

it('changes the password, which ends all sessions', async () => {
  const user = await app.aUser();
  const { page, context, faults } = await openAs(app, user, '/graphs');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('Copied to the backup store').waitFor();
  await page.getByLabel('Current password').fill('not the password');
  await page.getByLabel('New password').fill('a sentence to remember');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Current password').fill(user.credentials!.password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('Your new password is set.').waitFor();
  await page.getByLabel('E-mail').fill(user.credentials!.email);
  await page.getByLabel('Password').fill('a sentence to remember');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Graphs', level: 1 }).waitFor();
  expect((await user.get('/api/v1/auth/me')).status).toBe(401);
  expect(faults).toEqual([]);
  await context.close();
});

it('lists where one is signed in, and ends one session or all others', async () => {
  const user = await app.aUser();
  const again = async () => {
    const pair = await app.anonymous.post('/api/v1/auth/login', { ...user.credentials });
    return new ApiClient(app.url, pair.json<{ access_token: string }>().access_token);
  };
  const [second, third] = [await again(), await again()];
  const { page, context, faults } = await openAs(app, user, '/settings');
  const table = page.getByRole('table', { name: 'Sessions' });
  await table.getByText('this browser', { exact: true }).waitFor();
  await expectAccessible(page);
  // The newest is this browser; the next one is the third.
  await table.getByRole('button', { name: /^End/ }).first().click();
  await page.getByText('The session is ended.').waitFor();
  expect((await third.get('/api/v1/auth/me')).status).toBe(401);
  expect((await second.get('/api/v1/auth/me')).status).toBe(200);
  await page.getByRole('button', { name: 'End 2 other sessions' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End them' }).click();
  await page.getByText('All other sessions are ended.').waitFor();
  expect((await second.get('/api/v1/auth/me')).status).toBe(401);
  await table.getByRole('button', { name: 'Sign out of this browser' }).click();
  await page.getByLabel('E-mail').waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('makes an API token, shows its secret once, and revokes it', async () => {
  const user = await app.aUser();
  const { page, context, faults } = await openAs(app, user, '/settings/tokens');
  await page.getByText('No tokens yet').waitFor();
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name').fill('nightly <b>export</b>');
  await page.getByLabel(/^append/).check();
  await page.getByLabel('It ends').selectOption({ label: 'after 30 days' });
  await page.getByRole('button', { name: 'Make token' }).click();
  const secret = await page.getByLabel('Token', { exact: true }).inputValue();
  const program = new ApiClient(app.url, secret);
  expect((await program.get('/api/v1/graphs')).status).toBe(200);
  expect((await program.post('/api/v1/graphs', { title: 'Sent' })).status).toBe(201);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByText('read, append').waitFor();
  await expectAccessible(page);
  expect(await page.content()).not.toContain(secret);
  await page.getByRole('button', { name: 'Revoke nightly <b>export</b>' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('No tokens yet').waitFor();
  expect((await program.get('/api/v1/graphs')).status).toBe(401);
  expect(faults).toEqual([]);
  await context.close();
});

it('downloads everything', async () => {
  const user = await app.aUser();
  await user.post('/api/v1/graphs', { title: 'Order intake', config: { nodes: [] } });
  const { page, context, faults } = await openAs(app, user, '/settings/data');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download everything' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/\.zip$/);
  const entries = [...(await unzip(readFileSync(await file.path()))).keys()];
  expect(entries).toContain('manifest.json');
  await page.locator('button:enabled', { hasText: 'Download everything' }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('imports a file after a preview, and a second time nothing', async () => {
  const user = await app.aUser();
  await user.post('/api/v1/graphs', { title: 'Order intake <b>', config: { nodes: [] } });
  const archive = (await user.get('/api/v1/export')).bytes;
  const other = await app.aUser();
  const { page, context, faults } = await openAs(app, other, '/settings/data');
  const choose = (name: string, buffer: Buffer) =>
    page.getByLabel('File to import').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
  await choose('export.zip', archive);
  await page.getByText('1 graph would be made.').waitFor();
  expect((await other.get('/api/v1/graphs')).json()).toEqual([]);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Import 1 graph' }).click();
  await page.getByText('1 graph made.').waitFor();
  await page.getByRole('link', { name: 'Order intake <b>' }).waitFor();
  expect((await other.get('/api/v1/graphs')).json()).toMatchObject([{ title: 'Order intake <b>' }]);
  await choose('export.zip', archive);
  await page.getByRole('button', { name: 'Nothing to import' }).waitFor();
  await choose('broken.json', Buffer.from('{"nodes": ['));
  await page.getByRole('alert').waitFor();
  expect(faults).toEqual([]);
  await context.close();
});
