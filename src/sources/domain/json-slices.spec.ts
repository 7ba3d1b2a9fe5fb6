import fc from 'fast-check';
import { cutMembers, elementsOf, membersOf, textAt, valueAt, wholeValue, type CutPath } from './json-slices';
import { anyCharacter } from '../../../test/support/any-character';

const text = (bytes: Buffer, span: { start: number; end: number } | undefined) =>
  span && bytes.toString('utf8', span.start, span.end);

const NAMES = ['a', 'b', '__proto__', 'x"\\,}{:[]', ''];
const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: anyCharacter, maxLength: 4 }));
const { document } = fc.letrec<{ document: unknown; value: unknown }>((tie) => ({
  document: fc.oneof(
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 0 }),
    fc.string({ unit: anyCharacter }),
    tie('document'),
  ),
}));
const indent = fc.constantFrom(undefined, 1, '\t', '\r\n ');
const printed = fc
  .tuple(document, indent, fc.constantFrom('', ' ', '\n'))
  .map(([value, space, around]) => Buffer.from(around + JSON.stringify(value, null, space) + around));

/** The same cut on parsed values. */
function without(value: unknown, paths: readonly CutPath[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const inner = (key: string) =>
    paths.filter(([first]) => first === '*' || first === key).map((path) => path.slice(1));
  const isCut = (key: string) => !Array.isArray(value) && inner(key).some((path) => path.length === 0);
  if (Array.isArray(value))
    return value.map((element: unknown) =>
      without(
        element,
        inner('*').filter((path) => path.length > 0),
      ),
    );
  const kept = Object.entries(value).filter(([key]) => !isCut(key));
  return Object.fromEntries(kept.map(([key, member]) => [key, without(member, inner(key))]));
}

const path = fc.array(fc.oneof(name, fc.constant('*')), { minLength: 1, maxLength: 3 });

it('cuts what a cut of the parsed value would cut, and keeps all other bytes in order', () => {
  fc.assert(
    fc.property(printed, fc.array(path, { maxLength: 3 }), (bytes, paths) => {
      const cut = cutMembers(bytes, paths);
      expect(JSON.parse(cut.toString())).toEqual(without(JSON.parse(bytes.toString()), paths));
      let at = 0;
      for (const byte of cut) {
        at = bytes.indexOf(byte, at) + 1;
        expect(at).toBeGreaterThan(0);
      }
    }),
    { numRuns: 300 },
  );
});

it('leaves a text without these members as it is', () => {
  fc.assert(
    fc.property(printed, (bytes) => {
      expect(cutMembers(bytes, [['no such member'], ['*', 'no such member']])).toBe(bytes);
    }),
  );
});

it('finds every member and element where the parser finds it', () => {
  fc.assert(
    fc.property(printed, (bytes) => {
      const value = JSON.parse(bytes.toString()) as object;
      const { start } = wholeValue(bytes);
      if (Array.isArray(value)) {
        const found = [...elementsOf(bytes, start)].map((span) => JSON.parse(text(bytes, span)!) as unknown);
        expect(found).toEqual(value);
        return;
      }
      const members = [...membersOf(bytes, start)].map((member) => [
        member.key,
        JSON.parse(text(bytes, member)!) as unknown,
      ]);
      expect(members).toEqual(Object.entries(value));
      for (const [key, member] of Object.entries(value)) {
        const pointer = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        expect(JSON.parse(text(bytes, valueAt(bytes, pointer))!)).toEqual(member);
      }
    }),
  );
});

it.each([
  ['{"a":1,"b":2,"c":3}', [['a']], '{"b":2,"c":3}'],
  ['{"a":1,"b":2,"c":3}', [['b']], '{"a":1,"c":3}'],
  ['{ "a": 1, "b": 2 }', [['b']], '{ "a": 1 }'],
  ['{ "a": 1, "b": 2 }', [['a'], ['b']], '{  }'],
  ['{"a":1,"a":2,"b":1e400}', [['a']], '{"b":1e400}'],
  ['{"\\u0061":1,"b":1.0}', [['a']], '{"b":1.0}'],
  ['[{"x":1,"y":[{"x":1,"z":2}]}]', [['*', 'y', '*', 'x']], '[{"x":1,"y":[{"z":2}]}]'],
  ['{"a":{"x":1},"b":{"x":2,"y":3}}', [['*', 'x']], '{"a":{},"b":{"y":3}}'],
] as Array<[string, string[][], string]>)('%s without %j is %s', (whole, paths, rest) => {
  expect(cutMembers(Buffer.from(whole), paths).toString()).toBe(rest);
});

it.each([
  ['{"a":{"b":[10,{"c":"x"}]}}', '/a/b/1/c', 'x'],
  ['{"a":{"b":[10]}}', '/a/b/0', '10'],
  ['{"a/b":{"~":true}}', '/a~1b/~0', 'true'],
  ['{"a":1,"a":2}', '/a', '2'],
  ['{"a":null}', '/a', undefined],
  ['{"a":{}}', '/a', undefined],
  ['{"a":1}', '/b/c', undefined],
  ['[1]', '/01', undefined],
])('the text of %s at %s is %s', (whole, pointer, found) => {
  expect(textAt(Buffer.from(whole), pointer)).toBe(found);
});
