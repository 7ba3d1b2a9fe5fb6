import type { Page } from 'playwright-core';

/** Runs in the page: what goes beyond its right edge. */
const BEYOND = `(() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const beyond = [...document.querySelectorAll('main *')].filter(
    (element) => element.getBoundingClientRect().right > root.clientWidth + 1,
  );
  return ['the page', ...beyond.slice(0, 5).map((element) => element.outerHTML.slice(0, 120))];
})()`;

/** Expects that the page is not wider than the window. */
export async function expectNoSideScroll(page: Page): Promise<void> {
  expect(await page.evaluate(BEYOND)).toEqual([]);
}
