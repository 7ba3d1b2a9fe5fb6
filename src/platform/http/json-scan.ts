import { isUtf8 } from 'node:buffer';

/**
 * Checks JSON (RFC 8259) in one pass over its bytes, without building what it describes, and says where the
 * members of the outermost object lie, so that a part of a request body can be kept exactly as it was sent.
 *
 * This runs on the main thread for every write, so the inner loops look at four bytes at a time and recursion
 * is avoided: the cost is linear in the bytes, whatever they are.
 */

/** A member of the outermost object. `start` and `end` (exclusive) are the byte offsets of its value. */
export interface JsonMember {
  /** The name with its escapes decoded: `"con\u0066ig"` is `config`. */
  key: string;
  start: number;
  end: number;
}

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

export interface JsonScan {
  kind: JsonKind;
  /** The byte offsets of the outermost value, `end` exclusive, without the white space around it. */
  start: number;
  end: number;
  /** The members of the outermost value in the order of the text, duplicate names included; empty unless it is an object. */
  members: JsonMember[];
  /** Whether the object has more members than were listed (see `maxMembers`). All of the text was checked even so. */
  truncated: boolean;
}

export interface JsonScanOptions {
  /** How many objects and arrays may be open at once: `[[1]]` needs 2, a bare `1` needs 0. */
  maxDepth: number;
  /** How many members of the outermost object are listed at most; 100 when left out. */
  maxMembers?: number;
}

/** Why bytes were refused. `reason` (also the message) is a sentence for people and quotes nothing of the text. */
export abstract class JsonScanError extends Error {
  constructor(
    /** The byte offset of the fault; the length of the text when the text ends too early. */
    readonly offset: number,
    readonly reason: string,
  ) {
    super(reason);
    this.name = new.target.name;
  }
}

/** The bytes are not JSON: not UTF-8, led by a byte order mark, or against the grammar. */
export class JsonSyntaxError extends JsonScanError {}

/** An object or array opens below the allowed depth. What follows it has not been looked at. */
export class JsonDepthError extends JsonScanError {}

const DEFAULT_MAX_MEMBERS = 100;

const END = -1; // what `peek` answers behind the last byte
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LOWER_A = 0x61;
const LOWER_E = 0x65;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;
const LOWER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const NO_CONTAINER = 0;

const TO_LOWER_CASE = 0x20; // OR-ed to an ASCII letter
const FOUR_SPACES = 0x20202020;
const SIMPLE_ESCAPES = new Set(Buffer.from('"\\/bfnrt'));
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/**
 * Checks that `bytes` are one JSON value, surrounded by nothing but white space, in UTF-8 without a byte order
 * mark; accepts exactly what `JSON.parse` accepts of the decoded text, as long as it is not nested too deep.
 * Names that occur twice are legal JSON and listed twice: what they mean is for the caller to decide.
 *
 * @throws {JsonSyntaxError} when the bytes are not JSON
 * @throws {JsonDepthError} when they are nested deeper than `maxDepth`
 */
export function scanJson(bytes: Uint8Array, options: JsonScanOptions): JsonScan {
  const { maxDepth, maxMembers = DEFAULT_MAX_MEMBERS } = options;
  const text = textOf(bytes);
  checkEncoding(text);
  const start = skipSpace(text, 0);
  if (start === bytes.length) fail(text, start, 'the text is empty, a JSON value is expected');
  const kind = jsonKindAt(bytes, start);
  const outermost =
    kind === 'object'
      ? scanMembers(text, start, maxDepth, maxMembers)
      : { end: valueEnd(text, start, 0, maxDepth), members: [], truncated: false };
  const rest = skipSpace(text, outermost.end);
  if (rest < bytes.length) fail(text, rest, opensValue(text, rest) ? SECOND_DOCUMENT : GOES_ON);
  return { kind, start, ...outermost };
}

/**
 * The kind of the value that begins at the byte offset `start`, told by its first byte alone, as it can be for
 * every `start` that `scanJson` has answered.
 *
 * @throws {JsonSyntaxError} when no value can begin with that byte
 */
export function jsonKindAt(bytes: Uint8Array, start: number): JsonKind {
  const first = bytes[start] ?? END;
  switch (first) {
    case OPEN_BRACE:
      return 'object';
    case OPEN_BRACKET:
      return 'array';
    case QUOTE:
      return 'string';
    case LOWER_T:
    case LOWER_F:
      return 'boolean';
    case LOWER_N:
      return 'null';
    default:
      if (first === MINUS || isDigit(first)) return 'number';
      return failExpected(textOf(bytes), start, 'a value');
  }
}

