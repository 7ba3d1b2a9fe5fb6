const LINE_FEED = 0x0a;

/** Why bytes were refused. `reason` (also the message) is a sentence for people and quotes no part of the text. */
export abstract class JsonScanError extends Error {
  constructor(
    /** The byte offset of the error; the length of the text if it ends too early. */
    readonly offset: number,
    readonly reason: string,
  ) {
    super(reason);
    this.name = new.target.name;
  }
}

/** The bytes are not JSON: not UTF-8, with a byte order mark, or with a syntax error. */
export class JsonSyntaxError extends JsonScanError {}

/** An object or array is nested deeper than allowed. The text after it was not checked. */
export class JsonDepthError extends JsonScanError {}

/** The problem with its place: lines and columns count from 1, columns in characters, as editors show them. */
export function locate(bytes: Uint8Array, offset: number, problem: string): string {
  let line = 1;
  let column = 1;
  for (let i = 0; i < offset; i++) {
    const byte = bytes[i];
    if (byte === LINE_FEED) {
      line++;
      column = 1;
    } else if (!isContinuation(byte)) {
      column++;
    }
  }
  return `Line ${line}, column ${column}: ${problem}.`;
}

/** Whether a byte continues a character of UTF-8. */
export function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
