import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createBrotliDecompress } from 'node:zlib';

/** A history of the corpus: `gitBytes` is what `git gc --aggressive` needs for it, null where not a history. */
export interface CorpusEntry {
  readonly name: string;
  readonly file: string;
  readonly gitBytes: number | null;
}

/** Reads the corpus's list out of its README's table; empty when there is no corpus in `folder`. */
export function corpusEntries(folder: string): CorpusEntry[] {
  const readme = join(folder, 'README.md');
  if (!existsSync(readme)) return [];
  const rows = readFileSync(readme, 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return rows
    .map((cells) => ({ name: cells[1] ?? '', gitBytes: bytesIn(cells[8] ?? '') }))
    .map((entry) => ({ ...entry, file: join(folder, `${entry.name}.ndjson.br`) }))
    .filter(({ name, file }) => name !== '' && existsSync(file));
}

/** Yields the documents of one history, oldest first, byte for byte. */
export async function* revisions(entry: CorpusEntry): AsyncGenerator<Buffer> {
  const input = createReadStream(entry.file).pipe(createBrotliDecompress());
  for await (const line of createInterface({ input })) {
    if (line !== '') yield Buffer.from((JSON.parse(line) as { raw: string }).raw);
  }
}

function bytesIn(cell: string): number | null {
  const digits = cell.replaceAll(',', '');
  return /^\d+$/.test(digits) ? Number(digits) : null;
}