/** What is scanned. `end` is its length: to ask the view for it at every byte would more than halve the speed. */
interface Text {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly end: number;
}

function textOf(bytes: Uint8Array): Text {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes, view, end: bytes.length };
}

/** Reads the outermost object, which opens at `start`. */
function scanMembers(
  text: Text,
  start: number,
  maxDepth: number,
  maxMembers: number,
): Pick<JsonScan, 'end' | 'members' | 'truncated'> {
  checkDepth(text, start, 0, maxDepth);
  const members: JsonMember[] = [];
  let truncated = false;
  let pos = skipSpace(text, start + 1);
  if (peek(text, pos) === CLOSE_BRACE) return { end: pos + 1, members, truncated };
  for (;;) {
    const keyStart = pos;
    const keyEnd = nameEnd(text, keyStart);
    const valueStart = skipColon(text, keyEnd);
    const end = valueEnd(text, valueStart, 1, maxDepth);
    if (members.length < maxMembers) {
      members.push({ key: decodeString(text, keyStart, keyEnd), start: valueStart, end });
    } else {
      truncated = true;
    }
    pos = skipSpace(text, end);
    const next = peek(text, pos);
    if (next === CLOSE_BRACE) return { end: pos + 1, members, truncated };
    if (next !== COMMA) failAfterElement(text, pos, CLOSE_BRACE);
    pos = skipSpace(text, pos + 1);
  }
}

/**
 * The end of the value that begins at `pos`, with `depth` containers open around it. The open containers are
 * kept as a stack of the bytes that close them, because recursion could be made to overflow.
 */
function valueEnd(text: Text, pos: number, depth: number, maxDepth: number): number {
  const open: number[] = [];
  let closer = NO_CONTAINER;
  nextValue: for (;;) {
    const first = peek(text, pos);
    if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      checkDepth(text, pos, depth + open.length, maxDepth);
      closer = first === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
      open.push(closer);
      pos = skipSpace(text, pos + 1);
      if (peek(text, pos) !== closer) {
        if (closer === CLOSE_BRACE) pos = skipColon(text, nameEnd(text, pos));
        continue nextValue;
      }
    } else {
      pos = scalarEnd(text, pos, first);
    }
    while (closer !== NO_CONTAINER) {
      pos = skipSpace(text, pos);
      const next = peek(text, pos);
      if (next === COMMA) {
        pos = skipSpace(text, pos + 1);
        if (closer === CLOSE_BRACE) pos = skipColon(text, nameEnd(text, pos));
        continue nextValue;
      }
      if (next !== closer) failAfterElement(text, pos, closer);
      pos++;
      open.pop();
      closer = open.at(-1) ?? NO_CONTAINER;
    }
    return pos;
  }
}

function scalarEnd(text: Text, pos: number, first: number): number {
  switch (first) {
    case QUOTE:
      return stringEnd(text, pos);
    case LOWER_T:
      return literalEnd(text, pos, 'true');
    case LOWER_F:
      return literalEnd(text, pos, 'false');
    case LOWER_N:
      return literalEnd(text, pos, 'null');
    default:
      if (first === MINUS || isDigit(first)) return numberEnd(text, pos);
      return failExpected(text, pos, 'a value');
  }
}

/** Refuses a container at `pos` with `depth` others open around it; a limit that is not a number allows none. */
function checkDepth(text: Text, pos: number, depth: number, maxDepth: number): void {
  if (depth < maxDepth) return;
  throw new JsonDepthError(pos, sentence(text, pos, `nested deeper than the allowed depth of ${maxDepth}`));
}

function nameEnd(text: Text, pos: number): number {
  if (peek(text, pos) !== QUOTE) failExpected(text, pos, 'a member name in double quotes');
  return stringEnd(text, pos);
}

/** From the end of a member's name to the start of its value. */
function skipColon(text: Text, pos: number): number {
  const colon = skipSpace(text, pos);
  if (peek(text, colon) !== COLON) failExpected(text, colon, 'a colon');
  return skipSpace(text, colon + 1);
}

function skipSpace(text: Text, pos: number): number {
  const lastWord = text.end - 4;
  for (;;) {
    const byte = peek(text, pos);
    if (byte !== SPACE && byte !== LINE_FEED && byte !== CARRIAGE_RETURN && byte !== TAB) return pos;
    pos++;
    while (pos <= lastWord && text.view.getInt32(pos, true) === FOUR_SPACES) pos += 4;
  }
}

