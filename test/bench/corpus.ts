import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A history of the corpus; `isHistory` false: a collection of documents that are not revisions of one another. */
export interface CorpusEntry {
  readonly name: string;
  readonly file: string;
  readonly isHistory: boolean;
  /** What `git gc --aggressive` needs for it by the corpus's own list, bytes. */
  readonly gitBytes: number;
}

/** The corpus as its README lists it, only the `wanted` ones when any are named; says so and is empty where it is missing. */
export function corpusEntries(folder: string, wanted: readonly string[] = []): CorpusEntry[] {
  const readme = join(folder, 'README.md');
  if (!existsSync(readme)) {
    console.log(`Skipped: there is no corpus in ${folder}; name one with --corpus FOLDER.`);
    return [];
  }
  const rows = readFileSync(readme, 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return rows
    .map((cells) => entryOf(folder, cells[1] ?? '', cells[8] ?? ''))
    .filter(({ name, file }) => name !== '' && existsSync(file))
    .filter(({ name }) => wanted.length === 0 || wanted.includes(name));
}

function entryOf(folder: string, name: string, gitCell: string): CorpusEntry {
  const digits = gitCell.replaceAll(',', '');
  const isHistory = /^\d+$/.test(digits);
  return { name, file: join(folder, `${name}.ndjson.br`), isHistory, gitBytes: Number(digits) };
}
