import { JobRunner } from '../../src/platform/jobs/job-runner';
import { expectAccessible } from './support/accessibility';
import { openAs, startBrowserApp, type BrowserApp } from './support/browser';
import { aGraph } from '../support/graphs';
import type { FakeTool } from '../support/tools/fake-tool';
import { WEBHOOKS, aReceiver, messageOf, type WebhookJson } from '../support/webhooks';

let app: BrowserApp;
let receiver: FakeTool;
beforeAll(async () => {
  app = await startBrowserApp();
  receiver = await aReceiver();
});
afterAll(async () => {
  await receiver.close();
  await app.close();
});

it('makes a webhook, shows its secret once, tests it, lists and repeats deliveries, resumes and removes it', async () => {
  const user = await app.aUser();
  const { page, context, faults } = await openAs(app, user, '/settings/webhooks');
  await page.getByText('No webhooks yet').waitFor();
  await page.getByRole('button', { name: 'New webhook' }).click();
  await page.getByLabel('Address').fill('http://169.254.169.254/');
  await page.getByLabel('Name').fill('Chat <b>room</b>');
  await page.getByLabel('a graph is created').check();
  expect(await page.getByLabel('the backup is stale').count()).toBe(0);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Make webhook' }).click();
  await page.getByText('are not allowed').waitFor();
  await page.getByLabel('Address').fill(receiver.url);
  await page.getByRole('button', { name: 'Make webhook' }).click();
  const secret = await page.getByLabel('Secret', { exact: true }).inputValue();
  expect(secret).toMatch(/^whsec_/);
  await page.getByRole('button', { name: 'Close' }).click();
  expect(await page.content()).not.toContain(secret);

  await page.getByRole('button', { name: 'Test: Chat <b>room</b>' }).click();
  await page.getByText(/It works: answered 204/).waitFor();
  expect(receiver.calls.map(messageOf).map(({ type }) => type)).toEqual(['webhook.test']);
  await user.post('/api/v1/graphs', { title: 'Order intake' });
  await (
    await app.service.app.get(JobRunner).trigger('webhooks')
  ).ended;
  await page.getByRole('button', { name: 'Deliveries: Chat' }).click();
  const table = page.getByRole('table', { name: 'Deliveries' });
  await table.getByText('graph.created').waitFor();
  await expectAccessible(page);
  await table.getByRole('button', { name: 'Send again: number 2' }).click();
  await table.getByText('waits').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();

  receiver.handle = () => ({ status: 410, body: '' });
  await (
    await app.service.app.get(JobRunner).trigger('webhooks')
  ).ended;
  await page.reload();
  await page.getByText('Disabled by the service: The receiver answered 410').waitFor();
  await expectAccessible(page);
  receiver.handle = () => ({ status: 204, body: '' });
  await page.getByRole('button', { name: 'Resume: Chat' }).click();
  await page.getByText('working', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'New secret: Chat' }).click();
  expect(await page.getByLabel('Secret', { exact: true }).inputValue()).not.toBe(secret);
  await page.getByText('For 24 hours').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Change: Chat' }).click();
  await page.getByLabel('Receiver').selectOption({ label: 'Slack' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Slack', { exact: true }).first().waitFor();
  expect((await user.get(WEBHOOKS)).json<WebhookJson[]>()[0]!.format).toBe('slack');
  await page.getByRole('button', { name: 'Remove: Chat' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('No webhooks yet').waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it('limits a webhook to chosen graphs', async () => {
  const user = await app.aUser();
  const [order, report] = [
    await aGraph(user, { title: 'Order <b>intake</b>' }),
    await aGraph(user, { title: 'Report' }),
  ];
  const { page, context, faults } = await openAs(app, user, '/settings/webhooks');
  const graphs = async () => (await user.get(WEBHOOKS)).json<WebhookJson[]>()[0]!.graph_ids;
  await page.getByRole('button', { name: 'New webhook' }).click();
  await page.getByText('All graphs, also those that are added later.').waitFor();
  await page.getByRole('button', { name: 'Only some graphs' }).click();
  await page.getByLabel('Title of a graph').fill('order');
  await page.getByRole('button', { name: 'Report' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Order <b>intake</b>' }).click();
  await expectAccessible(page);
  await page.getByLabel('Address').fill(receiver.url);
  await page.getByRole('button', { name: 'Make webhook' }).click();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByText('1 graph', { exact: true }).waitFor();
  expect(await graphs()).toEqual([order.id]);

  await page.reload();
  await page.getByRole('button', { name: /^Change: / }).click();
  await page.getByRole('button', { name: 'Another graph' }).click();
  await page.getByRole('button', { name: 'Report' }).click();
  await page.getByRole('button', { name: 'Leave out Order <b>intake</b>' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await graphs()).toEqual([report.id]);
  expect(faults).toEqual([]);
  await context.close();
});

it('offers events of the installation to operators', async () => {
  const { page, context, faults } = await openAs(app, await app.admin(), '/settings/webhooks');
  await page.getByRole('button', { name: 'New webhook' }).click();
  await page.getByLabel('the backup is stale').check();
  await page.getByLabel('Address').fill(receiver.url);
  await page.getByRole('button', { name: 'Make webhook' }).click();
  await page.getByLabel('Secret', { exact: true }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});