/** From the opening quote at `pos` to behind the closing one. */
function stringEnd(text: Text, pos: number): number {
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

function numberEnd(text: Text, pos: number): number {
  if (peek(text, pos) === MINUS) pos++;
  pos = peek(text, pos) === DIGIT_0 ? pos + 1 : digitsEnd(text, pos); // a leading zero stands alone
  if (peek(text, pos) === DOT) pos = digitsEnd(text, pos + 1);
  if ((peek(text, pos) | TO_LOWER_CASE) !== LOWER_E) return pos;
  const sign = peek(text, pos + 1);
  return digitsEnd(text, sign === PLUS || sign === MINUS ? pos + 2 : pos + 1);
}

/** Behind one or more digits. */
function digitsEnd(text: Text, start: number): number {
  let pos = start;
  while (isDigit(peek(text, pos))) pos++;
  if (pos === start) failExpected(text, pos, 'a digit');
  return pos;
}

function literalEnd(text: Text, pos: number, literal: string): number {
  for (let i = 1; i < literal.length; i++) {
    if (peek(text, pos + i) !== literal.charCodeAt(i)) failExpected(text, pos, 'a value');
  }
  return pos + literal.length;
}

function isDigit(byte: number): boolean {
  return byte >= DIGIT_0 && byte <= DIGIT_9;
}

function isHexDigit(byte: number): boolean {
  const lower = byte | TO_LOWER_CASE;
  return isDigit(byte) || (lower >= LOWER_A && lower <= LOWER_F);
}

function peek(text: Text, pos: number): number {
  return pos < text.end ? text.view.getUint8(pos) : END;
}

/** The value of a string that was scanned already, quotes included in the span. */
function decodeString(text: Text, start: number, end: number): string {
  return String(JSON.parse(Buffer.from(text.bytes.subarray(start, end)).toString()));
}

function checkEncoding(text: Text): void {
  const { bytes } = text;
  if (!isUtf8(bytes)) fail(text, firstBadUtf8(bytes), 'the bytes are not valid UTF-8');
  if (BYTE_ORDER_MARK.equals(bytes.subarray(0, BYTE_ORDER_MARK.length))) {
    fail(text, 0, 'the text must not begin with a byte order mark');
  }
}

/** Where bytes that are known not to be UTF-8 go wrong; by chunks, because only the faulty one needs a close look. */
function firstBadUtf8(bytes: Uint8Array): number {
  let start = 0;
  let end = chunkEnd(bytes, start);
  while (end < bytes.length && isUtf8(bytes.subarray(start, end))) {
    start = end;
    end = chunkEnd(bytes, start);
  }
  return start + firstReplaced(bytes.subarray(start, end));
}

/** Far enough behind `start`, but not amid a character. */
function chunkEnd(bytes: Uint8Array, start: number): number {
  let end = start + 4096;
  for (let i = 0; i < 3 && isContinuation(bytes[end]); i++) end--;
  return end;
}

/** The index of the first byte that decoding replaces by (a part of) U+FFFD. */
function firstReplaced(bytes: Uint8Array): number {
  const repaired = Buffer.from(Buffer.from(bytes).toString());
  const index = bytes.findIndex((byte, i) => byte !== repaired[i]);
  return index === -1 ? bytes.length : index; // -1: cut inside a character that begins like U+FFFD
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function failAfterElement(text: Text, pos: number, closer: number): never {
  if (opensValue(text, pos)) return fail(text, pos, SECOND_DOCUMENT);
  return failExpected(text, pos, `a comma or a closing ${closer === CLOSE_BRACE ? 'brace' : 'bracket'}`);
}

const GOES_ON = 'the text goes on after the end of the JSON value';
const SECOND_DOCUMENT =
  'a second JSON value follows the first without a comma; if these are two documents, send each in a request of its own';

function opensValue(text: Text, pos: number): boolean {
  const byte = peek(text, pos);
  return byte === OPEN_BRACE || byte === OPEN_BRACKET;
}

function failExpected(text: Text, pos: number, expected: string): never {
  if (BYTE_ORDER_MARK.every((byte, index) => peek(text, pos + index) === byte))
    return fail(text, pos, 'a byte order mark stands before the value; take it out');
  return fail(text, pos, `${pos < text.end ? '' : 'the text ends, but '}${expected} is expected`);
}

function fail(text: Text, offset: number, problem: string): never {
  throw new JsonSyntaxError(offset, sentence(text, offset, problem));
}

/** Lines and columns count from 1, columns in characters, as editors show them. */
function sentence(text: Text, offset: number, problem: string): string {
  let line = 1;
  let column = 1;
  for (let i = 0; i < offset; i++) {
    const byte = peek(text, i);
    if (byte === LINE_FEED) {
      line++;
      column = 1;
    } else if (!isContinuation(byte)) {
      column++;
    }
  }
  return `Line ${line}, column ${column}: ${problem}.`;
}
