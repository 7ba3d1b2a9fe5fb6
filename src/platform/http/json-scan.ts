import { checkEncoding } from './json-encoding';
import { JsonDepthError, locate } from './json-scan-errors';
import { decodeString, stringEnd } from './json-string';
import { END, fail, failExpected, peek, textOf, type Text } from './json-text';

export { JsonDepthError, JsonScanError, JsonSyntaxError } from './json-scan-errors';

/**
 * Checks JSON (RFC 8259) in one pass over its bytes, without building a value, and finds the members of the outermost
 * object, so that a part of a request body can be stored exactly as it was sent.
 *
 * This runs on the main thread for every write. The inner loops read four bytes at a time and nothing recurses: the
 * cost is linear in the bytes, whatever they are.
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

const DEFAULT_MAX_MEMBERS = 100;

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
const CLOSE_BRACKET = 0x5d;
const LOWER_E = 0x65;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const NO_CONTAINER = 0;

const TO_LOWER_CASE = 0x20; // OR-ed to an ASCII letter
const FOUR_SPACES = 0x20202020;

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
  checkEncoding(bytes);
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
  throw new JsonDepthError(
    pos,
    locate(text.bytes, pos, `nested deeper than the allowed depth of ${maxDepth}`),
  );
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
