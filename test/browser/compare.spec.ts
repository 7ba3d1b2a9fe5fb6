import { GRAPHS, aGraph, versionsOf } from '../support/graphs';
import { expectAccessible } from './support/accessibility';
import { openAs, startBrowserApp, type BrowserApp } from './support/browser';

const MARKUP = '"><img src=x onerror="document.title=1">';

let app: BrowserApp;
beforeAll(async () => {
  app = await startBrowserApp();
});
afterAll(() => app.close());

const node = (id: string, label: string, x = 0, more = {}) => ({
  id,
  type: 'step',
  position: { x, y: 0 },
  data: { label, ...more },
});
const edge = (source: string, target: string) => ({ id: `${source}-${target}`, source, target });
const OLD = {
  nodes: [
    node('a', 'Start'),
    node('b', 'Compute', 240, { code: 'one\ntwo\nthree', limit: 5 }),
    node('c', MARKUP, 480),
    node('d', 'Report', 720),
  ],
  edges: [edge('a', 'b'), edge('b', 'c')],
};
const NEW = {
  nodes: [
    node('a', 'Start', 0),
    node('b', 'Compute', 240, { code: 'one\n2\nthree', limit: 7 }),
    node('d', 'Report', 820),
    node('e', 'Send', 960),
  ],
  edges: [edge('a', 'b'), edge('b', 'e')],
};

async function aComparison(old: object = OLD, now: object = NEW) {
  const user = await app.aUser();
  const { id } = await aGraph(user, { title: 'Order intake', config: old });
  await user.put(`${GRAPHS}/${id}`, { config: now });
  return { user, id };
}

it('shows what changed as a list, as a picture, and with old and new values', async () => {
  const { user, id } = await aComparison();
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}/compare?from=1&to=2`);
  const list = page.getByRole('region', { name: 'Changes' });
  await list.getByText(MARKUP, { exact: true }).waitFor();
  await list.getByRole('button', { name: /changed: Compute/ }).click();
  const values = page.getByRole('region', { name: 'Values' });
  await values.getByText('/data/limit').waitFor();
  expect(await values.textContent()).toMatch(/Old: 5New: 7/);
  expect(await values.textContent()).toMatch(/Removed: two.*Added: 2/);
  await page.locator('[data-node=b].picked').waitFor();
  expect(new URL(page.url()).searchParams.get('change')).toBe('node:b');
  // The picture moved to that node; another one may be beyond the edge.
  await page.getByRole('button', { name: 'Fit' }).click();
  await page.locator('[data-node=e]').click();
  await values.getByRole('heading', { name: 'Send' }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('goes from change to change by keyboard alone, and hides moves', async () => {
  const { user, id } = await aComparison();
  const { page, context } = await openAs(app, user, `/graphs/${id}`);
  await page.getByRole('link', { name: 'What changed' }).focus();
  await page.keyboard.press('Enter');
  const list = page.getByRole('region', { name: 'Changes' });
  await list.getByText('6 changes').waitFor();
  await page.keyboard.press('n');
  await list.getByText('1 of 6').waitFor();
  await page.keyboard.press('p');
  await list.getByText('6 of 6').waitFor();
  await page.getByLabel('Hide moves').focus();
  await page.keyboard.press('Space');
  await list.getByText(/^5 changes|of 5$/).waitFor();
  const canvas = page.getByRole('group', { name: /^What changed from/ });
  await canvas.focus();
  const before = await canvas.locator('svg').getAttribute('style');
  await page.keyboard.press('+');
  await page.keyboard.press('ArrowLeft');
  expect(await canvas.locator('svg').getAttribute('style')).not.toBe(before);
  await context.close();
});

it('shows both documents as text, in an editor that is loaded only then', async () => {
  const { user, id } = await aComparison();
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}/compare?from=1&to=2`);
  const scripts: string[] = [];
  page.on('request', (request) => scripts.push(request.url()));
  await page.getByRole('button', { name: 'JSON' }).click();
  await page.locator('.cm-mergeView .cm-changedLine').first().waitFor();
  expect(scripts.some((address) => address.includes('merge-view'))).toBe(true);
  // It is about the picture alone.
  expect(await page.getByLabel('Hide moves').count()).toBe(0);
  await expectAccessible(page);
  expect(faults).toEqual([]);
  await context.close();
});

it('compares with another graph, and brings the old version back', async () => {
  const { user, id } = await aComparison();
  await aGraph(user, { title: 'A copy', config: OLD });
  const { page, context } = await openAs(app, user, `/graphs/${id}/compare?from=1&to=2`);
  await page.getByRole('button', { name: 'Another graph' }).click();
  await page.getByRole('button', { name: 'A copy' }).click();
  await page.getByLabel('From').selectOption({ index: 1 });
  await page
    .getByText('Both versions are the same.')
    .or(page.getByText('1 change', { exact: true }))
    .first()
    .waitFor();
  await page.goto(`${app.url}/graphs/${id}/compare?from=1&to=2`);
  await page.getByRole('button', { name: 'Bring back version 1' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Bring back version 1' }).click();
  await page.getByText('Version 1 is back, as version 3.').waitFor();
  expect((await versionsOf(user, id))[0]).toMatchObject({ change: 'restored', restored_from: 1 });
  await context.close();
});

it('draws a graph of 1,000 nodes, and says so when there are too many to draw', async () => {
  const grid = (count: number) => ({
    nodes: Array.from({ length: count }, (_, index) =>
      node(`n${index}`, `Step ${index}`, (index % 40) * 200),
    ),
    edges: [],
  });
  const { user, id } = await aComparison(grid(1_000), grid(5_000));
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}?version=1`);
  await page.locator('[data-node=n999]').waitFor({ state: 'attached' });
  await page.goto(`${app.url}/graphs/${id}/compare?from=1&to=2`);
  await page.getByRole('region', { name: 'Changes' }).getByText('4,000 changes').waitFor();
  await page.locator('svg[aria-label^="What changed"] text').first().waitFor();
  expect(faults).toEqual([]);
  await context.close();
});
