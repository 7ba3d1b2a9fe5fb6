import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const SRC = join(__dirname, '..', '..', 'src');
/** Suffixes that say the role of the class that the file exports. */
const ROLE = /\.(connector|controller|filter|guard|health|job|module|pipe|service|store|strategy)\.ts$/;

/** `copy-run.service.ts` must export `CopyRunService`. */
function classNameOf(file: string): string {
  const words = basename(file, '.ts').split(/[-.]/);
  return words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}

function exportsItsClass(file: string, source: string): boolean {
  return new RegExp(`^export (abstract )?class ${classNameOf(file)}\\b`, 'm').test(source);
}

it('a class has the name of its file', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => ROLE.test(file));
  expect(files.length).toBeGreaterThan(50);
  const misnamed = files.filter((file) => !exportsItsClass(file, readFileSync(join(SRC, file), 'utf8')));
  expect(misnamed).toEqual([]);
});

it.each([
  ['copy.service.ts', 'export class VaultCopy {}', false],
  ['copy.service.ts', 'class CopyService {}', false],
  ['copy.service.ts', 'export class CopyServices {}', false],
  ['copy-run.store.ts', '@Injectable()\nexport class CopyRunStore {}', true],
])('%s with %j: %j', (file, source, fits) => {
  expect(exportsItsClass(file, source)).toBe(fits);
});
