import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
/** Old words and phrases that make a reader stop. `'nobody'` in quotes is the name of a system user. */
const AVOIDED =
  /\b(anew|(?<!')nobody|whoever|goners?|mend(s|ed)?|for ever|by and by|nor|beside|stands? (in|beside|behind)|tells? of|is told|goes by|lets? go of|counts? no more)\b/i;
const FOLDERS = ['src', 'console/src', 'test', 'docs', 'deploy', 'scripts'];
const FILES = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', '.env.example', '.dependency-cruiser.cjs'];
const OWN = /\.(ts|tsx|css|mjs|cjs|sh|md|yml|yaml|toml|json|service)$|Caddyfile$/;
/** Recorded data of others, and this list. */
const FOREIGN = /^test\/(fixtures|samples)\/|plain-english\.spec\.ts$/;

function ownFiles(): string[] {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  );
  return [...FILES, ...inFolders.filter((file) => OWN.test(file) && !FOREIGN.test(file))];
}

const avoidedIn = (text: string) => text.split('\n').flatMap((line) => AVOIDED.exec(line)?.[0] ?? []);

it('no text uses a word of the list', () => {
  const own = ownFiles();
  expect(own.length).toBeGreaterThan(500);
  const found = own.flatMap((file) =>
    avoidedIn(readFileSync(join(ROOT, file), 'utf8')).map((word) => `${file}: ${word}`),
  );
  expect(found).toEqual([]);
});

it.each([
  ['Nothing is lost for ever.', 1],
  ['The value stands in a file.', 1],
  ['It reads the file anew.', 1],
  ['The minor version is normal, and a neighbour mentions it.', 0],
])('%s', (text, count) => {
  expect(avoidedIn(text)).toHaveLength(count);
});
