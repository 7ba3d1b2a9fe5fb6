import { END, fail, failExpected, peek, type Text } from './json-text';

const SPACE = 0x20;
const QUOTE = 0x22;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const BACKSLASH = 0x5c;
const LOWER_A = 0x61;
const LOWER_F = 0x66;
const LOWER_U = 0x75;
const TO_LOWER_CASE = 0x20; // OR-ed to an ASCII letter
const SIMPLE_ESCAPES = new Set(Buffer.from('"\\/bfnrt'));

/** The end of the string that begins with the quote at `pos`: after its closing quote. */
export function stringEnd(text: Text, pos: number): number {
  pos++;
  for (;;) {
    pos = plainEnd(text, pos);
    const byte = peek(text, pos);
    if (byte === QUOTE) return pos + 1;
    if (byte === END) failExpected(text, pos, 'the closing quote of a string');
    if (byte !== BACKSLASH) fail(text, pos, 'a control character inside a string must be escaped');
    pos = escapeEnd(text, pos);
  }
}

/**
 * The first quote, backslash or control character from `pos` on, or the end of the text.
 *
 * Four bytes are tried at once. Subtracting n from a byte below n borrows, which sets its highest bit. XOR with
 * 0x02 puts the quote just above the control characters, so that "below 0x21" finds both, and XOR with 0x5c makes
 * the backslash zero. Bytes that had their highest bit from the start are no ASCII and masked out. A borrow may
 * spoil the bytes behind a hit, never the first hit, and that is the one that counts.
 */
function plainEnd(text: Text, pos: number): number {
  const lastWord = text.end - 4;
  while (pos <= lastWord) {
    const word = text.view.getInt32(pos, true);
    const quoteOrControl = (word ^ 0x02020202) - 0x21212121;
    const backslash = (word ^ 0x5c5c5c5c) - 0x01010101;
    const hits = (quoteOrControl | backslash) & ~word & 0x80808080;
    if (hits !== 0) return pos + ((31 - Math.clz32(hits & -hits)) >> 3);
    pos += 4;
  }
  while (pos < text.end && isPlain(text.view.getUint8(pos))) pos++;
  return pos;
}

function isPlain(byte: number): boolean {
  return byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH;
}

function escapeEnd(text: Text, pos: number): number {
  const escaped = peek(text, pos + 1);
  if (SIMPLE_ESCAPES.has(escaped)) return pos + 2;
  if (escaped !== LOWER_U) failExpected(text, pos + 1, 'one of " \\ / b f n r t u after a backslash');
  for (let i = pos + 2; i < pos + 6; i++) {
    if (!isHexDigit(peek(text, i))) failExpected(text, i, 'a hexadecimal digit of a \\u escape');
  }
  return pos + 6;
}

function isHexDigit(byte: number): boolean {
  const lower = byte | TO_LOWER_CASE;
  return (byte >= DIGIT_0 && byte <= DIGIT_9) || (lower >= LOWER_A && lower <= LOWER_F);
}

/** The value of a string that was scanned already. `start` and `end` include its quotes. */
export function decodeString(text: Text, start: number, end: number): string {
  return String(JSON.parse(Buffer.from(text.bytes.subarray(start, end)).toString()));
}
