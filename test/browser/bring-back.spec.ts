import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph, versionsOf, type GraphJson } from '../support/graphs';
import { aSource, sync } from '../support/sources';
import { FakeNodeRed } from '../support/tools/fake-node-red';
import { FakeN8n } from '../support/tools/n8n-case';
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
const edge = (source: string, target: string) => ({ id: `${source}-${target}`, source, target });
const WHOLE = {
  nodes: [node('a', 'Start'), node('b', 'Send <b>mail</b>', 240), node('c', 'Archive', 480)],
  edges: [edge('a', 'b'), edge('b', 'c')],
};
const BROKEN = { nodes: [node('a', 'Begin')], edges: [] };

async function aHistory(user: ApiClient, ...configs: object[]): Promise<string> {
  const { id } = await aGraph(user, { title: 'Order intake', config: configs[0] });
  for (const config of configs.slice(1)) await user.put(`${GRAPHS}/${id}`, { config });
  return id;
}

const present = async (user: ApiClient, id: string) =>
  (await user.get(`${GRAPHS}/${id}`)).json<{ version: number; config: typeof WHOLE }>();

it('brings back chosen nodes alone, after a preview, and undoes it', async () => {
  const user = await app.aUser();
  const id = await aHistory(user, WHOLE, BROKEN);
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}`);
  await page.getByRole('link', { name: 'What changed' }).click();
  await page.getByRole('button', { name: 'Bring back some nodes' }).click();
  await page.getByRole('button', { name: 'Bring back 0 nodes' }).waitFor();
  await page.getByLabel('Bring back Send <b>mail</b>').check();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Bring back 1 node' }).click();
  const dialog = page.getByRole('dialog', { name: 'Bring back 1 node of version 1?' });
  await dialog.getByText('+1 node').waitFor();
  await dialog.getByText('These edges cannot come back:').waitFor();
  await expectAccessible(page);
  expect((await present(user, id)).version).toBe(2);
  await dialog.getByRole('button', { name: 'Bring back 1 node' }).click();
  await page.getByText('1 node of version 1 is back, as version 3.').waitFor();
  const { config } = await present(user, id);
  expect(config.nodes.map(({ data }) => data.label)).toEqual(['Begin', 'Send <b>mail</b>']);
  expect(config.edges).toMatchObject([{ source: 'a', target: 'b' }]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Undone: version 4 is as version 2 was.').waitFor();
  expect((await present(user, id)).config).toEqual(BROKEN);
  expect(faults).toEqual([]);
  await context.close();
});

it('brings one node back from its values', async () => {
  const user = await app.aUser();
  const id = await aHistory(user, WHOLE, BROKEN);
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}`);
  await page.getByRole('link', { name: 'What changed' }).click();
  await page.getByRole('button', { name: /removed: Archive/ }).click();
  await page.getByRole('button', { name: 'Bring back this node' }).click();
  const dialog = page.getByRole('dialog', { name: 'Bring back 1 node of version 1?' });
  await dialog.getByText('+1 node').waitFor();
  await dialog.getByRole('button', { name: 'Bring back 1 node' }).click();
  await page.getByText('1 node of version 1 is back, as version 3.').waitFor();
  const { config } = await present(user, id);
  expect(config.nodes.map(({ data }) => data.label)).toEqual(['Begin', 'Archive']);
  expect(faults).toEqual([]);
  await context.close();
});

it('does not bring nodes back into a version that it has not shown', async () => {
  const user = await app.aUser();
  const id = await aHistory(user, WHOLE, BROKEN);
  const { page, context } = await openAs(app, user, `/graphs/${id}/compare?from=1&to=2`);
  await page.getByRole('button', { name: 'Bring back some nodes' }).click();
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await page.getByRole('button', { name: 'Bring back 3 nodes' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('+2 nodes').waitFor();
  await user.put(`${GRAPHS}/${id}`, { config: { nodes: [], edges: [] } });
  await dialog.getByRole('button', { name: 'Bring back 3 nodes' }).click();
  await dialog.getByRole('alert').waitFor();
  expect((await present(user, id)).version).toBe(3);
  await context.close();
});

it('takes back what one version changed, and keeps what came later', async () => {
  const user = await app.aUser();
  const later = { ...BROKEN, nodes: [...BROKEN.nodes, node('d', 'Later', 700)] };
  const id = await aHistory(user, WHOLE, BROKEN, later);
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}?version=2`);
  await page.getByRole('button', { name: 'Take back this change' }).click();
  const dialog = page.getByRole('dialog', { name: 'Take back what version 2 changed?' });
  await dialog.getByText('+2 nodes').waitFor();
  await dialog.getByText('Archive', { exact: true }).waitFor();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Take it back' }).click();
  await page.getByText('The change of version 2 is taken back, as version 4.').waitFor();
  const { config } = await present(user, id);
  expect(config.nodes.map(({ data }) => data.label).sort()).toEqual([
    'Archive',
    'Later',
    'Send <b>mail</b>',
    'Start',
  ]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Undone: version 5 is as version 3 was.').waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('names edges by their nodes, also where only the edge changed', async () => {
  const user = await app.aUser();
  const id = await aHistory(user, WHOLE, { ...WHOLE, edges: [edge('a', 'b')] });
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}/compare?from=1&to=2`);
  const change = page.getByRole('button', { name: 'removed: Send <b>mail</b> › Archive' });
  expect(await change.getAttribute('title')).toBe('b › c');
  await page.goto(`${app.url}/graphs/${id}?version=2`);
  await page.getByRole('button', { name: 'Take back this change' }).click();
  const dialog = page.getByRole('dialog', { name: 'Take back what version 2 changed?' });
  await dialog.getByText('Edges that come back').waitFor();
  expect(await dialog.getByText('Send <b>mail</b> › Archive').getAttribute('title')).toBe('b › c');
  expect(faults).toEqual([]);
  await context.close();
});

