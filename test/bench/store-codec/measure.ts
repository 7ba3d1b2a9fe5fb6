import { parseArgs } from 'node:util';
import { type CorpusEntry, corpusEntries, revisions } from './corpus';
import { geometricMean, table } from '../figures';
import { StoredHistory } from './history';
import { measureOneVersion } from './one-version';

// node -r @swc-node/register test/bench/store-codec/measure.ts [--corpus FOLDER] [--only NAME,NAME]

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

async function measure(entry: CorpusEntry, gitBytes: number): Promise<Measured> {
  const history = new StoredHistory();
  for await (const bytes of revisions(entry)) history.append(bytes);
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
    line: [entry.name, ...counts, ...sizes, history.ingest.summary(), read, history.repack.summary()],
    ingested,
    repacked,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { corpus: { type: 'string', default: '../shared/corpus' }, only: { type: 'string' } },
  });
  const wanted = values.only?.split(',');
  const entries = corpusEntries(values.corpus).filter(({ name }) => !wanted || wanted.includes(name));
  if (entries.length === 0) {
    console.log(`Skipped: no histories in ${values.corpus}; name the corpus with --corpus FOLDER.`);
    return;
  }
  const measured: Measured[] = [];
  for (const entry of entries) {
    if (entry.gitBytes !== null) measured.push(await measure(entry, entry.gitBytes));
  }
  console.log(table([HEADER, ...measured.map(({ line }) => line)]));
  console.log(
    `geo-mean ÷ git: ${geometricMean(measured.map(({ ingested }) => ingested)).toFixed(3)} as ingested, ` +
      `${geometricMean(measured.map(({ repacked }) => repacked)).toFixed(3)} repacked (times: median / p99)`,
  );
  console.log(`\n${measureOneVersion()}`);
}

void main();
