import { readHistory } from '../../../scripts/corpus';
import { ContentIds } from '../../../src/diff/content-ids';
import { diffConfigs } from '../../../src/diff/diff-configs';
import { readExact } from '../../../src/diff/exact-json';
import { applyPatch } from '../../../src/diff/patch/json-patch';
import { drawDiff, drawGraph } from '../../../src/diff/picture/draw';
import { type CorpusEntry, corpusEntries } from '../corpus';
import type { Options } from '../options';
import { measureLargePairs } from './large-pairs';

const LIMIT_MS = 2_000;

interface Row {
  history: string;
  pairs: number;
  dialects: string;
  'diff ms, mean': number;
  'diff ms, worst': number;
  'picture ms, worst': number;
  'picture KB, worst': number;
  'patch KB, mean': number;
  faults: number;
}

function timed<Result>(work: () => Result): { result: Result; ms: number } {
  const start = performance.now();
  const result = work();
  return { result, ms: performance.now() - start };
}

class Tally {
  private readonly dialects = new Set<string>();
  private readonly diffMs: number[] = [];
  private readonly pictureMs: number[] = [];
  private readonly pictureBytes: number[] = [];
  private readonly patchBytes: number[] = [];
  private readonly faults: string[] = [];

  add(from: Buffer, to: Buffer, pair: number): void {
    try {
      this.compare(from, to, pair);
    } catch (error) {
      this.faults.push(`pair ${pair}: ${String(error)}`);
    }
  }

  private compare(from: Buffer, to: Buffer, pair: number): void {
    const diff = timed(() => diffConfigs(from, to));
    const pictures = [timed(() => drawDiff(from, to)), timed(() => drawGraph(to))];
    this.dialects.add(diff.result.dialect);
    this.diffMs.push(diff.ms);
    this.pictureMs.push(...pictures.map(({ ms }) => ms));
    this.pictureBytes.push(...pictures.map(({ result }) => Buffer.byteLength(result)));
    this.patchBytes.push(Buffer.byteLength(JSON.stringify(diff.result.patch)));
    if (Math.max(diff.ms, ...pictures.map(({ ms }) => ms)) > LIMIT_MS)
      this.faults.push(`pair ${pair}: too slow`);
    const applied = applyPatch(readExact(from), diff.result.patch);
    if (!new ContentIds().same(applied, readExact(to))) this.faults.push(`pair ${pair}: the patch is wrong`);
  }

  row(history: string): Row {
    for (const fault of this.faults) console.error(`${history}, ${fault}`);
    return {
      history,
      pairs: this.diffMs.length,
      dialects: [...this.dialects].join(' '),
      'diff ms, mean': rounded(mean(this.diffMs)),
      'diff ms, worst': rounded(Math.max(...this.diffMs)),
      'picture ms, worst': rounded(Math.max(...this.pictureMs)),
      'picture KB, worst': rounded(Math.max(...this.pictureBytes) / 1024),
      'patch KB, mean': rounded(mean(this.patchBytes) / 1024),
      faults: this.faults.length,
    };
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

async function measure({ name, file }: CorpusEntry): Promise<Row> {
  const tally = new Tally();
  let before: Buffer | undefined;
  let pair = 0;
  for await (const version of readHistory(file)) {
    if (before !== undefined) tally.add(before, version, pair++);
    before = version;
  }
  return tally.row(name);
}

/**
 * Every pair of neighbouring versions of every history of the corpus: difference, patch applied, picture of the
 * difference and of the version. The process ends with 1 when one throws, takes over 2 s or does not give the later
 * version. Then pairs of large documents over HTTP.
 */
export async function benchDiff({ corpus, histories }: Options): Promise<void> {
  const rows: Row[] = [];
  for (const entry of corpusEntries(corpus, histories)) {
    console.log(`${entry.name} …`);
    rows.push(await measure(entry));
  }
  if (rows.length > 0) console.table(rows);
  if (rows.some(({ faults }) => faults > 0)) process.exitCode = 1;
  await measureLargePairs();
}