it('takes back the last change in three clicks from the list', async () => {
  const user = await app.aUser();
  const id = await aHistory(user, WHOLE, BROKEN);
  const { page, context, faults } = await openAs(app, user, '/graphs');
  await page.getByRole('link', { name: /Order intake/ }).click();
  await page.getByRole('button', { name: 'Take back this change' }).click();
  await page.getByRole('button', { name: 'Take it back' }).click();
  await page.getByText('The change of version 2 is taken back, as version 3.').waitFor();
  expect((await present(user, id)).config).toEqual(WHOLE);
  expect(faults).toEqual([]);
  await context.close();
});

it('says by name which parts were changed again, and writes nothing', async () => {
  const user = await app.aUser();
  const again = { nodes: [node('a', 'Once more')], edges: [] };
  const id = await aHistory(user, WHOLE, BROKEN, again);
  const { page, context, faults } = await openAs(app, user, `/graphs/${id}?version=2`);
  await page.getByRole('button', { name: 'Take back this change' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('This change cannot be taken back by itself.').waitFor();
  await dialog.getByText('“Begin”: data/label was changed again since').waitFor();
  expect(await dialog.getByRole('button', { name: 'Take it back' }).isDisabled()).toBe(true);
  await expectAccessible(page);
  await dialog.getByRole('link', { name: 'Compare version 1 with now' }).click();
  await page.getByRole('button', { name: 'Bring back some nodes' }).waitFor();
  expect(await versionsOf(user, id)).toHaveLength(3);
  expect(faults).toEqual([]);
  await context.close();
});

describe('a graph of a tool', () => {
  const TAB = { id: 't1', type: 'tab', label: 'Intake' };
  const inject = (repeat: string) => ({ id: 'i1', type: 'inject', z: 't1', repeat, wires: [[]] });
  const broker = { id: 'b1', type: 'mqtt-broker', name: 'hall <i>broker</i>' };
  let tool: FakeNodeRed;
  beforeEach(async () => {
    tool = await FakeNodeRed.start();
    tool.users.clear();
  });
  afterEach(() => tool.close());

  it('is pushed back after a plan with warnings, and overwrites the tool only when asked to', async () => {
    const user = await app.aUser();
    tool.deploy([TAB, inject('1'), broker]);
    await aSource(user, { kind: 'node-red', url: tool.url, name: 'Node-RED <b>in the hall</b>' });
    const [graph] = (await user.get(GRAPHS)).json<GraphJson[]>();
    tool.deploy([TAB, inject('99')]);
    const { page, context, faults } = await openAs(app, user, `/graphs/${graph!.id}`);
    await page.getByText('from node-red, as it was read last').waitFor();
    await page.getByRole('button', { name: 'Push to the tool' }).click();
    const dialog = page.getByRole('dialog', { name: 'Push version 1 to the tool?' });
    await dialog
      .getByText('The graph at “Node-RED <b>in the hall</b>” becomes as it was in version 1.')
      .waitFor();
    await dialog.getByText(/has forgotten any credentials of it/).waitFor();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Push', exact: true }).click();
    await dialog.getByText('so nothing was written there').waitFor();
    expect(tool.flows).toContainEqual(inject('99'));
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Overwrite at the tool' }).click();
    await page.getByText('Version 1 is at “Node-RED <b>in the hall</b>” again.').waitFor();
    expect(tool.flows).toContainEqual(inject('1'));
    expect(await versionsOf(user, graph!.id)).toHaveLength(3);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone: “Node-RED <b>in the hall</b>” has version 2 again.').waitFor();
    expect(tool.flows).toContainEqual(inject('99'));
    await page.getByRole('link', { name: 'node-red' }).click();
    await page.getByRole('heading', { name: 'Node-RED <b>in the hall</b>' }).waitFor();
    await page.goto(`${app.url}/graphs/${graph!.id}`);
    await page.getByRole('main').getByRole('link', { name: 'Policy' }).click();
    await page.getByRole('heading', { name: /^Policy of/ }).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });
});

it('pushes to n8n as a draft, if that is chosen', async () => {
  const n8n = await FakeN8n.start();
  const nodes = (value: number) => `[{"name":"Start","parameters":{"value":${value}}}]`;
  n8n.save('w1', nodes(1), 'Order intake');
  n8n.workflows.get('w1')!.active = true;
  const user = await app.aUser();
  const { id } = await aSource(user, { kind: 'n8n', url: n8n.tool.url, credentials: { api_key: 'right' } });
  const [graph] = (await user.get(GRAPHS)).json<GraphJson[]>();
  n8n.save('w1', nodes(2), 'Order intake');
  await sync(user, id);
  const { page, context, faults } = await openAs(app, user, `/graphs/${graph!.id}?version=1`);
  await page.getByRole('button', { name: 'Push to the tool' }).click();
  const dialog = page.getByRole('dialog', { name: 'Push version 1 to the tool?' });
  await dialog.getByText(/The workflow is published: the pushed state runs at once/).waitFor();
  await dialog.getByLabel('Then the workflow').selectOption('stays a draft');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Push', exact: true }).click();
  await page.getByText('Version 1 is at “A tool” again.').waitFor();
  expect(n8n.tool.calls.map(({ method, url }) => `${method} ${url}`)).toContain(
    'PUT /api/v1/workflows/w1?publishIfActive=false',
  );
  expect(faults).toEqual([]);
  await context.close();
  await n8n.tool.close();
});
