// Makes the pictures of the docs from a demonstration installation: `npm run screenshots`, after `npm run build`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { createService } from '../../src/app.setup';
import { AppConfig } from '../../src/platform/config/app-config';
import { Log } from '../../src/platform/logging/log';
import { DEMO } from './fill';

const ROOT = join(__dirname, '..', '..');
const IMAGES = join(ROOT, 'docs', 'images');
const SIZE = { width: 1280, height: 760 };

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
      await page.getByRole('button', { name: 'Next change (n)' }).click();
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
    const service = await createService(AppConfig.from({ DATA_DIR: folder }), { log });
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
  const context = await browser.newContext({
    baseURL,
    viewport: SIZE,
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(DEMO.email);
  await page.getByLabel('Password').fill(DEMO.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/graphs');
  mkdirSync(IMAGES, { recursive: true });
  for (const { file, open } of SHOTS) {
    await open(page);
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: join(IMAGES, file) });
    console.log(`docs/images/${file}`);
  }
  await browser.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
