import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expectNoSideScroll } from './layout';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const ALL = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** What another colour scheme can change. */
const COLOURS = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };

interface AxeResult {
  violations: Array<{ id: string; nodes: Array<{ html: string; failureSummary?: string }> }>;
}

/** What axe finds on the page as it is now: rule, element and reason. */
async function violationsOf(page: Page, rules: object = ALL): Promise<string[]> {
  await drawn(page);
  // Half a megabyte: sent once for each load of a page.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(AXE);
  const found = await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(rules)}, resultTypes: ['violations'] })`,
  );
  return (found as AxeResult).violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  );
}

/** Waits until the colours of another scheme are on the screen and no transition is running. */
async function drawn(page: Page): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const look = () => (document.getAnimations().length === 0 ? resolve() : requestAnimationFrame(look));
    requestAnimationFrame(() => requestAnimationFrame(look));
  })`);
}

/**
 * Expects that everyone can use the screen: no violation of WCAG 2.2 AA in light and dark, and nothing beyond the edge
 * at 375 px.
 */
export async function expectAccessible(page: Page): Promise<void> {
  const size = page.viewportSize()!;
  expect({ light: await violationsOf(page) }).toEqual({ light: [] });
  await page.emulateMedia({ colorScheme: 'dark' });
  expect({ dark: await violationsOf(page, COLOURS) }).toEqual({ dark: [] });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 375, height: 720 });
  await expectNoSideScroll(page);
  expect({ narrow: await violationsOf(page) }).toEqual({ narrow: [] });
  await page.setViewportSize(size);
}
