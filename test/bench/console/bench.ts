import type { Browser, Page } from 'playwright-core';
import { launch } from '../../browser/support/browser';
import { graphBody } from '../../../scripts/http-session';
import type { Options } from '../options';
import { against, median, quantile, table } from '../figures';
import { withFolder } from '../folder';
import { series } from '../http/documents';
import { ProbedService } from '../service/probed-service';
import { manySteps } from './documents';

const CREDENTIALS = ['bench@example.org', 'a password of the bench'] as const;
const VIEWPORT = { width: 1440, height: 900 };
const FRAMES_TARGET = 30;
const COMPARISON_TARGET_MS = 2_000;
/** Not one more than the API counts, with the graphs of the comparisons. */
const GRAPHS = 9_990;
const TURNS = 4;

/** A graph with two versions. */
interface Pair {
  name: string;
  id: string;
}

/** The console in a real Chromium, without a graphics card: how smooth a large comparison moves, and what takes how long. */
export async function benchConsole({ row }: Options): Promise<void> {
  const isWanted = (name: string) => row === undefined || name.includes(row);
  // Unpacks Chromium, and says in the environment where it is.
  const file: string = require.resolve('../../browser/setup.mjs');
  const setup = (await import(file)) as { default: () => Promise<void> };
  await setup.default();
  await withFolder(async (folder) => {
    const service = await ProbedService.start(folder);
    const browser = await launch();
    try {
      const [page, pairs] = [await signedIn(browser, service), await makePairs(service, isWanted)];
      if (pairs.length > 0) await measureComparisons(page, pairs);
      if (isWanted('list')) await measureList(page, service);
    } finally {
      await browser.close();
      await service.stop();
    }
  });
}

async function signedIn(browser: Browser, { child }: ProbedService): Promise<Page> {
  const context = await browser.newContext({ baseURL: child.url, viewport: VIEWPORT });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(CREDENTIALS[0]);
  await page.getByLabel('Password', { exact: true }).fill(CREDENTIALS[1]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/graphs');
  return page;
}

async function makePairs(service: ProbedService, isWanted: (name: string) => boolean): Promise<Pair[]> {
  const documents: Array<[string, Buffer[]]> = [
    ['1 MB, long texts', series(1_000_000, 2, 1)],
    ['1,000 nodes', [manySteps(1_000, 0), manySteps(1_000, 1)]],
    ['1 MB of small nodes', [manySteps(6_000, 0), manySteps(6_000, 1)]],
    ['5,000 nodes', [manySteps(5_000, 0), manySteps(5_000, 1)]],
  ];
  const pairs: Pair[] = [];
  for (const [name, [from, to]] of documents) {
    if (!isWanted(name)) continue;
    const made = await service.send('POST', '/api/v1/graphs', graphBody(name, from!), [201]);
    const id = /"id":"([^"]+)"/.exec(made.toString('utf8', 0, 200))![1]!;
    await service.send('PUT', `/api/v1/graphs/${id}`, graphBody(name, to!));
    pairs.push({ name: `${name} (${(to!.length / 1e6).toFixed(1)} MB)`, id });
  }
  return pairs;
}

/** From the click on "What changed" to the list and the picture; then the picture is dragged. */
async function measureComparisons(page: Page, pairs: readonly Pair[]): Promise<void> {
  const lines = [
    ['comparison', 'first, ms', 'again, ms', 'frames/s at rest', 'dragged', 'closer', 'slowest frame, ms'],
  ];
  for (const { name, id } of pairs) {
    const shown: number[] = [];
    for (let turn = 0; turn < TURNS; turn += 1) shown.push(await timeToComparison(page, id));
    const atRest = await page.evaluate<number[]>(REST);
    const whole = await page.evaluate<number[]>(dragAfter(3));
    const near = await page.evaluate<number[]>(dragAfter(7));
    lines.push([
      name,
      against(shown[0]!, '<', COMPARISON_TARGET_MS, '', 0),
      against(median(shown.slice(1)), '<', COMPARISON_TARGET_MS, '', 0),
      (1_000 / mean(atRest)).toFixed(0),
      against(1_000 / mean(whole), '≥', FRAMES_TARGET, '', 0),
      against(1_000 / mean(near), '≥', FRAMES_TARGET, '', 0),
      quantile([...whole, ...near], 1).toFixed(0),
    ]);
  }
  console.log(table(lines));
}

