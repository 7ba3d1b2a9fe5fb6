import fc from 'fast-check';
import { ContentIds } from './content-ids';
import { readExact, textOf, writeExact } from './exact-json';

function read(text: string) {
  return readExact(Buffer.from(text));
}

function equal(a: string, b: string): boolean {
  return new ContentIds().same(read(a), read(b));
}

describe('readExact', () => {
  it('reads whatever a double holds as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(read(text)).toEqual(JSON.parse(text));
        expect(writeExact(read(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it.each([
    ['12345678901234567890', '12345678901234567891'],
    ['1e400', '1e401'],
    ['1e400', '-1e400'],
    ['0.1234567890123456789', '0.1234567890123456788'],
    ['1e99999999999999999999', '1e99999999999999999998'],
    ['0.3', '0.30000000000000004'],
    ['1', '"1"'],
    ['[12345678901234567890]', '["12345678901234567890"]'],
  ])('does not take %s for %s', (a, b) => expect(equal(a, b)).toBe(false));

  it.each([
    ['1', '1.0'],
    ['-0', '0'],
    ['0e999', '0'],
    ['100', '1E2'],
    ['12345678901234567890', '1.2345678901234567890e19'],
    ['1e400', '10.00e399'],
    ['{"a":1,"b":[2]}', '{ "b": [2.0], "\\u0061": 1 }'],
    ['{"a":1,"a":2}', '{"a":2}'],
  ])('takes %s for %s', (a, b) => expect(equal(a, b)).toBe(true));

  it('leaves digits inside texts alone, whatever quotes and backslashes stand there', () => {
    const texts = [
      '12345678901234567890',
      '\\',
      '\\"',
      '"1e400',
      'x\\\\"12345678901234567890',
      '\ud83d\ude00 1e999',
    ];
    expect(read(JSON.stringify(texts))).toEqual(texts);
  });

  it('keeps keys that JavaScript objects are touchy about', () => {
    expect(Object.keys(read('{"__proto__":{"a":1},"constructor":2}') as object)).toEqual([
      '__proto__',
      'constructor',
    ]);
  });

  it.each(['', '{', '[1 2]', '01', '1e', '-', '[1e5e5]', '{"a":12345678901234567890.}'])(
    'refuses %j, which is not JSON',
    (text) => expect(() => read(text)).toThrow(SyntaxError),
  );
});

describe('writeExact', () => {
  it.each(['12345678901234567890', '-12345678901234567891', '1e400', '[1e-400,{"a":12345678901234567891}]'])(
    'writes %s as it was',
    (text) => expect(writeExact(read(text))).toBe(text),
  );

  it('does not turn a text into a number that only looks like a marked one further inside', () => {
    const text = JSON.stringify(['abc"\udc00#5', ',"\udc00#5"', '\\"\udc00#5']);
    expect(JSON.parse(writeExact(read(text)))).toEqual(JSON.parse(text));
  });
});

describe('textOf', () => {
  it('shows numbers by their digits', () => {
    expect([7, 'x', null, []].map(textOf)).toEqual(['7', 'x', undefined, undefined]);
    expect(textOf(read('12345678901234567890'))).toBe('12345678901234567890');
  });
});
