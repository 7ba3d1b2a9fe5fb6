// Makes the pictures of the docs from a demonstration installation: `npm run screenshots`, after `npm run build`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { createService } from '../../src/app.setup';
import { AppConfig } from '../../src/platform/config/app-config';
import { Log } from '../../src/platform/logging/log';
import { DEMO } from './fill';

const ROOT = join(__dirname, '..', '..');
const IMAGES = join(ROOT, 'docs', 'images');
const SIZE = { width: 1280, height: 760 };

const ADMINISTRATOR = { ADMIN_EMAIL: 'operator@example.org', ADMIN_PASSWORD: 'looks once a month' };

/** A picture: where it is taken, and what must be seen before. */
interface Shot {
  file: string;
  open: (page: Page) => Promise<void>;
}

async function openOrder(page: Page): Promise<void> {
  await page.goto('/graphs');
  await page.getByRole('link', { name: /Order intake/ }).click();
  await page.locator('[data-node]').first().waitFor({ state: 'attached' });
}

const SHOTS: readonly Shot[] = [
  { file: 'graphs.png', open: async (page) => void (await page.goto('/graphs')) },
  { file: 'history.png', open: openOrder },
  {
    file: 'compare.png',
    open: async (page) => {
      await openOrder(page);
      await page.goto(`${page.url().split('?')[0]}/compare?from=14&to=20`);
      // The second change has old and new values.
      for (let i = 0; i < 2; i += 1) await page.getByRole('button', { name: 'Next change (n)' }).click();
      // All of what changed is the point of the picture, not the place of one change.
      await page.getByRole('button', { name: 'Fit' }).click();
    },
  },
  {
    file: 'restore.png',
    open: async (page) => {
      await openOrder(page);
      await page
        .getByRole('button', { name: /^Bring back version/ })
        .nth(1)
        .click();
      await page.getByRole('dialog').locator('[data-node]').first().waitFor();
    },
  },
  {
    file: 'recovery.png',
    open: async (page) => {
      await page.goto('/recovery');
      await page.getByRole('button', { name: 'A week ago' }).click();
      await page.getByRole('table').waitFor();
    },
  },
  {
    file: 'policy.png',
    open: async (page) => {
      await page.goto('/policy');
      await page.getByRole('table').waitFor();
    },
  },
  {
    file: 'source.png',
    open: async (page) => {
      await page.goto('/sources/new');
      await page.getByRole('radio').or(page.getByRole('combobox')).first().waitFor();
    },
  },
];

/** Pictures that only an operator can take. */
const OPERATOR_SHOTS: readonly Shot[] = [
  {
    file: 'copies.png',
    open: async (page) => {
      await page.goto('/operator/copies');
      await page.getByRole('button', { name: 'Verify now' }).click();
      const verifications = page.getByRole('table', { name: 'Last verifications' });
      await verifications.getByText('verified').first().waitFor();
    },
  },
];

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-screenshots-'));
  try {
    const environment = { ...process.env, DATA_DIR: folder };
    const demo = spawnSync('npm', ['run', '--silent', 'demo'], {
      cwd: ROOT,
      env: environment,
      stdio: 'inherit',
    });
    if (demo.status !== 0) throw new Error('The demonstration was not made.');
    const log = Log.create({ level: 'error', format: 'pretty' });
    const service = await createService(AppConfig.from({ DATA_DIR: folder, ...ADMINISTRATOR }), { log });
    await service.app.listen(0, '127.0.0.1');
    await takeAll(await service.app.getUrl());
    await service.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function takeAll(baseURL: string): Promise<void> {
  const executablePath =
    process.env.CHROMIUM_PATH ?? (await import('@sparticuz/chromium')).default.executablePath();
  const browser = await chromium.launch({ executablePath: await executablePath, args: ['--no-sandbox'] });
  mkdirSync(IMAGES, { recursive: true });
  await take(await signedIn(browser, baseURL, DEMO), SHOTS);
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = ADMINISTRATOR;
  await take(await signedIn(browser, baseURL, { email, password }), OPERATOR_SHOTS);
  await browser.close();
}

async function signedIn(
  browser: Browser,
  baseURL: string,
  { email, password }: { email: string; password: string },
): Promise<Page> {
  const context = await browser.newContext({
    baseURL,
    viewport: SIZE,
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  return page;
}

async function take(page: Page, shots: readonly Shot[]): Promise<void> {
  for (const { file, open } of shots) {
    await open(page);
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: join(IMAGES, file) });
    console.log(`docs/images/${file}`);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
