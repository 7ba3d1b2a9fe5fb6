import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph, versionsOf } from '../support/graphs';
import { aSource } from '../support/sources';
import { FLOW_OPTIONS, FakeTool } from '../support/tools/fake-tool';
import { aWebhook } from '../support/webhooks';
import { expectAccessible } from './support/accessibility';
import { openAs, startBrowserApp, type BrowserApp } from './support/browser';

/** A name without a place to break it, with markup, and with a mark that turns the direction of text. */
const NAME = `${'Auftragsannahmebestätigungsprüfung'.repeat(4)}<img src=x onerror="document.title=1">\u202Eexe`;
/** How the console shows it. */
const SHOWN = NAME.replace('\u202E', '[U+202E]');
const LABEL = NAME.slice(0, 100);

let app: BrowserApp;
let tool: FakeTool;
beforeAll(async () => {
  app = await startBrowserApp();
  tool = await FakeTool.start(() => ({ status: 503, json: {} }));
});
afterAll(async () => {
  await tool.close();
  await app.close();
});

const node = (id: string, label: string, x = 0) => ({
  id,
  type: NAME,
  position: { x, y: 0 },
  data: { label },
});

/** An account in which everything has a hostile name: graphs, labels, a source, a token and a webhook. */
async function aHostileAccount(): Promise<{ user: ApiClient; graph: string; source: string }> {
  const user = await app.aUser();
  const config = { nodes: [node('a', NAME), node('b', NAME, 240)], edges: [] };
  const { id } = await aGraph(user, { title: NAME, description: NAME, config });
  await user.put(`${GRAPHS}/${id}`, { config: { nodes: [node('a', 'Start')], edges: [] } });
  await user.send('PATCH', `${GRAPHS}/${id}/versions/1`, { label: LABEL, pinned: true });
  await user.delete(`${GRAPHS}/${(await aGraph(user, { title: NAME })).id}`);
  const source = { kind: 'http', url: tool.url, options: FLOW_OPTIONS, name: NAME };
  const { id: sourceId } = await aSource(user, source);
  await user.post('/api/v1/auth/tokens', { name: LABEL, scopes: ['read'] });
  await aWebhook(user, `${tool.url}/${'long/'.repeat(50)}`, { name: NAME, graph_ids: [id] });
  return { user, graph: id, source: sourceId };
}

/** Runs in the page: the texts that a mark turns. */
const TURNED = `[document.title, document.body.textContent, ...[...document.querySelectorAll('[title], [aria-label]')]
  .flatMap((element) => [element.title, element.getAttribute('aria-label') ?? ''])]
  .filter((text) => /[\\u202a-\\u202e\\u2066-\\u2069]/.test(text))`;

const beyondTheEdge = (element: { scrollWidth: number; clientWidth: number }) =>
  element.scrollWidth - element.clientWidth;

