import { openAs, signIn, startBrowserApp, type BrowserApp } from './support/browser';

const PASSWORD = 'a sentence to remember';

let app: BrowserApp;
beforeAll(async () => {
  app = await startBrowserApp();
});
afterAll(() => app.close());

it('signs in, keeps the session over a reload, and signs out', async () => {
  const user = await app.aUser();
  const { page, context, faults } = await app.open('/sign-in');
  await signIn(page, user.credentials!);
  await page.getByRole('heading', { name: 'Graphs', level: 1 }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Graphs', level: 1 }).waitFor();
  expect(await page.evaluate('document.cookie')).toBe('');
  const cookies = await context.cookies(`${app.url}/api/v1/auth/refresh`);
  expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Strict', path: '/api/v1/auth/refresh' }]);
  expect(await context.cookies(`${app.url}/api/v1/graphs`)).toEqual([]);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(await context.cookies(`${app.url}/api/v1/auth/refresh`)).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
});

it('shows what is wrong with the credentials, and the request id', async () => {
  const { page, context } = await app.open('/sign-in');
  await page.getByLabel('E-mail').fill('unknown@test.example');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const alert = page.getByRole('alert');
  await alert.getByText('The e-mail address or the password is wrong.').waitFor();
  expect(await alert.textContent()).toMatch(/Request [0-9a-f-]{36}/);
  await context.close();
});

it('registers with a click, and leads to the first graph', async () => {
  const { page, context, faults } = await app.open('/');
  await page.getByRole('link', { name: 'Create one' }).click();
  // The fields of the sign-in screen have the same labels.
  await page.getByRole('button', { name: 'Create account' }).waitFor();
  await page.getByLabel('E-mail').fill('new@test.example');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Add your first graph' }).waitFor();
  await page.getByLabel('Files to add').setInputFiles({
    name: 'Order intake.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{"nodes": [], "n": 1.0, "connections": {}}'),
  });
  await page.waitForURL(/\/graphs\/[0-9a-f-]{36}$/);
  expect(faults).toEqual([]);
  await context.close();
});

it('sets a new password with a link that an administrator made', async () => {
  const admin = await app.admin();
  const user = await app.aUser();
  const made = await admin.post(`/api/v1/users/${user.userId}/password-reset`, {});
  const { link } = made.json<{ link: string }>();
  const { page, context, faults } = await app.open(link.slice(link.indexOf('/#')));
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('Your new password is set.').waitFor();
  await page.getByLabel('E-mail').fill(user.credentials!.email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Graphs', level: 1 }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('asks for the password when the session has ended, and keeps what was typed', async () => {
  const user = await app.aUser();
  const { page, context } = await openAs(app, user, '/welcome');
  await page.getByRole('button', { name: 'Paste JSON instead' }).click();
  await page.getByLabel('Title').fill('Typed before the end');
  await page.getByLabel('JSON', { exact: true }).fill('{"nodes": []}');
  app.clock.advance(31 * 86_400_000);
  await page.getByRole('button', { name: 'Store' }).click();
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
  await dialog.getByLabel(/^Password of/).fill(user.credentials!.password);
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(/\/graphs\/[0-9a-f-]{36}$/);
  const again = await user.signInAgain();
  const [graph] = (await again.get('/api/v1/graphs')).json<Array<{ title: string }>>();
  expect(graph?.title).toBe('Typed before the end');
  await context.close();
});

it('opens a deep link after signing in, and never another site', async () => {
  const user = await app.aUser();
  const deep = await app.open('/graphs?q=orders');
  await deep.page.waitForURL(/\/sign-in\?next=/);
  await deep.page.getByLabel('E-mail').fill(user.credentials!.email);
  await deep.page.getByLabel('Password').fill(user.credentials!.password);
  await deep.page.getByRole('button', { name: 'Sign in' }).click();
  await deep.page.waitForURL(`${app.url}/graphs?q=orders`);
  await deep.page.goto(`${app.url}/sign-in?next=${encodeURIComponent('//evil.example/')}`);
  await deep.page.waitForURL(`${app.url}/graphs`);
  await deep.context.close();
});
