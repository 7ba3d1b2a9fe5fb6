import { BYTE_ORDER_MARK } from './json-encoding';
import { JsonSyntaxError, locate } from './json-scan-errors';

/** What `peek` returns after the last byte. */
export const END = -1;

/** The bytes to scan. `end` is their length: reading it from the view for each byte would take twice the time. */
export interface Text {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly end: number;
}

export function textOf(bytes: Uint8Array): Text {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes, view, end: bytes.length };
}

export function peek(text: Text, pos: number): number {
  return pos < text.end ? text.view.getUint8(pos) : END;
}

export function failExpected(text: Text, pos: number, expected: string): never {
  if (BYTE_ORDER_MARK.every((byte, index) => peek(text, pos + index) === byte))
    return fail(text, pos, 'a byte order mark stands before the value; take it out');
  return fail(text, pos, `${pos < text.end ? '' : 'the text ends, but '}${expected} is expected`);
}

export function fail(text: Text, offset: number, problem: string): never {
  throw new JsonSyntaxError(offset, locate(text.bytes, offset, problem));
}
