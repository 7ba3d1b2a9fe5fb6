import { endOfString } from './count-values';

const QUOTE = 0x22;
const COMMA = 0x2c;

/** Where something is in a file, bytes. */
export interface Place {
  start: number;
  end: number;
}

/**
 * Where the items of a JSON array are in its bytes, without the white space around them. `bytes` must be well-formed JSON
 * whose outermost value is an array.
 */
export function splitArray(bytes: Uint8Array): Place[] {
  const items: Place[] = [];
  let depth = 0;
  let start = 0;
  const end = (at: number) => {
    const item = trimmed(bytes, start, at);
    if (item.end > item.start) items.push(item);
    start = at + 1;
  };
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (isOpening(byte) && ++depth === 1) start = at + 1;
    else if (isClosing(byte) && --depth === 0) end(at);
    else if (byte === COMMA && depth === 1) end(at);
  }
  return items;
}

function isOpening(byte: number | undefined): boolean {
  return byte === 0x5b || byte === 0x7b;
}

function isClosing(byte: number | undefined): boolean {
  return byte === 0x5d || byte === 0x7d;
}

function trimmed(bytes: Uint8Array, from: number, to: number): Place {
  let [start, end] = [from, to];
  while (start < end && isSpace(bytes[start])) start += 1;
  while (end > start && isSpace(bytes[end - 1])) end -= 1;
  return { start, end };
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
