import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';
import { SESSION_COOKIE } from '../../../src/auth/http/session-cookies';
import { startApp, type TestApp } from '../../support/app';

/** A page of the console as a person has it open. */
export interface ConsolePage {
  page: Page;
  context: BrowserContext;
  /** Errors of scripts, and everything that the content policy refused. */
  faults: string[];
}

/** The real service and a real Chromium, one of each for a spec file. */
export interface BrowserApp extends TestApp {
  browser: Browser;
  /** Opens a path in a new profile, with its own cookies. */
  open(path: string, options?: PageOptions): Promise<ConsolePage>;
}

export interface PageOptions {
  /** Another address of the service, such as a proxy's. */
  baseURL?: string;
  dark?: boolean;
  width?: number;
  height?: number;
  reducedMotion?: boolean;
  /** The zone of the browser, such as `Asia/Kathmandu`. */
  timezoneId?: string;
  /** The refresh token of a session that the browser has already. */
  session?: string;
}

/** How long a test waits for something to appear: long enough for a machine with other tests, ms. */
const PATIENCE_MS = 30_000;

/** Starts both; `environment` as in `startApp`. `close()` stops both. */
export async function startBrowserApp(environment: Record<string, string> = {}): Promise<BrowserApp> {
  const app = await startApp(environment);
  const browser = await launch();
  return {
    ...app,
    browser,
    open: (path, options) => openPage(browser, app.url, path, options),
    close: async () => {
      await browser.close();
      await app.close();
    },
  };
}

/** A headless Chromium: of the package, or the one at CHROMIUM_PATH. */
export function launch(): Promise<Browser> {
  const { CHROMIUM_PATH: executablePath, CHROMIUM_LIBRARIES, CHROMIUM_FONTS } = process.env;
  if (!executablePath) throw new Error('CHROMIUM_PATH is not set; test/browser/setup.mjs sets it.');
  return chromium.launch({
    executablePath,
    headless: true,
    env: {
      ...definedIn(process.env),
      ...(CHROMIUM_LIBRARIES && { LD_LIBRARY_PATH: CHROMIUM_LIBRARIES }),
      ...(CHROMIUM_FONTS && { FONTCONFIG_PATH: CHROMIUM_FONTS }),
    },
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--force-color-profile=srgb'],
  });
}

function definedIn(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

async function openPage(
  browser: Browser,
  url: string,
  path: string,
  {
    baseURL = url,
    dark = false,
    width = 1440,
    height = 900,
    reducedMotion = true,
    timezoneId = 'Europe/Berlin',
    session,
  }: PageOptions = {},
): Promise<ConsolePage> {
  const context = await browser.newContext({
    baseURL,
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width, height },
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    locale: 'en-GB',
    timezoneId,
    ...(session !== undefined && { storageState: signedInState(baseURL, session) }),
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      faults.push(message.text());
  });
  await page.goto(path);
  return { page, context, faults };
}

/** Fills in the sign-in form and waits for the first screen behind it. */
export async function signIn(page: Page, user: { email: string; password: string }): Promise<void> {
  await page.getByLabel('E-mail').fill(user.email);
  await page.getByLabel('Password', { exact: true }).fill(user.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Main' }).waitFor({ state: 'attached' });
}

/** What a browser keeps of a session: the cookies of the service, and the mark that it has them. */
function signedInState(baseURL: string, session: string): NonNullable<BrowserContextOptions['storageState']> {
  const { hostname: domain, origin } = new URL(baseURL);
  return {
    cookies: ['refresh', 'logout'].map((route) => ({
      name: SESSION_COOKIE,
      value: session,
      domain,
      path: `/api/v1/auth/${route}`,
      expires: -1,
      httpOnly: true,
      secure: false,
      sameSite: 'Strict' as const,
    })),
    origins: [{ origin, localStorage: [{ name: 'graphomat-session', value: '1' }] }],
  };
}

/** A page of a signed-in user at a path. The form is left out, which saves the load of a page for each test. */
export async function openAs(
  app: BrowserApp,
  user: { credentials?: { email: string; password: string } | undefined },
  path: string,
  options?: PageOptions,
): Promise<ConsolePage> {
  if (!user.credentials) throw new Error('This user has never signed in.');
  const signedIn = await app.anonymous.post('/api/v1/auth/login', { ...user.credentials });
  const { refresh_token: session } = signedIn.json<{ refresh_token: string }>();
  const opened = await app.open(path, { ...options, session });
  await opened.page
    .getByRole('navigation', { name: 'Main', includeHidden: true })
    .waitFor({ state: 'attached' });
  return opened;
}