/** Goes to a screen as a link does, without loading the page again. */
async function go(page: Page, path: string, heading: string | RegExp): Promise<void> {
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)});
    dispatchEvent(new PopStateEvent('popstate'))`);
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
}

/** The paths of the console, as its list of screens has them. */
function knownPaths(): string[] {
  const source = readFileSync(join(__dirname, '..', '..', 'console', 'src', 'screens.ts'), 'utf8');
  return [...source.matchAll(/screen\(\s*'([^']+)'/g)].map(([, path]) => path!);
}

it('can be used by everyone on every screen, and shows hostile names as text', async () => {
  const { user, graph, source } = await aHostileAccount();
  const own: Record<string, [path: string, heading: string | RegExp]> = {
    '/welcome': ['/welcome', 'Add your first graph'],
    '/graphs': ['/graphs', 'Graphs'],
    '/graphs/:id': [`/graphs/${graph}?version=1`, SHOWN],
    '/graphs/:id/compare': [`/graphs/${graph}/compare?from=1&to=2&change=node:b`, `Compare ${SHOWN}`],
    '/trash': ['/trash', 'Trash'],
    '/recovery': ['/recovery', 'Account recovery'],
    '/sources': ['/sources', 'Sources'],
    '/sources/new': ['/sources/new?kind=http', 'Connect a tool'],
    '/sources/:id': [`/sources/${source}`, SHOWN],
    '/policy': ['/policy', 'Policy'],
    '/policy/graphs/:id': [`/policy/graphs/${graph}`, `Policy of ${SHOWN}`],
    '/settings/:section?': ['/settings', 'Settings'],
    'settings: tokens': ['/settings/tokens', 'Settings'],
    'settings: webhooks': ['/settings/webhooks', 'Settings'],
    'settings: data': ['/settings/data', 'Settings'],
  };
  const gate = ['/sign-in', '/register', '/forgotten-password', '/password-reset'];
  const administrators = ['/operator/:section?', '/users'];
  // A new screen has to be added here.
  expect(knownPaths().filter((path) => !(path in own))).toEqual([...gate, ...administrators]);

  const { page, context, faults } = await openAs(app, user, '/graphs');
  for (const [path, heading] of Object.values(own)) {
    await go(page, path, heading);
    await expectAccessible(page);
    expect(await page.evaluate(TURNED)).toEqual([]);
  }
  expect(await page.title()).not.toBe('1');
  expect(faults).toEqual([]);
  await context.close();
});

it('can be used by everyone before signing in, and by administrators', async () => {
  const out = await app.open('/sign-in');
  for (const path of ['/sign-in', '/register', '/forgotten-password', '/password-reset#token=x']) {
    await out.page.goto('about:blank');
    await out.page.goto(`${app.url}${path}`);
    await out.page.getByRole('heading', { level: 1 }).waitFor();
    await expectAccessible(out.page);
  }
  expect(out.faults).toEqual([]);
  await out.context.close();

  const email = `${'a.person.with.a.long.address'.repeat(2)}@a-department-of.the-company.example.org`;
  await app.anonymous.post('/api/v1/auth/register', { email, password: 'a sentence to remember' });
  const { page, context, faults } = await openAs(app, await app.admin(), '/graphs');
  for (const section of ['', '/copies', '/retention', '/load', '/audit']) {
    await go(page, `/operator${section}`, 'Operation');
    await expectAccessible(page);
  }
  await go(page, '/users', 'Users');
  await page.getByRole('button', { name: `Delete ${email}` }).click();
  await expectAccessible(page);
  const dialog = page.getByRole('dialog', { name: `Delete ${email}?` });
  await page.setViewportSize({ width: 375, height: 720 });
  expect(await dialog.evaluate(beyondTheEdge)).toBe(0);
  expect(faults).toEqual([]);
  await context.close();
});

async function hasFocus(page: Page, target: Locator): Promise<boolean> {
  return (await target.and(page.locator(':focus')).count()) === 1;
}

/** Presses Tab until an element has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < 100; presses += 1) {
    if (await hasFocus(page, target)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${target.toString()}.`);
}

it('brings a version back by keyboard alone, from the sign-in to the undo', async () => {
  const user = await app.aUser();
  const config = { nodes: [node('a', 'Start')], edges: [] };
  const { id } = await aGraph(user, { title: 'Order intake', config });
  await user.put(`${GRAPHS}/${id}`, { config: { nodes: [], edges: [] } });
  const { page, context, faults } = await app.open('/sign-in?next=/graphs');
  const { email, password } = user.credentials!;
  await tabTo(page, page.getByLabel('E-mail'));
  await page.keyboard.type(email);
  await tabTo(page, page.getByLabel('Password', { exact: true }));
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('link', { name: /Order intake/ }));
  await page.keyboard.press('Enter');
  const open = page.getByRole('button', { name: 'Bring back version 1' });
  await tabTo(page, open);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Bring back version 1?' });
  await dialog.getByText('+1 node').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  // The focus goes back where it was.
  await open.and(page.locator(':focus')).waitFor();
  await page.keyboard.press('Enter');
  await tabTo(page, dialog.getByRole('button', { name: 'Bring back version 1' }));
  await page.keyboard.press('Enter');
  const said = page.getByRole('status').getByText('Version 1 is back, as version 3.');
  await said.waitFor();
  await tabTo(page, page.getByRole('button', { name: 'Undo' }));
  await page.keyboard.press('Enter');
  await page.getByText('Undone: version 4 is as version 2 was.').waitFor();
  expect(await versionsOf(user, id)).toHaveLength(4);
  expect(faults).toEqual([]);
  await context.close();
});
