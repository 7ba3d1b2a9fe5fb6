import fc from 'fast-check';
import { propertiesOf } from '../../console/src/screens/compare/changes';
import { compareLines } from '../../console/src/screens/compare/lines';

describe('compareLines', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 })
    .map((lines) => lines.join('\n'));

  it('holds both texts, whatever they are', () => {
    fc.assert(
      fc.property(text, text, (old, now) => {
        const lines = compareLines(old, now);
        const side = (without: string) =>
          lines
            .filter(({ kind }) => kind !== without)
            .map(({ text: line }) => line)
            .join('\n');
        expect(side('added')).toBe(old);
        expect(side('removed')).toBe(now);
      }),
    );
  });

  it('shows the smallest change', () => {
    const kinds = compareLines('one\ntwo\nthree', 'one\n2\nthree').map(({ kind }) => kind);
    expect(kinds).toEqual(['same', 'removed', 'added', 'same']);
    expect(compareLines('a\nb', 'a\nb').every(({ kind }) => kind === 'same')).toBe(true);
  });
});

describe('propertiesOf', () => {
  it('gives the old and the new value of each operation, also after earlier ones moved it', () => {
    const before = { name: 'A', list: [1, 2, 3], 'a/b': 'x', gone: true };
    expect(
      propertiesOf(before, [
        { op: 'replace', path: '/name', value: 'B' },
        { op: 'remove', path: '/list/0' },
        { op: 'replace', path: '/list/0', value: 20 },
        { op: 'replace', path: '/a~1b', value: 'y' },
        { op: 'add', path: '/new', value: null },
        { op: 'remove', path: '/gone' },
      ]),
    ).toEqual([
      { path: '/name', old: 'A', now: 'B' },
      { path: '/list/0', old: 1 },
      { path: '/list/0', old: 2, now: 20 },
      { path: '/a~1b', old: 'x', now: 'y' },
      { path: '/new', now: null },
      { path: '/gone', old: true },
    ]);
    expect(before.list).toEqual([1, 2, 3]);
  });

  it('takes names such as __proto__ for data', () => {
    const before = JSON.parse('{"__proto__": {"polluted": 1}}') as object;
    const [change] = propertiesOf(before, [{ op: 'replace', path: '/__proto__/polluted', value: 2 }]);
    expect(change).toEqual({ path: '/__proto__/polluted', old: 1, now: 2 });
    propertiesOf({}, [{ op: 'add', path: '/__proto__', value: { polluted: 3 } }]);
    expect('polluted' in {}).toBe(false);
  });
});
