import { ownMember } from '../../platform/hardening/own-member';
import type { Json } from '../json';

/** An element of an array or a member of an object. All offsets are bytes of the text, ends exclusive. */
export interface Entry {
  /** Where the white space before the entry begins: after the opening bracket or the comma. */
  lead: number;
  /** Where the entry begins: at its name, or at its value in an array. */
  start: number;
  /** The decoded name; undefined in an array. */
  key?: string;
  keyEnd: number;
  valueStart: number;
  end: number;
  /** Where the comma or the closing bracket after the entry is. */
  trail: number;
  index: number;
  /** The array or object that the entry holds, also one that is spelled as JSON in a string. */
  child?: Span;
}

/** Where an array or object is in a text. */
export interface Span {
  text: JsonText;
  start: number;
  end: number;
  entries: Entry[];
  /** The value that the span was read as; undefined for a duplicate member that a later one hides. */
  value?: object;
  parent?: { span: Span; entry: Entry };
}

/** Where a text lies that is spelled as a string within another text. */
export interface Outer {
  text: JsonText;
  /** For each byte of the inner text, and for its end, the offset in the outer one. */
  offsets: Int32Array;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** A valid JSON text (UTF-8) with the places of all arrays and objects in it. */
export class JsonText {
  /** Undefined unless the text is an array or an object. */
  readonly root: Span | undefined;

  constructor(
    readonly bytes: Buffer,
    readonly outer?: Outer,
  ) {
    this.root = new Scanner(this).read();
  }
}

/** Reads the structure of a text that is known to be valid JSON. */
class Scanner {
  private at = 0;
  private readonly bytes: Buffer;

  constructor(private readonly text: JsonText) {
    this.bytes = text.bytes;
  }

  read(): Span | undefined {
    this.space();
    return this.value();
  }

  /** Moves past a value; returns its span if it is a container. */
  private value(): Span | undefined {
    const first = this.bytes[this.at];
    if (first === 0x7b || first === 0x5b) return this.container(first === 0x7b);
    if (first === QUOTE) this.string();
    else while (isScalar(this.bytes[this.at])) this.at++;
    return undefined;
  }

  private container(isObject: boolean): Span {
    const span: Span = { text: this.text, start: this.at++, end: 0, entries: [] };
    const close = isObject ? 0x7d : 0x5d;
    let lead = this.at;
    this.space();
    while (this.bytes[this.at] !== close && this.at < this.bytes.length) {
      const entry = this.entry(span, lead, isObject);
      span.entries.push(entry);
      this.space();
      entry.trail = this.at;
      if (this.bytes[this.at] !== COMMA) break;
      lead = ++this.at;
      this.space();
    }
    span.end = ++this.at;
    return span;
  }

  private entry(span: Span, lead: number, isObject: boolean): Entry {
    const start = this.at;
    const index = span.entries.length;
    const entry: Entry = { lead, start, keyEnd: start, valueStart: start, end: start, trail: start, index };
    if (isObject) this.name(entry);
    const child = this.value();
    entry.end = this.at;
    if (child !== undefined) {
      entry.child = child;
      child.parent = { span, entry };
    }
    return entry;
  }

  private name(entry: Entry): void {
    this.string();
    entry.keyEnd = this.at;
    entry.key = JSON.parse(this.bytes.toString('utf8', entry.start, this.at)) as string;
    this.space();
    if (this.bytes[this.at] === COLON) this.at++;
    this.space();
    entry.valueStart = this.at;
  }

  private string(): void {
    let at = this.bytes.indexOf(QUOTE, this.at + 1);
    while (at !== -1 && this.isEscaped(at)) at = this.bytes.indexOf(QUOTE, at + 1);
    this.at = at === -1 ? this.bytes.length : at + 1;
  }

  private isEscaped(quote: number): boolean {
    let backslashes = 0;
    while (this.bytes[quote - 1 - backslashes] === BACKSLASH) backslashes++;
    return backslashes % 2 === 1;
  }

