import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const CAPTURES = join(__dirname, '..', '..', '..', '..', 'shared', 'captures');

/** The answer in JSON under a heading of a recording of a running tool; undefined where the recordings are missing. */
export function captured(file: string, heading: string): string | undefined {
  const path = join(CAPTURES, file);
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8').split(`\n### ${heading}\n`)[1];
  const answer = /\n\n([{[].*[}\]])\n```/.exec(text?.split('\n--> HTTP 200')[1] ?? '')?.[1];
  if (answer === undefined) throw new Error(`${file} has no answer under "${heading}".`);
  return answer;
}
