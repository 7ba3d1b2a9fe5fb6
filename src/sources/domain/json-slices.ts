/**
 * Finds, cuts and replaces parts of JSON text by their bytes, so that everything else stays byte for byte. All
 * functions need bytes that are valid JSON (`scanJson`), and read only as much of them as they have to.
 */

/** A value in JSON text: the offsets of its first byte and behind its last one. */
export interface Span {
  start: number;
  end: number;
}

/** A member of an object: its decoded name, where the name starts, and its value. */
export interface MemberSpan extends Span {
  key: string;
  keyStart: number;
}

/** A path to members that are cut: names of members, `*` for each element or member. */
export type CutPath = readonly string[];

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACES = new Set([0x20, 0x0a, 0x0d, 0x09]);

/** The whole value of a text, without the white space around it. */
export function wholeValue(bytes: Uint8Array): Span {
  const start = skipSpace(bytes, 0);
  return { start, end: valueEnd(bytes, start) };
}

/** The members of the object at `start`, duplicates included; none if there is no object. */
export function* membersOf(bytes: Buffer, start: number): Generator<MemberSpan> {
  if (bytes[start] !== OPEN_BRACE) return;
  let at = skipSpace(bytes, start + 1);
  while (bytes[at] === QUOTE) {
    const keyEnd = stringEnd(bytes, at);
    const key = JSON.parse(bytes.toString('utf8', at, keyEnd)) as string;
    const valueStart = skipSpace(bytes, skipSpace(bytes, keyEnd) + 1);
    const end = valueEnd(bytes, valueStart);
    yield { key, keyStart: at, start: valueStart, end };
    at = skipSpace(bytes, end);
    if (bytes[at] !== COMMA) return;
    at = skipSpace(bytes, at + 1);
  }
}

/** The elements of the array at `start`; none if there is no array. */
export function* elementsOf(bytes: Uint8Array, start: number): Generator<Span> {
  if (bytes[start] !== OPEN_BRACKET) return;
  let at = skipSpace(bytes, start + 1);
  while (bytes[at] !== CLOSE_BRACKET) {
    const end = valueEnd(bytes, at);
    yield { start: at, end };
    at = skipSpace(bytes, end);
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1);
  }
}

/** The value at a JSON pointer (RFC 6901) such as `/data/0/name`; `''` is the whole. Of duplicate names the last one counts. */
export function valueAt(bytes: Buffer, pointer: string, within = wholeValue(bytes)): Span | undefined {
  const tokens = pointer === '' ? [] : pointer.slice(1).split('/');
  let found: Span | undefined = within;
  for (const token of tokens) {
    if (!found) return undefined;
    found = childOf(bytes, found, token.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return found;
}

/** The text of a string, number or boolean at a pointer; undefined for anything else. */
export function textAt(bytes: Buffer, pointer: string, within?: Span): string | undefined {
  const found = valueAt(bytes, pointer, within);
  if (!found || bytes[found.start] === OPEN_BRACE || bytes[found.start] === OPEN_BRACKET) return undefined;
  const text = bytes.toString('utf8', found.start, found.end);
  if (bytes[found.start] === QUOTE) return JSON.parse(text) as string;
  return text === 'null' ? undefined : text;
}

/** Whether the value at `start` is an object or an array, as a graph must be. */
export function isContainer(bytes: Uint8Array, start: number): boolean {
  return bytes[start] === OPEN_BRACE || bytes[start] === OPEN_BRACKET;
}

/** Whether the value at `start` is an array. */
export function isArray(bytes: Uint8Array, start: number): boolean {
  return bytes[start] === OPEN_BRACKET;
}

/** The text without the members at the given paths. What stays is the same bytes in the same order. */
export function cutMembers(bytes: Buffer, paths: readonly CutPath[]): Buffer {
  const removed = [...removals(bytes, wholeValue(bytes), paths)];
  return replaceSpans(
    bytes,
    removed.map((span) => ({ ...span, by: EMPTY })),
  );
}
const EMPTY = Buffer.alloc(0);

/** The text with other bytes in place of the given spans, which are in order and don't overlap. */
export function replaceSpans(bytes: Buffer, edits: ReadonlyArray<Span & { by: Uint8Array }>): Buffer {
  if (edits.length === 0) return bytes;
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { start, end, by } of edits) {
    parts.push(bytes.subarray(from, start), by);
    from = end;
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}

function* removals(bytes: Buffer, value: Span, paths: readonly CutPath[]): Generator<Span> {
  const wanted = paths.filter((path) => path.length > 0);
  if (wanted.length === 0) return;
  if (isArray(bytes, value.start)) {
    const inner = wanted.filter(([first, ...rest]) => first === '*' && rest.length > 0);
    if (inner.length === 0) return;
    for (const element of elementsOf(bytes, value.start)) yield* removals(bytes, element, inner.map(tail));
    return;
  }
  yield* removalsOfObject(bytes, value, wanted);
}

function* removalsOfObject(bytes: Buffer, value: Span, paths: readonly CutPath[]): Generator<Span> {
  /** Where a removal that goes up to the next kept member starts; -1 for none. */
  let open = -1;
  let keptBefore = false;
  let last = value.start + 1;
  for (const member of membersOf(bytes, value.start)) {
    const inner = paths.filter(([first]) => first === '*' || first === member.key).map(tail);
    if (inner.some((path) => path.length === 0)) {
      if (keptBefore) yield { start: last, end: member.end };
      else if (open < 0) open = member.keyStart;
    } else {
      if (open >= 0) yield { start: open, end: member.keyStart };
      open = -1;
      keptBefore = true;
      yield* removals(bytes, member, inner);
    }
    last = member.end;
  }
  if (open >= 0) yield { start: open, end: last };
}

const tail = (path: CutPath): CutPath => path.slice(1);

function childOf(bytes: Buffer, { start }: Span, token: string): Span | undefined {
  if (isArray(bytes, start)) {
    if (!/^(0|[1-9]\d*)$/.test(token)) return undefined;
    let index = Number(token);
    for (const element of elementsOf(bytes, start)) if (index-- === 0) return element;
    return undefined;
  }
  let found: Span | undefined;
  for (const { key, ...span } of membersOf(bytes, start)) if (key === token) found = span;
  return found;
}

function skipSpace(bytes: Uint8Array, at: number): number {
  while (SPACES.has(bytes[at]!)) at += 1;
  return at;
}

function stringEnd(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** Behind the value that starts at `start`: for containers by counting brackets outside strings. */
function valueEnd(bytes: Uint8Array, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      at = stringEnd(bytes, at) - 1;
      if (depth === 0) return at + 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (byte === COMMA || byte === COLON || SPACES.has(byte))) return at;
  }
  return bytes.length;
}
