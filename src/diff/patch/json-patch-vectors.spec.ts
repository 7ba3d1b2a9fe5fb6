import type { Operation } from 'rfc6902';
import type { Json } from '../json';
import { applyPatch } from './json-patch';

/** Cases of RFC 6902, appendix A, and of the public json-patch-tests suite, in our own words. */
const APPLIED: [string, Json, unknown[], Json][] = [
  [
    'A.1 adds a member',
    { foo: 'bar' },
    [{ op: 'add', path: '/baz', value: 'qux' }],
    { baz: 'qux', foo: 'bar' },
  ],
  [
    'A.2 adds an element',
    { foo: ['bar', 'baz'] },
    [{ op: 'add', path: '/foo/1', value: 'qux' }],
    { foo: ['bar', 'qux', 'baz'] },
  ],
  ['A.3 removes a member', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
  [
    'A.4 removes an element',
    { foo: ['bar', 'qux', 'baz'] },
    [{ op: 'remove', path: '/foo/1' }],
    { foo: ['bar', 'baz'] },
  ],
  [
    'A.5 replaces a value',
    { baz: 'qux', foo: 'bar' },
    [{ op: 'replace', path: '/baz', value: 'boo' }],
    { baz: 'boo', foo: 'bar' },
  ],
  [
    'A.6 moves a value',
    { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  ],
  [
    'A.7 moves an element',
    { foo: ['all', 'grass', 'cows', 'eat'] },
    [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    { foo: ['all', 'cows', 'eat', 'grass'] },
  ],
  [
    'A.8 tests a value',
    { baz: 'qux', foo: ['a', 2, 'c'] },
    [
      { op: 'test', path: '/baz', value: 'qux' },
      { op: 'test', path: '/foo/1', value: 2 },
    ],
    { baz: 'qux', foo: ['a', 2, 'c'] },
  ],
  [
    'A.10 adds a nested member',
    { foo: 'bar' },
    [{ op: 'add', path: '/child', value: { grandchild: {} } }],
    { foo: 'bar', child: { grandchild: {} } },
  ],
  [
    'A.11 ignores unknown members',
    { foo: 'bar' },
    [{ op: 'add', path: '/baz', value: 'qux', xyz: 123 }],
    { foo: 'bar', baz: 'qux' },
  ],
  [
    'A.14 reads ~01 as ~1',
    { '/': 9, '~1': 10 },
    [{ op: 'test', path: '/~01', value: 10 }],
    { '/': 9, '~1': 10 },
  ],
  [
    'A.16 adds an array',
    { foo: ['bar'] },
    [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
    { foo: ['bar', ['abc', 'def']] },
  ],
  [
    'replaces the whole document',
    { foo: 'bar' },
    [{ op: 'replace', path: '', value: { baz: 'qux' } }],
    { baz: 'qux' },
  ],
  ['adds the whole document', { foo: 'bar' }, [{ op: 'add', path: '', value: [1] }], [1]],
  [
    'replaces an existing member by add',
    { foo: 1 },
    [{ op: 'add', path: '/foo', value: null }],
    { foo: null },
  ],
  ['adds at the end by its index', ['a'], [{ op: 'add', path: '/1', value: 'b' }], ['a', 'b']],
  ['uses the empty key', { '': 1 }, [{ op: 'replace', path: '/', value: 2 }], { '': 2 }],
  [
    'takes digits as a key of an object',
    { foo: 1 },
    [{ op: 'add', path: '/0', value: 'bar' }],
    { foo: 1, '0': 'bar' },
  ],
  [
    'copies without sharing',
    { a: { b: 1 } },
    [
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'replace', path: '/c/b', value: 2 },
    ],
    { a: { b: 1 }, c: { b: 2 } },
  ],
  ['moves to the same place', { foo: 1 }, [{ op: 'move', from: '/foo', path: '/foo' }], { foo: 1 }],
  [
    'tests objects whatever the order of keys',
    { foo: { a: 1, b: [] } },
    [{ op: 'test', path: '/foo', value: { b: [], a: 1 } }],
    { foo: { a: 1, b: [] } },
  ],
  ['tests null', { foo: null }, [{ op: 'test', path: '/foo', value: null }], { foo: null }],
  [
    'reads pointers as RFC 6901 does',
    { 'a/b': 1, 'm~n': 2, ' ': 3, 'k"l': 4 },
    [
      { op: 'remove', path: '/a~1b' },
      { op: 'remove', path: '/m~0n' },
    ],
    { ' ': 3, 'k"l': 4 },
  ],
  [
    'treats constructor as data',
    { constructor: { a: 1 } },
    [{ op: 'replace', path: '/constructor/a', value: 2 }],
    { constructor: { a: 2 } },
  ],
];

/** What a refused operation is refused for; a fault of the program would say something else. */
const REASONS = /^(Invalid operation|Not a JSON pointer|Test failed|Value required at path): /;

const REFUSED: [string, Json, unknown[]][] = [
  ['A.9 a test that fails', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }]],
  [
    'A.12 a target whose parent is not there',
    { foo: 'bar' },
    [{ op: 'add', path: '/baz/bat', value: 'qux' }],
  ],
  ['A.15 a number for a text', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: '10' }]],
  ['an index past the end', ['a'], [{ op: 'add', path: '/2', value: 'b' }]],
  ['an index with a leading zero', ['a', 'b'], [{ op: 'add', path: '/01', value: 'c' }]],
  ['an index that is no number', ['a'], [{ op: 'add', path: '/bar', value: 1 }]],
  ['an exponent for an index', ['a', 'b'], [{ op: 'add', path: '/1e0', value: 1 }]],
  ['removing what is not there', { foo: 1 }, [{ op: 'remove', path: '/bar' }]],
  ['replacing what is not there', { foo: 1 }, [{ op: 'replace', path: '/bar', value: 1 }]],
  ['moving what is not there', { foo: 1 }, [{ op: 'move', from: '/bar', path: '/foo' }]],
  ['moving into itself', { foo: { bar: 1 } }, [{ op: 'move', from: '/foo', path: '/foo/bar' }]],
  ['an unknown operation', { foo: 1 }, [{ op: 'spam', path: '/foo' }]],
  ['a path that is no pointer', { foo: 1 }, [{ op: 'remove', path: 'foo' }]],
  ['a missing value', { foo: 1 }, [{ op: 'add', path: '/bar' }]],
  ['a missing from', { foo: 1 }, [{ op: 'copy', path: '/bar' }]],
  ['a missing path', { foo: 1 }, [{ op: 'remove' }]],
];

describe('applyPatch', () => {
  it.each(APPLIED)('%s', (_, document, patch, expected) => {
    const before = structuredClone(document);
    expect(applyPatch(document, patch as Operation[])).toEqual(expected);
    expect(document).toEqual(before);
  });

  it.each(REFUSED)('refuses %s', (_, document, patch) => {
    expect(() => applyPatch(document, patch as Operation[])).toThrow(REASONS);
  });

  it('treats __proto__ as data and touches no prototype', () => {
    const document = JSON.parse('{"__proto__":{"a":1}}') as Json;
    const applied = applyPatch(document, [{ op: 'add', path: '/__proto__/polluted', value: true }]);
    expect(JSON.stringify(applied)).toBe('{"__proto__":{"a":1,"polluted":true}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
