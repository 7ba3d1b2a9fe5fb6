import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { readHistory } from '../../../scripts/corpus';
import { drawDiff, drawGraph } from '../../../src/diff/picture/draw';
import { launch } from '../../browser/support/browser';
import { corpusEntries, type CorpusEntry } from '../corpus';
import { table } from '../figures';
import type { Options } from '../options';
import { overlapsIn, type Overlaps } from './overlaps';
import { shapesOf } from './shapes';

const SETUP = join(__dirname, '..', '..', 'browser', 'setup.mjs');
const SAMPLES = join(__dirname, '..', '..', 'samples', 'graphs');
/** Neighbours that the difference of a history spans. */
const STEPS = 10;
/** Of a collection, which has no history. */
const WORKFLOWS = 12;

/** A picture to look at. */
interface Picture {
  name: string;
  svg: string;
}

/**
 * Draws the newest version of each history, what its last steps changed, and the project's own samples, in a real
 * browser, and counts what overlaps. With `--profile FOLDER` each picture is kept there as PNG.
 */
export async function benchPictures({ corpus, histories, profile }: Options): Promise<void> {
  const { default: setUp } = (await import(SETUP)) as { default: () => Promise<void> };
  await setUp();
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const rows: Array<[string, Overlaps]> = [];
    for await (const { name, svg } of pictures(corpusEntries(corpus, histories), histories)) {
      const shapes = await shapesOf(page, svg);
      rows.push([name, overlapsIn(shapes)]);
      if (profile !== undefined) await keep(page, profile, name);
    }
    const heads = Object.keys(rows[0]?.[1] ?? {});
    console.log(
      table([
        ['picture', ...heads],
        ...rows.map(([name, counts]) => [name, ...Object.values(counts).map(String)]),
      ]),
    );
  } finally {
    await browser.close();
  }
}

async function keep(page: Page, folder: string, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await page.locator('svg').screenshot({ path: join(folder, `${name.replaceAll(/\W+/g, '-')}.png`) });
}

async function* pictures(entries: readonly CorpusEntry[], only: readonly string[]): AsyncGenerator<Picture> {
  for (const file of readdirSync(SAMPLES).filter((name) => only.length === 0 || only.includes(name)))
    yield { name: file, svg: drawGraph(readFileSync(join(SAMPLES, file))) };
  for (const { name, file, isHistory } of entries) {
    const versions: Buffer[] = [];
    for await (const version of readHistory(file)) {
      versions.push(version);
      if (!isHistory && versions.length === WORKFLOWS) break;
      if (isHistory && versions.length > STEPS + 1) versions.shift();
    }
    if (isHistory) {
      const [from, to] = [versions[0]!, versions.at(-1)!];
      yield { name, svg: drawGraph(to) };
      yield { name: `${name}, last ${STEPS} changes`, svg: drawDiff(from, to) };
    } else
      for (const [at, workflow] of versions.entries())
        yield { name: `${name} ${at + 1}`, svg: drawGraph(workflow) };
  }
}
