import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';

/**
 * The path of a worker's compiled file, since a worker thread loads JavaScript only: `name`.js in `directory`,
 * or, when `directory` is one of TypeScript sources (tests, benchmarks), in the same folder under `dist`
 * instead of `src`. Throws an Error that says to build first when the file is missing.
 */
export function workerFile(directory: string, name: string): string {
  const source = `${sep}src${sep}`;
  const at = directory.lastIndexOf(source);
  const compiled = `${directory.slice(0, at)}${sep}dist${sep}${directory.slice(at + source.length)}`;
  const file = join(at >= 0 ? compiled : directory, `${name}.js`);
  if (!existsSync(file)) throw new Error(`${file} is missing: run "npm run build" first`);
  return file;
}
