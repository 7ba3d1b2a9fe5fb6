import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { JsonDepthError, JsonScanError, JsonSyntaxError, jsonKindAt, scanJson } from './json-scan';
import { anyCharacter } from '../../../test/support/any-character';

type Printed = string | Uint8Array;

/** The bytes in the midst of others, as a slice of a pooled buffer is; what stands around them must not matter. */
function inContext(content: Printed): Buffer {
  const around = Buffer.from('"1] }');
  const bytes = Buffer.from(content);
  return Buffer.concat([around, bytes, around]).subarray(around.length, around.length + bytes.length);
}

function scan(content: Printed, maxDepth = Infinity, maxMembers?: number) {
  return scanJson(inContext(content), { maxDepth, maxMembers });
}

function failure(content: Printed, maxDepth = Infinity): JsonScanError {
  try {
    scan(content, maxDepth);
  } catch (error) {
    if (error instanceof JsonScanError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function isAccepted(bytes: Uint8Array): boolean {
  try {
    scan(bytes);
    return true;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return false;
    throw error;
  }
}

/** What the scanner promises to agree with. */
function isParsed(bytes: Uint8Array): boolean {
  if (!isUtf8(bytes)) return false;
  try {
    JSON.parse(Buffer.from(bytes).toString());
    return true;
  } catch {
    return false;
  }
}

const bytes = (...values: number[]) => Uint8Array.from(values);

const GOOD: [about: string, content: Printed][] = [
  ['an empty object', '{}'],
  ['an empty array', '[]'],
  ['empty containers with white space inside', '[ { } , [ \n ] ]'],
  ['all white space there is', ' \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n'],
  ['a long indentation', `[\n${' '.repeat(23)}1\n${' '.repeat(4)}]`],
  ['a lonely number', '42'],
  ['a lonely string', '"asd"'],
  ['a lonely true', 'true'],
  ['a lonely false', 'false'],
  ['a lonely null', 'null'],
  ['zero', '[0]'],
  ['negative zero', '[-0]'],
  ['a negative number', '[-123]'],
  ['a fraction', '[123.456e78]'],
  ['a zero before a fraction', '[0.00001]'],
  ['an exponent after zero', '[0e1]'],
  ['an exponent with a plus', '[1E+2]'],
  ['an exponent with a minus', '[1e-2]'],
  ['a number no double can hold', '[1e400, 12345678901234567890, -1e-400]'],
  ['all simple escapes', '["\\"\\\\\\/\\b\\f\\n\\r\\t"]'],
  ['unicode escapes of either case', '["\\u0041\\uabCD\\uEF09"]'],
  ['an escaped surrogate pair', '["\\ud83d\\ude39"]'],
  ['a lone high surrogate escape', '["\\uD800"]'],
  ['a lone low surrogate escape', '["\\udc00 x"]'],
  ['an escaped null character', '["\\u0000"]'],
  ['two backslashes before the closing quote', '["a\\\\"]'],
  ['a delete character', '["\u007f"]'],
  ['line and paragraph separators', '["\u2028\u2029"]'],
  ['a byte order mark inside a string', '["\ufeff"]'],
  ['characters of one to four bytes', '["aé€😀"]'],
  ['non-characters', '["\ufffe\uffff\u{10ffff}"]'],
  ['an empty name', '{"":0}'],
  ['a name that occurs twice', '{"a":1,"a":2}'],
  ['a name that looks like a comment', '{"/*":"//"}'],
  ['brackets inside strings', '{"]":"}","{":["["]}'],
];

const BAD: [about: string, content: Printed][] = [
  ['nothing', ''],
  ['only white space', ' \n '],
  ['a byte order mark', '\ufeff{}'],
  ['a byte order mark and nothing else', '\ufeff'],
  ['UTF-16', Buffer.from('{}', 'utf16le')],
  ['a byte that is no UTF-8', bytes(0x22, 0xff, 0x22)],
  ['a surrogate encoded as UTF-8', bytes(0x22, 0xed, 0xa0, 0x80, 0x22)],
  ['an overlong character', bytes(0x22, 0xc0, 0xaf, 0x22)],
  ['a character cut short by a quote', bytes(0x22, 0xe2, 0x82, 0x22)],
  ['a lone continuation byte', bytes(0x22, 0x80, 0x22)],
  ['a comma after the last element', '[1,]'],
  ['a comma after the last member', '{"a":1,}'],
  ['a comma before the first element', '[,1]'],
  ['a comma before the first member', '{,"a":1}'],
  ['two commas', '[1,,2]'],
  ['a missing comma', '[1 2]'],
  ['a missing comma between members', '{"a":1 "b":2}'],
  ['a missing colon', '{"a" 1}'],
  ['two colons', '{"a"::1}'],
  ['a colon in an array', '["a":1]'],
  ['a comma for a colon', '{"a",1}'],
  ['a missing value', '{"a":}'],
  ['a name without value', '{"a"}'],
  ['a name without quotes', '{a:1}'],
  ['a number as name', '{1:1}'],
  ['an array as name', '{[]:1}'],
  ['single quotes', "['a']"],
  ['an array left open', '[1'],
  ['an array left open after a comma', '[1,'],
  ['an object left open', '{"a":1'],
  ['an object left open after a comma', '{"a":1,'],
  ['an object left open after a name', '{"a"'],
  ['an object left open after a colon', '{"a":'],
  ['a nested object left open', '{"a":{"b":1'],
  ['a bracket closed by a brace', '[1}'],
  ['a brace closed by a bracket', '{"a":1]'],
  ['a nested brace closed by a bracket', '[{"a":1]]'],
  ['brackets that close in the wrong order', '[{]}'],
  ['a bracket too many', '[1]]'],
  ['a closing bracket alone', ']'],
  ['text after an object', '{} x'],
  ['a second value', '1 2'],
  ['a comma after the value', '{},'],
  ['a comment', '[1]/* x */'],
  ['a line comment', '[1]//'],
  ['a hash comment', '# x\n1'],
  ['a leading zero', '[01]'],
  ['a negative leading zero', '[-01]'],
  ['a plus sign', '[+1]'],
  ['a minus alone', '[-]'],
  ['two minus signs', '[--1]'],
  ['a space after minus', '[- 1]'],
  ['a dot without digits behind', '[1.]'],
  ['a dot without digits before', '[.5]'],
  ['a dot before an exponent', '[1.e1]'],
  ['two dots', '[1.2.3]'],
  ['an exponent without digits', '[1e]'],
  ['an exponent sign without digits', '[1e+]'],
  ['a minus at the end', '-'],
  ['a dot at the end', '1.'],
  ['an exponent at the end', '1e'],
  ['a hexadecimal number', '[0x1]'],
  ['NaN', '[NaN]'],
  ['Infinity', '[-Infinity]'],
  ['fullwidth digits', '[１]'],
  ['a capital literal', '[True]'],
  ['a literal cut short', '[tru]'],
  ['a literal cut short by the end', 'nul'],
  ['a literal with more letters', '[nullx]'],
  ['undefined', 'undefined'],
  ['a string left open', '["a'],
  ['a string left open after an escaped quote', '"\\"'],
  ['a string left open after a backslash', '"\\'],
  ['a line feed in a string', '["a\nb"]'],
  ['a tab in a string', '["a\tb"]'],
  ['a null character in a string', '["a\0b"]'],
  ['a control character in the first four bytes', '"\u001f23456789"'],
  ['a control character in a name', '{"a\u0001":1}'],
  ['an unknown escape', '["\\x41"]'],
  ['an escaped line feed', '["\\\n"]'],
  ['a capital U escape', '["\\U0041"]'],
  ['a unicode escape cut short', '["\\u00a"]'],
  ['a unicode escape cut short by the end', '"\\u00a'],
  ['a unicode escape that is not hexadecimal', '["\\u00g0"]'],
  ['a unicode escape with a sign', '["\\u+041"]'],
  ['a form feed as white space', '[\f1]'],
  ['a vertical tab as white space', '[\v1]'],
  ['a no-break space as white space', '[\u00a01]'],
  ['a null character behind the value', '1\0'],
  ['an escape outside strings', '[\\n]'],
];

describe('what scanJson accepts', () => {
  it.each(GOOD)('%s', (_about, content) => {
    const { start, end } = scan(content);
    expect(isParsed(inContext(content))).toBe(true);
    expect(Buffer.from(content).toString().trim()).toBe(inContext(content).toString('utf8', start, end));
  });
});

describe('what scanJson refuses', () => {
  it.each(BAD)('%s', (_about, content) => {
    expect(failure(content)).toBeInstanceOf(JsonSyntaxError);
    expect(isParsed(inContext(content))).toBe(false);
  });
});

describe('the answer of scanJson', () => {
  it('holds the span of each member, byte for byte', () => {
    const body = '{ "title" : "é" ,\n"config":\t{ "b":1e400, "a": [ ] } , "n":null}';
    const answer = scan(body);
    const spans = answer.members.map((m) => [m.key, inContext(body).toString('utf8', m.start, m.end)]);
    expect(answer).toMatchObject({
      kind: 'object',
      start: 0,
      end: Buffer.byteLength(body),
      truncated: false,
    });
    expect(spans).toEqual([
      ['title', '"é"'],
      ['config', '{ "b":1e400, "a": [ ] }'],
      ['n', 'null'],
    ]);
  });

  it('decodes names', () => {
    const names = scan(
      '{"con\\u0066ig":1,"\\"\\\\":2,"\\ud83d\\ude39":3,"\\ud800":4,"__proto__":5,"é":6}',
    ).members;
    expect(names.map((m) => m.key)).toEqual(['config', '"\\', '😹', '\ud800', '__proto__', 'é']);
  });

  it('lists a name twice that occurs twice, however it is spelt', () => {
    expect(scan('{"a":1,"\\u0061":2}').members).toEqual([
      { key: 'a', start: 5, end: 6 },
      { key: 'a', start: 16, end: 17 },
    ]);
  });

  it('lists no members of anything but the outermost object', () => {
    expect(scan(' [{"a":1}] ')).toEqual({ kind: 'array', start: 1, end: 10, members: [], truncated: false });
    expect(scan('{"a":{"b":1}}').members).toEqual([{ key: 'a', start: 5, end: 12 }]);
  });

  it('stops listing at the limit and says so, but checks what follows', () => {
    expect(scan('{"a":1,"b":2}', 1, 2)).toMatchObject({
      members: [{ key: 'a' }, { key: 'b' }],
      truncated: false,
    });
    expect(scan('{"a":1,"b":2}', 1, 1)).toMatchObject({ members: [{ key: 'a' }], truncated: true });
    expect(() => scan('{"a":1,"b":2,}', 1, 1)).toThrow(JsonSyntaxError);
  });

  it('lists 100 members when no limit is given', () => {
    const members = (count: number) => `{${Array.from({ length: count }, (_, i) => `"${i}":0`).join()}}`;
    expect(scan(members(100))).toMatchObject({ members: { length: 100 }, truncated: false });
    expect(scan(members(101))).toMatchObject({ members: { length: 100 }, truncated: true });
  });

  it.each([
    ['{}', 'object'],
    ['[]', 'array'],
    ['""', 'string'],
    ['-1', 'number'],
    ['0', 'number'],
    ['true', 'boolean'],
    ['false', 'boolean'],
    ['null', 'null'],
  ])('tells the kind of %s', (value, kind) => {
    const body = inContext(`\n{"a":${value}}`);
    const member = scan(body).members[0];
    expect(scan(`\n${value}`).kind).toBe(kind);
    expect(jsonKindAt(body, member?.start ?? -1)).toBe(kind);
  });

  it.each([0, 1, 99])('tells no kind where no value begins (offset %d)', (offset) => {
    expect(() => jsonKindAt(inContext(' :'), offset)).toThrow(JsonSyntaxError);
  });
});

describe('the depth', () => {
  it.each([
    ['1', 0],
    ['[]', 1],
    ['{}', 1],
    ['{"a":1}', 1],
    ['[[],[],[]]', 2],
    ['{"a":[],"b":{"c":{}}}', 3],
  ])('of %s is %d', (content, depth) => {
    expect(() => scan(content, depth)).not.toThrow();
    if (depth > 0) expect(failure(content, depth - 1)).toBeInstanceOf(JsonDepthError);
  });

  it('is reported with the place of the bracket that opens too deep', () => {
    const error = failure('{"a":\n [[1]]}', 2);
    expect(error).toBeInstanceOf(JsonDepthError);
    expect(error).toMatchObject({
      offset: 8,
      reason: 'Line 2, column 3: nested deeper than the allowed depth of 2.',
    });
  });

  it('has no bearing on brackets inside strings', () => {
    expect(() => scan('["[[[[{{{{"]', 1)).not.toThrow();
  });

  it('allows no container when the limit is not a number', () => {
    expect(failure('[]', NaN)).toBeInstanceOf(JsonDepthError);
    expect(failure('{}', NaN)).toBeInstanceOf(JsonDepthError);
  });

  it('is limited by nothing but the limit', () => {
    const levels = 100_000;
    expect(failure('['.repeat(levels), 256)).toMatchObject({ offset: 256 });
    expect(failure('{"":'.repeat(levels), levels)).toMatchObject({ offset: 4 * levels });
    expect(() => scan('['.repeat(levels) + ']'.repeat(levels), levels)).not.toThrow();
  });
});

describe('the error', () => {
  it.each<[Printed, number, string]>([
    ['', 0, 'Line 1, column 1: the text is empty, a JSON value is expected.'],
    ['\ufeff1', 0, 'Line 1, column 1: the text must not begin with a byte order mark.'],
    ['{"a":1,\n "b":tru}', 13, 'Line 2, column 6: a value is expected.'],
    ['{"é€😀" 1}', 13, 'Line 1, column 8: a colon is expected.'],
    ['{"a":1]', 6, 'Line 1, column 7: a comma or a closing brace is expected.'],
    ['[1\n', 3, 'Line 2, column 1: the text ends, but a comma or a closing bracket is expected.'],
    ['{,}', 1, 'Line 1, column 2: a member name in double quotes is expected.'],
    ['"a\tb"', 2, 'Line 1, column 3: a control character inside a string must be escaped.'],
    [
      '"\\',
      2,
      'Line 1, column 3: the text ends, but one of " \\ / b f n r t u after a backslash is expected.',
    ],
    ['"\\u12"', 5, 'Line 1, column 6: a hexadecimal digit of a \\u escape is expected.'],
    ['"abc', 4, 'Line 1, column 5: the text ends, but the closing quote of a string is expected.'],
    ['1.x', 2, 'Line 1, column 3: a digit is expected.'],
    ['{} x', 3, 'Line 1, column 4: the text goes on after the end of the JSON value.'],
    [
      '{}\r\n{}',
      4,
      'Line 2, column 1: a second JSON value follows the first without a comma; if these are two documents, send each in a request of its own.',
    ],
    [
      '{"config":{}{}}',
      12,
      'Line 1, column 13: a second JSON value follows the first without a comma; if these are two documents, send each in a request of its own.',
    ],
    ['{"config":\ufeff{}}', 10, 'Line 1, column 11: a byte order mark stands before the value; take it out.'],
    [bytes(0x22, 0x0a, 0xff), 2, 'Line 2, column 1: the bytes are not valid UTF-8.'],
    [bytes(0x22, 0xef, 0xbf), 3, 'Line 1, column 3: the bytes are not valid UTF-8.'],
  ])('of %j names the place and the fault', (content, offset, reason) => {
    expect(failure(content)).toMatchObject({ name: 'JsonSyntaxError', offset, reason, message: reason });
  });

  it.each([0, 4093, 4094, 4095, 4096, 4097, 50_000])('finds broken UTF-8 behind %d characters', (count) => {
    for (const character of ['a', 'é', '€', '😀']) {
      const valid = Buffer.from(`"${character.repeat(count)}`);
      expect(failure(Buffer.concat([valid, bytes(0xff, 0x22)])).offset).toBe(valid.length);
    }
  });
});

const RUNS = { numRuns: 3000 };

/** JSON values as entries of an object, names free to occur twice. */
const entries = fc.array(
  fc.tuple(fc.string({ unit: anyCharacter }), fc.jsonValue({ maxDepth: 4, stringUnit: anyCharacter })),
  { maxLength: 6 },
);

const spaces = fc.array(fc.constantFrom('', ' ', '\n', '\t', '\r\n', '\n    ', '         '), {
  minLength: 1,
  maxLength: 20,
});

/** Prints like JSON.stringify, but takes its white space from `spaces`, over and over, and escapes every `escapeNth` character. */
class Printer {
  private count = 0;

  constructor(
    private readonly spaces: string[],
    private readonly escapeNth: number,
  ) {}

  object(members: [string, unknown][]): string {
    return this.list(
      '{',
      '}',
      members,
      ([key, value]) => `${this.string(key)}${this.space()}:${this.value(value)}`,
    );
  }

  value(value: unknown): string {
    return `${this.space()}${this.bare(value)}${this.space()}`;
  }

  private bare(value: unknown): string {
    if (typeof value === 'string') return this.string(value);
    if (Array.isArray(value))
      return this.list('[', ']', value as unknown[], (element) => this.value(element));
    if (typeof value === 'object' && value !== null) return this.object(Object.entries(value));
    return JSON.stringify(value);
  }

  private list<T>(open: string, close: string, items: T[], print: (item: T) => string): string {
    const printed = items.map((item) => `${this.space()}${print(item)}${this.space()}`);
    return `${open}${printed.join(',') || this.space()}${close}`;
  }

  private string(value: string): string {
    const print = (unit: string, i: number) =>
      (i + 1) % this.escapeNth === 0
        ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
        : JSON.stringify(unit).slice(1, -1);
    return `"${value.split('').map(print).join('')}"`;
  }

  private space(): string {
    return this.spaces[this.count++ % this.spaces.length] ?? '';
  }
}

const printedObjects = fc
  .tuple(entries, spaces, fc.integer({ min: 1, max: 20 }))
  .map(([members, space, escapeNth]) => ({ members, text: new Printer(space, escapeNth).object(members) }));

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** The bytes with some of them replaced, deleted or preceded by others. */
function mutated(bytes: Uint8Array, mutations: { at: number; remove: number; insert: number[] }[]): Buffer {
  const result = [...bytes];
  for (const { at, remove, insert } of mutations) result.splice(at % (result.length + 1), remove, ...insert);
  return Buffer.from(result);
}

const likelyBytes = fc.constantFrom(
  ...Buffer.from('{}[]",:\\/ \n\t0123456789+-.eEuabtrfnls\0\u001f\ufeffé€'),
);

const mutations = fc.array(
  fc.record({
    at: fc.nat(),
    remove: fc.integer({ min: 0, max: 2 }),
    insert: fc.array(fc.oneof(likelyBytes, fc.integer({ min: 0, max: 255 })), { maxLength: 2 }),
  }),
  { minLength: 1, maxLength: 3 },
);

const fragments = fc.constantFrom(
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '""',
    '"a"',
    '"a":',
    '\\',
    '\\n',
    '\\u00',
    '\\ud800',
    ' ',
    '\n',
    '    ',
  ],
  ...[
    '0',
    '1',
    '-',
    '+',
    '.',
    '.5',
    'e',
    'E+',
    'true',
    'false',
    'null',
    'nul',
    'a',
    '\t',
    '\u001f',
    '\ufeff',
    'é',
  ],
);

describe('scanJson, whatever the text,', () => {
  it('finds the members of any object, however it is printed', () => {
    fc.assert(
      fc.property(printedObjects, ({ members, text }) => {
        const answer = scan(text);
        const found = answer.members.map(
          (m) => [m.key, inContext(text).toString('utf8', m.start, m.end)] as const,
        );
        expect(found.map(([key]) => key)).toEqual(members.map(([key]) => key));
        found.forEach(([, span], i) => {
          expect(span).toBe(span.trim());
          expect(JSON.stringify(JSON.parse(span))).toBe(JSON.stringify(members[i]?.[1]));
        });
      }),
      RUNS,
    );
  });

  it('accepts a depth of as many brackets as are open, and no less', () => {
    fc.assert(
      fc.property(printedObjects, ({ members, text }) => {
        const depth = 1 + Math.max(0, ...members.map(([, value]) => depthOf(value)));
        expect(() => scan(text, depth)).not.toThrow();
        expect(failure(text, depth - 1)).toBeInstanceOf(JsonDepthError);
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with JSON.parse on damaged JSON', () => {
    fc.assert(
      fc.property(printedObjects, mutations, ({ text }, changes) => {
        const damaged = mutated(Buffer.from(text), changes);
        expect(isAccepted(damaged)).toBe(isParsed(damaged));
      }),
      RUNS,
    );
  });

  it('agrees with JSON.parse on fragments of JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: fragments, maxLength: 12 }), (text) => {
        expect(isAccepted(Buffer.from(text))).toBe(isParsed(Buffer.from(text)));
      }),
      RUNS,
    );
  });

  it('agrees with JSON.parse on any text, alone and inside quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        for (const content of [text, `"${text}"`]) {
          expect(isAccepted(Buffer.from(content))).toBe(isParsed(Buffer.from(content)));
        }
      }),
      RUNS,
    );
  });

  it('agrees with JSON.parse on any bytes, alone and inside quotes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (content) => {
        const quoted = Buffer.concat([bytes(0x22), content, bytes(0x22)]);
        expect(isAccepted(content)).toBe(isParsed(content));
        expect(isAccepted(quoted)).toBe(isParsed(quoted));
      }),
      RUNS,
    );
  });

  it('agrees with JSON.parse on every ASCII character at every kind of place', () => {
    const places: ((c: string) => string)[] = [
      (c) => c,
      (c) => `"${c}"`,
      (c) => `"\\${c}"`,
      (c) => `"\\u00${c}0"`,
      (c) => `[${c}]`,
      (c) => `[1${c}1]`,
      (c) => `{"a"${c}1}`,
      (c) => `{"a":1${c}"b":1}`,
      (c) => `1e${c}1`,
      (c) => `-${c}`,
    ];
    for (const place of places) {
      for (let code = 0; code < 128; code++) {
        const content = place(String.fromCharCode(code));
        expect([content, isAccepted(Buffer.from(content))]).toEqual([
          content,
          isParsed(Buffer.from(content)),
        ]);
      }
    }
  });

  it('finds the end of a string at any place of any length', () => {
    for (let length = 0; length < 24; length++) {
      for (let at = 0; at < length; at++) {
        for (const special of ['"', '\\', '\n', '\\n', '!', '#', '[', ']', '\u007f', '\u0080', 'é']) {
          const content = `"${'a'.repeat(at)}${special}${'a'.repeat(length - at)}"`;
          expect([content, isAccepted(Buffer.from(content))]).toEqual([
            content,
            isParsed(Buffer.from(content)),
          ]);
        }
      }
    }
  });

  it('points into the text when it refuses it', () => {
    fc.assert(
      fc.property(printedObjects, mutations, ({ text }, changes) => {
        const damaged = mutated(Buffer.from(text), changes);
        fc.pre(!isParsed(damaged));
        const { offset } = failure(damaged);
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThanOrEqual(damaged.length);
      }),
      { numRuns: 500 },
    );
  });
});
