const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING = new Set([0x5b, 0x7b]);

/**
 * About how many values a JSON text has: its commas, arrays and objects, without those in strings. Stops at `most` and
 * returns a number above it.
 */
export function countValues(bytes: Uint8Array, most: number): number {
  let values = 1;
  for (let at = 0; at < bytes.length && values <= most; at += 1) {
    const byte = bytes[at]!;
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === COMMA || OPENING.has(byte)) values += 1;
  }
  return values;
}

/** Where the string that begins at `start` ends; behind the text if it does not. */
export function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

const BACKSLASH = 0x5c;
