import { isUtf8 } from 'node:buffer';
import { JsonSyntaxError, isContinuation, locate } from './json-scan-errors';

export const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** Throws JsonSyntaxError if the bytes are not UTF-8 or begin with a byte order mark. */
export function checkEncoding(bytes: Uint8Array): void {
  if (!isUtf8(bytes)) fail(bytes, firstBadUtf8(bytes), 'the bytes are not valid UTF-8');
  if (BYTE_ORDER_MARK.equals(bytes.subarray(0, BYTE_ORDER_MARK.length))) {
    fail(bytes, 0, 'the text must not begin with a byte order mark');
  }
}

/** The offset of the first byte that is not UTF-8. Checks chunks, because only the invalid one needs a close look. */
function firstBadUtf8(bytes: Uint8Array): number {
  let start = 0;
  let end = chunkEnd(bytes, start);
  while (end < bytes.length && isUtf8(bytes.subarray(start, end))) {
    start = end;
    end = chunkEnd(bytes, start);
  }
  return start + firstReplaced(bytes.subarray(start, end));
}

/** The end of the next chunk, not in the middle of a character. */
function chunkEnd(bytes: Uint8Array, start: number): number {
  let end = start + 4096;
  for (let i = 0; i < 3 && isContinuation(bytes[end]); i++) end--;
  return end;
}

/** The index of the first byte that decoding replaces with (a part of) U+FFFD. */
function firstReplaced(bytes: Uint8Array): number {
  const repaired = Buffer.from(Buffer.from(bytes).toString());
  const index = bytes.findIndex((byte, i) => byte !== repaired[i]);
  return index === -1 ? bytes.length : index; // -1: cut inside a character that begins like U+FFFD
}

function fail(bytes: Uint8Array, offset: number, problem: string): never {
  throw new JsonSyntaxError(offset, locate(bytes, offset, problem));
}
