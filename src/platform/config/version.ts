import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version from package.json, which is three folders above, both in `src` and in `dist`. */
export const VERSION = (
  JSON.parse(readFileSync(join(__dirname, '..', '..', '..', 'package.json'), 'utf8')) as { version: string }
).version;
