import { readHistory } from '../../../scripts/corpus';
import { type CorpusEntry, corpusEntries } from '../corpus';
import { Times, against, geometricMean, table } from '../figures';
import { withFolder } from '../folder';
import type { Options } from '../options';
import { type GitSizes, gitSizes, zstdBytes } from './limits';
import { type Sizes, StoredGraphs } from './stored-graphs';

/** Documents up to this many bytes have a target for reading. */
const READ_TARGET_BYTES = 2 * 1024 * 1024;
const READ_TARGET_MS = 10;

interface Measured {
  name: string;
  versions: number;
  rawBytes: number;
  largest: number;
  ingested: Sizes;
  repacked: Sizes;
  ingest: Times;
  read: Times;
  readRepacked: Times;
  git: GitSizes | null;
  zstd: number | null;
}

/** The version store on real histories, all in one database file, compared with git and the limit of one zstd stream. */
export async function benchStore({ corpus, histories }: Options): Promise<void> {
  const entries = corpusEntries(corpus, histories).filter(({ isHistory }) => isHistory);
  if (entries.length === 0) return;
  await withFolder(async (folder) => {
    const graphs = await StoredGraphs.open(folder);
    const empty = graphs.sizes();
    const measured: Measured[] = [];
    try {
      for (const [at, entry] of entries.entries()) {
        console.log(`${at + 1}/${entries.length} ${entry.name} …`);
        measured.push(await measure(graphs, entry));
      }
      report(measured, empty, graphs.sizes());
    } finally {
      await graphs.close();
    }
  });
}

async function measure(graphs: StoredGraphs, { name, file }: CorpusEntry): Promise<Measured> {
  const before = graphs.sizes();
  const [ingest, read, readRepacked] = [new Times(), new Times(), new Times()];
  const hashes: string[] = [];
  const seen = { rawBytes: 0, largest: 0 };
  const id = await graphs.ingest(name, watched(file, seen), ingest, hashes);
  const ingested = difference(graphs.sizes(), before);
  await graphs.readAll(id, hashes, read);
  await graphs.repack(id);
  const repacked = difference(graphs.sizes(), before);
  await graphs.readAll(id, hashes, readRepacked);
  const git = await gitSizes(file);
  const zstd = await zstdBytes(file, seen.rawBytes);
  return {
    name,
    versions: hashes.length,
    ...seen,
    ingested,
    repacked,
    ingest,
    read,
    readRepacked,
    git,
    zstd,
  };
}

async function* watched(file: string, seen: { rawBytes: number; largest: number }): AsyncGenerator<Buffer> {
  for await (const revision of readHistory(file)) {
    seen.rawBytes += revision.length;
    seen.largest = Math.max(seen.largest, revision.length);
    yield revision;
  }
}

function difference(now: Sizes, before: Sizes): Sizes {
  return { frames: now.frames - before.frames, rows: now.rows - before.rows, file: now.file - before.file };
}

function report(measured: readonly Measured[], empty: Sizes, all: Sizes): void {
  const header = [
    'bytes a version',
    'versions',
    'raw',
    'frames',
    'rows',
    'file',
    'frames packed',
    'rows',
    'file',
  ];
  console.log(`\n${table([header, ...measured.map((each) => bytesLine(each))])}`);
  const ratios = ['÷ git', 'git bytes', 'frames', 'file', 'frames packed', 'file', 'zstd -19 --long'];
  console.log(`\n${table([ratios, ...measured.map((each) => ratioLine(each))])}`);
  const times = ['ms, median / p99', 'largest KB', 'write', 'read', 'read when packed'];
  console.log(`\n${table([times, ...measured.map((each) => timeLine(each))])}`);
  summary(measured, empty, all);
}

function bytesLine({ name, versions, rawBytes, ingested, repacked }: Measured): string[] {
  const each = [ingested, repacked].flatMap(({ frames, rows, file }) => [frames, rows, file]);
  return [name, String(versions), ...[rawBytes, ...each].map((bytes) => (bytes / versions).toFixed(0))];
}

function ratioLine({ name, git, zstd, ingested, repacked }: Measured): string[] {
  const ratio = (bytes: number | null) =>
    git === null || bytes === null ? 'n/a' : (bytes / git.store).toFixed(3);
  const parts = [ingested.frames, ingested.file, repacked.frames, repacked.file, zstd];
  return [name, String(git?.store ?? 'no git'), ...parts.map(ratio)];
}

function timeLine({ name, largest, ingest, read, readRepacked }: Measured): string[] {
  const times = [ingest, read, readRepacked].map((each) => each.summary());
  return [name, (largest / 1024).toFixed(0), ...times];
}

function summary(measured: readonly Measured[], empty: Sizes, all: Sizes): void {
  const compared = measured.filter((each): each is Measured & { git: GitSizes } => each.git !== null);
  const mean = (part: (each: Measured & { git: GitSizes }) => number) =>
    geometricMean(compared.map((each) => part(each) / each.git.store));
  const git = compared.reduce((sum, each) => sum + each.git.store, 0);
  const small = measured.filter(({ largest }) => largest <= READ_TARGET_BYTES);
  const worst = Math.max(...small.map(({ read }) => read.quantile(0.99)));
  const lines = [
    [
      'frames as ingested ÷ git, geo-mean',
      against(
        mean(({ ingested }) => ingested.frames),
        '≤',
        0.45,
        '',
        3,
      ),
    ],
    [
      'frames repacked ÷ git, geo-mean',
      against(
        mean(({ repacked }) => repacked.frames),
        '≤',
        0.42,
        '',
        3,
      ),
    ],
    [
      'growth of the file ÷ git, geo-mean',
      against(
        mean(({ ingested }) => ingested.file),
        '≤',
        0.85,
        '',
        3,
      ),
    ],
    ['the whole file ÷ git, all histories', against(all.file / git, '≤', 0.85, '', 3)],
    [
      "frames as ingested ÷ git's pack without its index, geo-mean",
      mean((each) => (each.ingested.frames * each.git.store) / each.git.pack).toFixed(3),
    ],
    ['an empty database, bytes', String(empty.file)],
    ['zstd -19 --long ÷ git, geo-mean', mean(({ zstd }) => zstd ?? NaN).toFixed(3)],
    ['read p99, documents up to 2 MB, worst history', against(worst, '≤', READ_TARGET_MS, ' ms', 1)],
  ];
  console.log(`\n${lines.map(([name, value]) => `${name}: ${value}`).join('\n')}`);
}
