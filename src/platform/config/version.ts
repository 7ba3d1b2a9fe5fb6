import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The program's version, as its package.json says; that file stands three folders above, in `src` and in `dist`. */
export const VERSION = (
  JSON.parse(readFileSync(join(__dirname, '..', '..', '..', 'package.json'), 'utf8')) as { version: string }
).version;
