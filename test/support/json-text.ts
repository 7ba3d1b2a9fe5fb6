import fc from 'fast-check';
import { anyCharacter } from './any-character';

const BLANKS = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n', '    ', ' \t\n\r ');

const NUMBERS = fc.oneof(
  fc.constantFrom(
    ...[
      '0',
      '-0',
      '-0.0',
      '1.0',
      '1.10',
      '0.1e1',
      '1e400',
      '-1e400',
      '1E5',
      '1e+05',
      '1e-0',
      '5e-324',
      '1e-999',
    ],
    ...['12345678901234567890', '9007199254740993', '-9223372036854775809', `1${'0'.repeat(400)}`],
    ...['0.30000000000000004', '3.141592653589793238462643383279', '0.000', '123456789.123456789123456789'],
  ),
  fc.maxSafeInteger().map(String),
  fc.tuple(fc.integer(), fc.stringMatching(/^[0-9]{1,30}$/)).map(([whole, digits]) => `${whole}.${digits}`),
);

const ESCAPES = fc.oneof(
  fc.constantFrom(
    '\\"',
    '\\\\',
    '\\/',
    '\\b',
    '\\f',
    '\\n',
    '\\r',
    '\\t',
    '\\u0000',
    '\\u0041',
    '\\u00e9',
    '\\u00E9',
  ),
  fc.constantFrom('\\ud800', '\\udc00', '\\ud83d\\ude00', '\\uDE00\\uD83D', '\\u2028', '\\ufeff', '\\uffff'),
  fc.stringMatching(/^[0-9a-fA-F]{4}$/).map((hex) => `\\u${hex}`),
);

const LETTERS = fc.oneof(
  fc
    .string({ unit: anyCharacter, maxLength: 8 })
    .map((text) => [...text].filter((letter) => letter >= ' ' && letter !== '"' && letter !== '\\').join('')),
  fc.constantFrom(
    'a',
    ' ',
    '/',
    'é',
    'e\u0301',
    '\u007f',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\ufffd',
    '漢字',
    '😀',
    'ﷺ',
    '}',
    ']',
    ',',
  ),
);

const STRINGS = fc
  .array(fc.oneof(LETTERS, LETTERS, ESCAPES), { maxLength: 6 })
  .map((parts) => `"${parts.join('')}"`);

const NAMES = fc.oneof(
  STRINGS,
  fc.constantFrom(
    '"a"',
    '"b"',
    '""',
    '"__proto__"',
    '"constructor"',
    '"toString"',
    '"length"',
    '"config"',
    '"title"',
  ),
  fc.constantFrom('"id"', '"nodes"', '"conf\\u0069g"', '"\\u005f_proto__"', '"0"', '"-0"', '"1e3"'),
);

/** A list of parts in the given brackets, with blanks wherever JSON allows them. */
function list(open: string, close: string, part: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(BLANKS, fc.array(fc.tuple(BLANKS, part, BLANKS), { maxLength: 5 }))
    .map(([blank, parts]) =>
      parts.length === 0
        ? `${open}${blank}${close}`
        : `${open}${parts.map(([before, text, after]) => `${before}${text}${after}`).join(',')}${close}`,
    );
}

/** The text of any JSON object or array: spellings, blanks and doubled names that a parser would tidy up. */
export const anyJsonText: fc.Arbitrary<string> = fc.letrec<{ value: string; container: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.oneof(NUMBERS, STRINGS, fc.constantFrom('true', 'false', 'null')),
    tie('container'),
  ),
  container: fc.oneof(
    list('[', ']', tie('value')),
    list(
      '{',
      '}',
      fc
        .tuple(NAMES, BLANKS, BLANKS, tie('value'))
        .map(([name, before, after, value]) => `${name}${before}:${after}${value}`),
    ),
  ),
})).container;

/** The text of containers inside one another, `depth` of them. */
export function nested(depth: number, object: (level: number) => boolean = () => false): string {
  const levels = Array.from({ length: depth }, (_, level) => (object(level) ? ['{"a":', '}'] : ['[', ']']));
  const innermost = object(depth - 1) ? '0' : '';
  const open = levels.map(([opening]) => opening).join('');
  return `${open}${innermost}${levels
    .reverse()
    .map(([, closing]) => closing)
    .join('')}`;
}
