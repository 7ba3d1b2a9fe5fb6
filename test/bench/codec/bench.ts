import { readHistory } from '../../../scripts/corpus';
import { type CorpusEntry, corpusEntries } from '../corpus';
import { geometricMean, table } from '../figures';
import type { Options } from '../options';
import { StoredHistory } from './history';
import { measureOneVersion } from './one-version';

interface Measured {
  readonly line: string[];
  readonly ingested: number;
  readonly repacked: number;
}

const HEADER = [
  'history',
  'versions',
  'full',
  'raw bytes',
  'ingested',
  '÷ git',
  'repacked',
  '÷ git',
  'ingest ms',
  'read ms',
  'repack ms',
];

async function measure({ name, file, gitBytes }: CorpusEntry): Promise<Measured> {
  const history = new StoredHistory();
  for await (const bytes of readHistory(file)) history.append(bytes);
  const ingestedBytes = history.frameBytes();
  history.readAll();
  const read = history.read.summary();
  await history.repackAll();
  history.readAll();
  const repackedBytes = history.frameBytes();
  const ingested = ingestedBytes / gitBytes;
  const repacked = repackedBytes / gitBytes;
  const counts = [history.rows.length, history.keyframes(), history.rawBytes].map(String);
  const sizes = [`${ingestedBytes}`, ingested.toFixed(3), `${repackedBytes}`, repacked.toFixed(3)];
  return {
    line: [name, ...counts, ...sizes, history.ingest.summary(), read, history.repack.summary()],
    ingested,
    repacked,
  };
}

/** The codec alone, in memory: frames next to the corpus's own figures for git, and what one version costs. */
export async function benchCodec({ corpus, histories }: Options): Promise<void> {
  const measured: Measured[] = [];
  for (const entry of corpusEntries(corpus, histories)) {
    if (entry.isHistory) measured.push(await measure(entry));
  }
  if (measured.length > 0) {
    console.log(table([HEADER, ...measured.map(({ line }) => line)]));
    console.log(
      `geo-mean ÷ git: ${geometricMean(measured.map(({ ingested }) => ingested)).toFixed(3)} as ingested, ` +
        `${geometricMean(measured.map(({ repacked }) => repacked)).toFixed(3)} repacked (times: median / p99)`,
    );
  }
  console.log(`\n${measureOneVersion()}`);
}
