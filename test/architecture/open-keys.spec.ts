import { join } from 'node:path';
import { openKeysIn, type OpenKey } from './open-keys';
import { sourceFiles } from './tables';

const ROOT = join(__dirname, '..', '..');
const HOME = 'src/platform/hardening/own-member.ts';

const PLANTED: ReadonlyArray<readonly [what: string, text: string, access: OpenKey['access'] | undefined]> = [
  ['a write', '(table: Record<string, number>, name: string) => (table[name] = 1)', 'write'],
  ['an addition', '(table: Record<string, number>, name: string) => (table[name] += 1)', 'write'],
  ['a count', '(table: Record<string, number>, name: string) => table[name]++', 'write'],
  ['a removal', '(table: Record<string, number>, name: string) => delete table[name]', 'write'],
  ['a read', '(table: Record<string, number>, name: string) => table[name]', 'read'],
  ['a read of no known type', '(table: any, name: string) => table[name] as unknown', 'read'],
  ['a read by a key of two', "(table: Record<'a' | 'b', number>, name: 'a' | 'b') => table[name]", undefined],
  ['a read by index', '(list: number[], at: number) => list[at]', undefined],
];
const fileOf = (index: number) => `src/planted-${index}.ts`;

let found: OpenKey[];
beforeAll(() => {
  const planted = new Map(
    PLANTED.map(([, text], index) => [fileOf(index), `export const planted = ${text};\n`]),
  );
  found = openKeysIn(ROOT, sourceFiles(ROOT), planted);
});

it('an object is asked by a key that may be any text in one file only', () => {
  const own = found.filter(({ file }) => !file.startsWith('src/planted-') && file !== HOME);
  expect(own.map(({ file, line }) => `${file}:${line}: use a Map, or ownMember()`)).toEqual([]);
  expect(found.filter(({ file }) => file === HOME)).toHaveLength(2);
});

it.each(PLANTED.map(([what, , access], index) => [what, access ?? 'allowed', index] as const))(
  '%s by a key: %s',
  (_what, expected, index) => {
    const accesses = found.filter(({ file }) => file === fileOf(index)).map(({ access }) => access);
    expect(accesses).toEqual(expected === 'allowed' ? [] : [expected]);
  },
);
