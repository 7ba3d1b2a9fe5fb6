import { readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

/** A table that a source file reads or writes. */
export interface TableUse {
  file: string;
  feature: string;
  table: string;
  writes: boolean;
}

/** Source files of `root`/src, as paths with `/`; without specs and migrations. */
export function sourceFiles(root: string): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((file) => `src/${file.split(sep).join('/')}`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .filter((file) => !file.startsWith('src/migrations/'));
}

/** The feature that a file belongs to: the folder under src, or `root`. */
export function featureOf(file: string): string {
  const [, folder] = file.split('/');
  return folder!.endsWith('.ts') ? 'root' : folder!;
}

/** Who owns each table: the feature whose folder holds its entity schema. */
export function ownersOf(files: ReadonlyMap<string, string>): Map<string, string> {
  const owners = new Map<string, string>();
  for (const [file, text] of files) {
    if (!file.endsWith('.entity.ts')) continue;
    for (const [, name] of text.matchAll(/new EntitySchema(?:<\w+>)?\(\{\s*name: '(\w+)'/g))
      owners.set(name!, featureOf(file));
  }
  return owners;
}

const USE = /\b(FROM|JOIN|INTO|UPDATE)\s+(?:ONLY\s+)?"?(\w+)"?/g;

/** Every table that the SQL in a file names, once for reading and once for writing. */
export function usesOf(file: string, text: string, tables: ReadonlySet<string>): TableUse[] {
  const found = new Map<string, TableUse>();
  for (const match of text.matchAll(USE)) {
    const [, word, table] = match;
    if (!tables.has(table!)) continue;
    const deletes = /DELETE\s+$/.test(text.slice(Math.max(0, match.index - 12), match.index));
    const writes = word === 'INTO' || word === 'UPDATE' || deletes;
    found.set(`${table} ${writes}`, { file, feature: featureOf(file), table: table!, writes });
  }
  return [...found.values()];
}

/** The source files of `root` with their texts. */
export function readSources(root: string): Map<string, string> {
  return new Map(sourceFiles(root).map((file) => [file, readFileSync(join(root, file), 'utf8')]));
}
