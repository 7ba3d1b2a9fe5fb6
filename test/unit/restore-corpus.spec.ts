import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { compareGraphs } from '../../src/diff/compare-graphs';
import { EditRefusedError } from '../../src/diff/edit/edit-refused.error';
import { restoreNodes } from '../../src/diff/edit/restore-nodes';
import { readExact } from '../../src/diff/exact-json';

const CORPUS = join(__dirname, '../../../shared/corpus');
const NAMES = ['ha-tab-hue', 'ha-tab-powerview', 'lf-blog-writer', 'lf-memory-chatbot'];

function revisions(name: string): Buffer[] {
  const text = brotliDecompressSync(readFileSync(join(CORPUS, `${name}.ndjson.br`))).toString();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => Buffer.from((JSON.parse(line) as { raw: string }).raw));
}

/** What of two neighbours can be restored: all nodes that were removed or changed. */
function changedNodes(from: Buffer, to: Buffer): string[] {
  const { removed, both } = compareGraphs(readExact(from), readExact(to));
  return [...removed, ...both.filter(({ changed, moved }) => changed || moved).map((pair) => pair.from)].map(
    ({ id }) => id,
  );
}

const itWithCorpus = existsSync(CORPUS) ? it : it.skip;

/** Of each history no more than these pairs, spread over it: the whole set takes minutes. */
const PAIRS = 12;

describe('real neighbours (skipped without ../shared/corpus)', () => {
  itWithCorpus.each(NAMES)('%s: all changed nodes of the older come back into the newer', (name) => {
    const all = revisions(name);
    const refused: string[] = [];
    let restored = 0;
    const step = Math.max(1, Math.floor(all.length / PAIRS));
    for (let at = 1; at < all.length; at += step) {
      const [from, into] = [all[at - 1] as Buffer, all[at] as Buffer];
      const ids = changedNodes(from, into);
      if (ids.length === 0) continue;
      try {
        restoreNodes(from, into, ids);
        restored++;
      } catch (error) {
        if (!(error instanceof EditRefusedError)) throw error;
        refused.push(`${at}: ${error.message}`);
      }
    }
    expect(refused).toEqual([]);
    expect(restored).toBeGreaterThan(PAIRS / 2);
  });
});