async function timeToComparison(page: Page, id: string): Promise<number> {
  await page.goto(`/graphs/${id}`);
  const link = page.getByRole('link', { name: 'What changed' });
  await link.waitFor();
  await page.waitForLoadState('networkidle');
  const start = performance.now();
  await link.click();
  await page.getByRole('region', { name: 'Changes' }).locator('li').first().waitFor();
  await page.locator('svg[aria-label^="What changed"] *').first().waitFor({ state: 'attached' });
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  return performance.now() - start;
}

/** Runs in the page: zooms in so many times; then the time between frames while a pointer drags the picture in a circle, ms. */
const dragAfter = (zooms: number) => `(async () => {
  const box = document.querySelector('.picture-canvas');
  const { left, top, width, height } = box.getBoundingClientRect();
  const send = (type, x, y) => box.dispatchEvent(new PointerEvent(type, { pointerId: 1, clientX: x, clientY: y, bubbles: true }));
  box.setPointerCapture = () => {};
  const [x, y] = [left + width / 2, top + height / 2];
  for (let i = 0; i < ${zooms}; i += 1) document.querySelector('button[aria-label="Zoom in"]').click();
  send('pointerdown', x, y);
  const times = [];
  let before = await new Promise(requestAnimationFrame);
  for (let i = 1; i <= 180; i += 1) {
    send('pointermove', x + 150 * Math.sin(i / 12), y + 150 * (1 - Math.cos(i / 12)));
    const now = await new Promise(requestAnimationFrame);
    times.push(now - before);
    before = now;
  }
  send('pointerup', x, y);
  return times;
})()`;

/** Runs in the page: the time between frames while nothing happens, ms: what the machine has left just now. */
const REST = `(async () => {
  const times = [];
  let before = await new Promise(requestAnimationFrame);
  for (let i = 0; i < 60; i += 1) {
    const now = await new Promise(requestAnimationFrame);
    times.push(now - before);
    before = now;
  }
  return times;
})()`;

/** The list of 10,000 graphs: opened, searched, and scrolled to its end. */
async function measureList(page: Page, service: ProbedService): Promise<void> {
  const create = (at: number) =>
    service.send('POST', '/api/v1/graphs', graphBody(`Graph ${at}`, manySteps(6, at)), [201]);
  for (let at = 0; at < GRAPHS; at += 16)
    await Promise.all(Array.from({ length: Math.min(16, GRAPHS - at) }, (_, i) => create(at + i)));
  const steps: Array<[string, () => Promise<unknown>]> = [
    ['opened', () => page.goto('/graphs').then(() => page.getByText(`Graph ${GRAPHS - 1}`).waitFor())],
    ['scrolled to the end', () => toTheEnd(page)],
    ['searched', () => search(page)],
  ];
  const lines = [[`list of ${GRAPHS} graphs`, 'ms']];
  for (const [name, step] of steps) {
    const start = performance.now();
    await step();
    lines.push([name, (performance.now() - start).toFixed(0)]);
  }
  console.log(table(lines));
}

async function toTheEnd(page: Page): Promise<void> {
  await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
  await page.getByText('Graph 0', { exact: true }).waitFor();
}

async function search(page: Page): Promise<void> {
  await page.evaluate('scrollTo(0, 0)');
  await page.getByLabel('Search by title').fill('graph 4321');
  await page.getByText('1 graph', { exact: true }).waitFor();
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
