import { GRAPHS, aGraph, versionsOf } from '../support/graphs';
import { ApiClient } from '../support/client';
import { expectAccessible } from './support/accessibility';
import { openAs, startBrowserApp, type BrowserApp } from './support/browser';

let app: BrowserApp;
beforeAll(async () => {
  app = await startBrowserApp();
});
afterAll(() => app.close());

const node = (id: string, label: string, x = 0) => ({
  id,
  type: 'step',
  position: { x, y: 0 },
  data: { label },
});
const FIRST = {
  nodes: [node('a', 'Start'), node('b', 'Send', 240)],
  edges: [{ id: 'e', source: 'a', target: 'b' }],
};
const SECOND = { ...FIRST, nodes: [...FIRST.nodes, node('c', 'Archive', 480)] };
const BROKEN = { ...FIRST, nodes: [node('a', 'Start')], edges: [] };

/** A graph with three versions, the last one on another day. */
async function aHistory(user: ApiClient): Promise<string> {
  const { id } = await aGraph(user, { title: 'Order intake', config: FIRST });
  await user.put(`${GRAPHS}/${id}`, { config: SECOND });
  await user.put(`${GRAPHS}/${id}`, { config: BROKEN });
  return id;
}

it('shows the history by day, with what each version changed, and the selected one as a picture', async () => {
  const user = await app.aUser();
  const id = await aHistory(user);
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}`);
  await page.getByText('Today').waitFor();
  const versions = page.getByRole('list', { name: 'Versions' });
  await versions.getByText('−2 nodes').waitFor();
  await versions.getByText('+1 node').waitFor();
  await versions.getByText('first version').waitFor();
  await versions.getByRole('button', { name: /^2 Changed/ }).click();
  await page.waitForURL(`${app.url}/graphs/${id}?version=2`);
  await page.locator('svg[aria-label="Version 2 of Order intake"] [data-node=c]').waitFor();
  await page.reload();
  await page.getByRole('heading', { name: /^Version 2/ }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('says who wrote each version: you, or a program by the name of its token', async () => {
  const user = await app.aUser();
  const id = await aHistory(user);
  const made = await user.post('/api/v1/auth/tokens', { name: 'nightly <b>', scopes: ['write'] });
  const { id: tokenId, token } = made.json<{ id: string; token: string }>();
  await new ApiClient(app.url, token).put(`${GRAPHS}/${id}`, { config: SECOND });
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}`);
  const versions = page.getByRole('list', { name: 'Versions' });
  await versions.getByText('by token “nightly <b>”').waitFor();
  expect(await versions.getByText('by you').count()).toBe(3);
  await user.delete(`/api/v1/auth/tokens/${tokenId}`);
  await page.reload();
  await versions.getByText('by a revoked token').waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('brings a version back in three clicks from the list, after a preview, and undoes it', async () => {
  const user = await app.aUser();
  const id = await aHistory(user);
  const { page, context, faults } = await openAs(app, user, '/graphs');
  await page.getByRole('link', { name: /Order intake/ }).click();
  await page.getByRole('button', { name: 'Bring back version 2' }).click();
  const dialog = page.getByRole('dialog', { name: 'Bring back version 2?' });
  await dialog.getByText('+2 nodes').waitFor();
  await dialog.locator('[data-node=c][data-change=added]').waitFor();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Bring back version 2' }).click();
  await page.getByText('Version 2 is back, as version 4.').waitFor();
  const [restored, , second] = await versionsOf(user, id);
  expect(restored).toMatchObject({ version: 4, restored_from: 2, config_sha256: second!.config_sha256 });
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Undone: version 5 is as version 3 was.').waitFor();
  await page.getByRole('button', { name: /^5 Restored from version 3/ }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('begins with the history on a narrow page, and leads from a version back to it', async () => {
  const user = await app.aUser();
  const id = await aHistory(user);
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}`);
  await page.setViewportSize({ width: 375, height: 720 });
  const versions = page.getByRole('list', { name: 'Versions' });
  const parts = page.getByRole('navigation', { name: 'Parts of the graph' });
  await versions.getByRole('button', { name: /^2 Changed/ }).click();
  await page.locator('svg[aria-label="Version 2 of Order intake"] [data-node=c]').waitFor();
  expect(await versions.count()).toBe(0);
  await expectAccessible(page);
  await parts.getByRole('button', { name: 'History' }).click();
  await versions.getByRole('button', { name: /^2 Changed/, pressed: true }).waitFor();
  await versions.getByRole('button', { name: 'Bring back version 2' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Bring back version 2' }).click();
  await versions.getByRole('button', { name: /^4 Restored from version 2/ }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('scrolls through 10,000 versions without holes, and draws only those in sight', async () => {
  const user = await app.aUser();
  const id = await aHistory(user);
  const [newest] = await versionsOf(user, id);
  const { page, context } = await openAs(app, user, '/graphs');
  await page.route(`**/graphs/${id}/versions?*`, async (route) => {
    const query = new URL(route.request().url()).searchParams;
    const [skip, limit] = [Number(query.get('skip')), Number(query.get('limit'))];
    const json = Array.from({ length: limit }, (_, index) => ({
      ...newest,
      version: 10_000 - skip - index,
    }));
    await route.fulfill({ json, headers: { 'x-total-count': '10000' } });
  });
  await page.getByRole('link', { name: /Order intake/ }).click();
  const rows = page.getByRole('list', { name: 'Versions' }).getByRole('listitem');
  for (const [at, version] of [
    [0.5, /^5\d\d\d|^4\d\d\d/],
    [0.1, /^9\d\d\d|^8\d\d\d/],
    [1, /^1 /],
  ] as const) {
    await rows.first().waitFor();
    await page.evaluate(`scrollTo(0, document.documentElement.scrollHeight * ${at})`);
    await rows.getByRole('button', { name: version }).first().waitFor();
    await page.locator('.timeline [aria-busy=true]').first().waitFor({ state: 'detached' });
    expect(await rows.count()).toBeLessThan(60);
  }
  await context.close();
});

it('labels and pins a version', async () => {
  const user = await app.aUser();
  const id = await aHistory(user);
  const { page, context } = await openAs(app, user, `/graphs/${id}?version=1`);
  await page.getByRole('button', { name: 'Add a label' }).click();
  await page.getByLabel('Label').fill('<b>as delivered</b>');
  await page.getByRole('button', { name: 'Save label' }).click();
  await page.getByRole('button', { name: 'Pin', exact: true }).click();
  await page.getByRole('button', { name: 'Unpin' }).waitFor();
  const versions = await versionsOf(user, id);
  expect(versions.at(-1)).toMatchObject({ label: '<b>as delivered</b>', pinned: true });
  await context.close();
});

it('finds the version of a time, and says which times can be reached', async () => {
  const user = await app.aUser();
  const id = await aHistory(user);
  const { page, context } = await openAs(app, user, `/graphs/${id}?version=1`);
  await page.getByLabel('Show it as of').fill('2001-01-01T00:00');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.textContent()).toMatch(/before the oldest version that is kept.*Request/);
  // In the zone of the browser, with UTC on hover, as all times.
  const [oldest] = await alert.locator('time').all();
  expect(await oldest!.textContent()).toMatch(/^\d+ \w+ \d{4}, \d\d:\d\d$/);
  expect(await oldest!.getAttribute('title')).toMatch(/ UTC$/);
  await context.close();
});

it('downloads and copies the bytes that were stored', async () => {
  const user = await app.aUser();
  const text = '{"nodes": [], "edges": [], "n": 1.0, "big": 12345678901234567890}';
  const { id } = await aGraph(user, { title: 'Numbers' });
  await user.put(`${GRAPHS}/${id}`, `{"config":${text}}`);
  const { page, context } = await openAs(app, user, `/graphs/${id}`);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download', exact: true }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('Numbers.json');
  const parts: Buffer[] = [];
  for await (const part of await download.createReadStream()) parts.push(part as Buffer);
  expect(Buffer.concat(parts).toString()).toBe(text);
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByText('The JSON is on the clipboard.').waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(text);
  await page.getByRole('button', { name: /^1 / }).click();
  await page.getByRole('button', { name: 'Copy version 1' }).click();
  await page.getByText('The JSON of version 1 is on the clipboard.').waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe('{}');
  await context.close();
});
