import { ownMember, setOwnMember } from '../../platform/hardening/own-member';
/** What a column of a row can hold; integers are below 2^53. */
export type Value = null | number | string | Buffer;
export type Row = Record<string, Value>;

/** The table of rows, and their key. */
export interface BlockTable {
  table: string;
  /** The primary key's columns. */
  key: string[];
  /** The column with the short key of the user whose row it is; null: no user's. */
  owner: string | null;
  columns: string[];
}

/** Some rows of one table. */
export interface RowBlock extends BlockTable {
  rows: Row[];
}

/**
 * Rows that were removed, which no newer row shows: a graph with all its rows (`id` is its UUID's hexadecimal
 * digits), or those of a graph's versions and titles that are not among the kept ones.
 */
export type Removal =
  | { graph: { user_key: number; id: string } }
  | { versions: { user_key: number; graph_key: number; kept: number[]; texts: number[] } };

/** The content of one frame of a segment. */
export type Block = { rows: RowBlock } | { removals: Removal[] };

const NULL = 0;
const INTEGER = 1;
const TEXT = 2;
const BYTES = 3;
const TWO_32 = 2 ** 32;

/** A block was not written by `encodeRows` or `encodeRemovals`. */
export class BlockError extends Error {}

/** Writes blocks into one buffer that grows. */
class Writer {
  private buffer = Buffer.allocUnsafe(1024 * 1024);
  private at = 0;

  room(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.at + bytes));
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
  }

  value(value: Value): void {
    if (typeof value === 'number') return this.integer(value);
    if (value === null) {
      this.room(1);
      this.buffer[this.at++] = NULL;
    } else if (typeof value === 'string') {
      const length = Buffer.byteLength(value);
      this.mark(TEXT, length);
      this.at += this.buffer.write(value, this.at, 'utf8');
    } else {
      this.mark(BYTES, value.length);
      this.at += value.copy(this.buffer, this.at);
    }
  }

  json(value: unknown): void {
    const text = JSON.stringify(value);
    const length = Buffer.byteLength(text);
    this.room(4 + length);
    this.at = this.buffer.writeUInt32BE(length, this.at);
    this.at += this.buffer.write(text, this.at, 'utf8');
  }

  /** What was written; valid until the next write. */
  done(): Buffer {
    return this.buffer.subarray(0, this.at);
  }

  private integer(value: number): void {
    if (!Number.isSafeInteger(value)) throw new BlockError(`${value} is not an integer that can be stored`);
    this.room(9);
    this.buffer[this.at++] = INTEGER;
    this.at = this.buffer.writeInt32BE(Math.floor(value / TWO_32), this.at);
    this.at = this.buffer.writeUInt32BE(value >>> 0, this.at);
  }

  private mark(kind: number, length: number): void {
    this.room(5 + length);
    this.buffer[this.at++] = kind;
    this.at = this.buffer.writeUInt32BE(length, this.at);
  }
}

/** Rows as bytes: see docs/backup-format.md. */
export function encodeRows({ rows, ...table }: RowBlock): Buffer {
  const writer = new Writer();
  writer.json({ ...table, rows: rows.length });
  for (const row of rows) for (const column of table.columns) writer.value(ownMember(row, column) ?? null);
  return writer.done();
}

/** Removals as bytes. */
export function encodeRemovals(removals: readonly Removal[]): Buffer {
  const writer = new Writer();
  writer.json({ removals });
  return writer.done();
}

/** Reads what the two above wrote. Throws BlockError. */
export function decodeBlock(bytes: Buffer): Block {
  const reader = { at: 0, bytes };
  const head = parsed(take(reader, 4).readUInt32BE(), reader);
  if ('removals' in head) return { removals: head.removals };
  const rows: Row[] = [];
  for (let i = 0; i < head.rows; i += 1) {
    const row: Row = {};
    for (const column of head.columns) setOwnMember(row, column, readValue(reader));
    rows.push(row);
  }
  if (reader.at !== bytes.length) throw new BlockError('there are bytes after the last row');
  return { rows: { ...head, rows } };
}

interface Reader {
  at: number;
  bytes: Buffer;
}

type Head = { removals: Removal[] } | (BlockTable & { rows: number });

function parsed(length: number, reader: Reader): Head {
  return JSON.parse(take(reader, length).toString('utf8')) as Head;
}

function readValue(reader: Reader): Value {
  const kind = take(reader, 1)[0];
  if (kind === NULL) return null;
  if (kind === INTEGER) {
    const bytes = take(reader, 8);
    return bytes.readInt32BE(0) * TWO_32 + bytes.readUInt32BE(4);
  }
  if (kind !== TEXT && kind !== BYTES) throw new BlockError('a value is of an unknown kind');
  const bytes = take(reader, take(reader, 4).readUInt32BE());
  return kind === TEXT ? bytes.toString('utf8') : bytes;
}

function take(reader: Reader, length: number): Buffer {
  const { at, bytes } = reader;
  if (at + length > bytes.length) throw new BlockError('the block ends too early');
  reader.at = at + length;
  return bytes.subarray(at, at + length);
}