  private space(): void {
    for (;;) {
      const byte = this.bytes[this.at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.at++;
    }
  }
}

/** Letters, digits, and the signs of numbers. */
function isScalar(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const letter = byte | 0x20;
  if (letter >= 0x61 && letter <= 0x7a) return true;
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2b || byte === 0x2e;
}

/** Finds the spans of parsed arrays and objects by their identity, over several texts. */
export class SpanIndex {
  private readonly spans = new Map<object, Span>();

  /** Connects a text with the value that it was parsed to. Of duplicate members the last one counts. */
  add(text: JsonText, value: Json): void {
    if (text.root !== undefined) this.attach(text.root, value);
  }

  /** Connects a string in a text with the value that it holds as JSON, such as Flowise's `flowData`. */
  addEmbedded(holder: object, key: string | number, value: Json): void {
    const span = this.spans.get(holder);
    const entry = span && entryOf(span, key);
    if (span === undefined || entry === undefined || entry.child !== undefined) return;
    const text = innerText(span.text, entry);
    if (text.root === undefined) return;
    entry.child = text.root;
    text.root.parent = { span, entry };
    this.attach(text.root, value);
  }

  /** The span of a value that was read from one of the texts. */
  of(value: Json | object | undefined): Span | undefined {
    return typeof value === 'object' && value !== null ? this.spans.get(value) : undefined;
  }

  /** The container that holds a value, and the name or index in it. */
  parentOf(value: object): { container: object; key: string | number } | undefined {
    const parent = this.spans.get(value)?.parent;
    if (parent?.span.value === undefined) return undefined;
    const { entry } = parent;
    return { container: parent.span.value, key: entry.key ?? entry.index };
  }

  private attach(span: Span, value: Json): void {
    if (typeof value !== 'object' || value === null) return;
    span.value = value;
    this.spans.set(value, span);
    if (Array.isArray(value)) {
      span.entries.forEach(({ child }, index) => child && this.attach(child, value[index] ?? null));
      return;
    }
    const last = new Map(span.entries.map((entry) => [entry.key ?? '', entry]));
    for (const [key, { child }] of last) {
      if (child !== undefined && Object.hasOwn(value, key)) this.attach(child, ownMember(value, key) ?? null);
    }
  }
}

/** The entry of a name (the last of duplicates) or an index. */
export function entryOf(span: Span, key: string | number): Entry | undefined {
  return typeof key === 'number' ? span.entries[key] : span.entries.findLast((entry) => entry.key === key);
}

const SHORT_ESCAPES = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** The text in a string, with the way back from each of its bytes. */
function innerText(text: JsonText, { valueStart, end }: Entry): JsonText {
  const { bytes } = text;
  const decoded = Buffer.alloc(end - valueStart);
  const offsets = new Int32Array(end - valueStart + 1);
  let length = 0;
  let at = valueStart + 1;
  while (at < end - 1) {
    const [piece, next] = bytes[at] === BACKSLASH ? decodeEscape(bytes, at) : [bytes[at] ?? 0, at + 1];
    const count =
      typeof piece === 'number' ? decoded.writeUInt8(piece, length) - length : decoded.write(piece, length);
    offsets.fill(at, length, length + count);
    length += count;
    at = next;
  }
  offsets[length] = end - 1;
  return new JsonText(decoded.subarray(0, length), { text, offsets });
}

function decodeEscape(bytes: Buffer, at: number): [string, number] {
  const letter = String.fromCharCode(bytes[at + 1] ?? 0);
  if (letter !== 'u') return [SHORT_ESCAPES.get(letter) ?? letter, at + 2];
  const unit = bytes.toString('latin1', at, at + 6);
  const pair = bytes.toString('latin1', at, at + 12);
  const isPair = /^\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]/.test(pair);
  return [JSON.parse(`"${isPair ? pair : unit}"`) as string, at + (isPair ? 12 : 6)];
}
