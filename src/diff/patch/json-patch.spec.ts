import fc from 'fast-check';
import { ContentIds } from '../content-ids';
import type { Json } from '../json';
import { applyPatch, makePatch, MAX_OPERATIONS } from './json-patch';

const keys = fc.oneof(
  fc.constantFrom(
    'id',
    'name',
    'a',
    'b',
    '',
    '/',
    '~',
    '~1',
    '__proto__',
    'constructor',
    'prototype',
    '\ue000__proto__',
  ),
  fc.string({ maxLength: 3 }),
);

/** Few distinct values, so that equal parts, moved parts and duplicates are common. */
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Json[]>(null, true, false, 0, -0, 1, 2, 'x', 'y', ''),
    fc.array(tie('tree'), { maxLength: 8 }),
    fc
      .uniqueArray(fc.tuple(keys, tie('tree')), { maxLength: 5, selector: ([key]) => key })
      .map((entries): Json => Object.fromEntries(entries)),
  ),
}));

function expectExact(from: Json, to: Json): void {
  const applied = applyPatch(from, makePatch(from, to));
  expect(new ContentIds().same(applied, to)).toBe(true);
}

function nodes(count: number): Json[] {
  return Array.from({ length: count }, (_, index) => ({ id: `n${index}`, type: 'set', data: { index } }));
}

describe('makePatch', () => {
  it('turns any value into any other, exactly', () => {
    fc.assert(
      fc.property(tree, tree, (from, to) => expectExact(from, to)),
      { numRuns: 2_000 },
    );
  });

  it('turns any array of named things into any other order and choice of them', () => {
    const named = fc.uniqueArray(fc.record({ id: fc.nat(40), at: fc.nat(2) }), {
      maxLength: 30,
      selector: (item) => item.id,
    });
    fc.assert(
      fc.property(named, named, (from, to) => expectExact(from, to)),
      { numRuns: 1_000 },
    );
  });

  it('turns arrays with many equal elements into each other', () => {
    const repeated = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 25 });
    fc.assert(
      fc.property(repeated, repeated, (from, to) => expectExact(from, to)),
      { numRuns: 1_000 },
    );
  });

  it('is empty exactly when the two are equal', () => {
    fc.assert(
      fc.property(tree, tree, (from, to) => {
        expect(makePatch(from, to).length === 0).toBe(new ContentIds().same(from, to));
      }),
    );
    expect(makePatch({ a: 1, b: [-0] }, { b: [0], a: 1 })).toEqual([]);
  });

  it('tells an insertion at the front of 500 elements in one operation', () => {
    const patch = makePatch({ nodes: nodes(500) }, { nodes: [{ id: 'new' }, ...nodes(500)] });
    expect(patch).toEqual([{ op: 'add', path: '/nodes/0', value: { id: 'new' } }]);
  });

  it('does so too when the elements have no name', () => {
    const numbers = Array.from({ length: 500 }, (_, index) => index % 7);
    expect(makePatch(numbers, [99, ...numbers])).toHaveLength(1);
    expect(makePatch([99, ...numbers], numbers)).toEqual([{ op: 'remove', path: '/0' }]);
  });

  it('tells one element that went elsewhere as one move', () => {
    const [first, ...rest] = nodes(100);
    expect(makePatch(nodes(100), [...rest, first ?? null])).toEqual([
      { op: 'move', from: '/0', path: '/99' },
    ]);
  });

  it('goes into an element that changed, at its new place', () => {
    const to = [{ id: 'new' }, ...nodes(3)];
    to[2] = { id: 'n1', type: 'if', data: { index: 1 } };
    expect(makePatch(nodes(3), to)).toEqual([
      { op: 'add', path: '/0', value: { id: 'new' } },
      { op: 'replace', path: '/2/type', value: 'if' },
    ]);
  });

  it('tells a change of a text without a name in place', () => {
    expect(makePatch({ at: [100, 200] }, { at: [110, 200] })).toEqual([
      { op: 'replace', path: '/at/0', value: 110 },
    ]);
  });

  it('replaces the root when nothing else is possible', () => {
    expect(makePatch([], {})).toEqual([{ op: 'replace', path: '', value: {} }]);
    expect(applyPatch([1], [{ op: 'replace', path: '', value: {} }])).toEqual({});
  });

  it('stays bounded when everything differs', () => {
    const wide = (salt: string): Json =>
      Object.fromEntries(
        Array.from({ length: 60 }, (_, outer) => [
          `${outer}`,
          Object.fromEntries(Array.from({ length: 2_000 }, (__, inner) => [`${inner}`, salt + inner])),
        ]),
      );
    const patch = makePatch(wide('a'), wide('b'));
    expect(patch.length).toBeLessThanOrEqual(MAX_OPERATIONS);
    expect(applyPatch(wide('a'), patch)).toEqual(wide('b'));
  });

  it.each([
    ['reversed', (items: Json[]) => [...items].reverse()],
    ['all new', (items: Json[]) => items.map((_, index) => ({ id: `m${index}` }))],
    ['every second gone', (items: Json[]) => items.filter((_, index) => index % 2 === 0)],
    ['one more in front', (items: Json[]) => [{ id: 'new' }, ...items]],
  ])('handles 100,000 elements, %s', (_, change) => {
    const from = nodes(100_000);
    expectExact(from, change(nodes(100_000)));
  });

  it('goes 256 levels deep', () => {
    const deep = (leaf: Json): Json =>
      Array.from({ length: 256 }).reduce<Json>((inner, _, level) => (level % 2 ? [inner] : { inner }), leaf);
    expect(makePatch(deep(1), deep(2))).toHaveLength(1);
    expectExact(deep(1), deep(2));
  });
});
