import { MAIL_SETTINGS, partOf, startSmtp, type TestSmtp } from '../support/smtp';
import { expectAccessible } from './support/accessibility';
import { openAs, startBrowserApp, type BrowserApp } from './support/browser';

const PASSWORD = 'a sentence to remember';

let smtp: TestSmtp;
let app: BrowserApp;
beforeAll(async () => {
  smtp = await startSmtp();
  app = await startBrowserApp({ SMTP_URL: smtp.url, ...MAIL_SETTINGS });
});
afterAll(async () => {
  await app.close();
  await smtp.close();
});

it('sends a link for a forgotten password, which sets a new one', async () => {
  const { email } = (await app.aUser()).credentials!;
  const { page, context, faults } = await app.open('/sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  // The field of the sign-in screen has the same label.
  await page.getByRole('button', { name: 'Send the link' }).waitFor();
  await page.getByLabel('E-mail').fill(email);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByText('a mail with a link follows').waitFor();
  await expectAccessible(page);
  const text = partOf(await smtp.mailTo(email), 'text/plain');
  const link = /https:\/\/backup\.example\.org(\/\S+)/.exec(text)![1]!;
  await page.goto('about:blank');
  await page.goto(`${app.url}${link}`);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('Your new password is set.').waitFor();
  await app.anonymous.signIn(email, PASSWORD);
  expect(faults).toEqual([]);
  await context.close();
});

it('switches the weekly summary on and off', async () => {
  const user = await app.aUser();
  const { page, context, faults } = await openAs(app, user, '/settings');
  const box = page.getByLabel('Send me a weekly summary');
  await box.click();
  await page.getByText('The next one comes').waitFor();
  await expectAccessible(page);
  const setting = async () => (await user.get('/api/v1/notifications/weekly-summary')).json();
  expect(await setting()).toMatchObject({ enabled: true });
  await page.reload();
  await page.getByText('The next one comes').waitFor();
  expect(await box.isChecked()).toBe(true);
  await box.click();
  await page.getByText('The next one comes').waitFor({ state: 'detached' });
  expect(await setting()).toMatchObject({ enabled: false });
  expect(faults).toEqual([]);
  await context.close();
});
