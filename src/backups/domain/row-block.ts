import { setOwnMember } from '../../platform/hardening/own-member';

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

/** Rows of one table, as they are read from it. */
export interface ReadRows {
  /** The values of each row, in the order of the table's columns; of a column in `joined`, the length or null. */
  rows: Value[][];
  /** By the place of a column: its bytes in all rows, one after the other. A Buffer for each would take long. */
  joined: readonly (Buffer | undefined)[];
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

/** A block was not written by `BlockWriter`, or it could not be read again. */
export class BlockError extends Error {}

/** Bytes that are kept for the next block. */
const BUFFER_BYTES = 1024 * 1024;

/** Writes blocks, one after the other, into one buffer that grows: see docs/backup-format.md. */
export class BlockWriter {
  private buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  private view = viewOf(this.buffer);
  private at = 0;

  /** Rows as bytes, valid until the next block. Throws BlockError for numbers that would not be read as they are. */
  rows({ table, key, owner, columns }: BlockTable, { rows, joined }: ReadRows): Buffer {
    this.begin();
    this.json({ table, key, owner, columns, rows: rows.length });
    const places = columns.map(() => 0);
    for (const row of rows) {
      for (let i = 0; i < columns.length; i += 1) {
        const value = row[i] ?? null;
        const bytes = joined[i];
        if (bytes === undefined || value === null) this.value(value);
        else places[i]! += this.bytes(bytes, places[i]!, value as number);
      }
    }
    if (joined.some((bytes, i) => bytes !== undefined && bytes.length !== places[i]))
      throw new BlockError(`the lengths in ${table} are not those of its bytes`);
    return this.done();
  }

  /** Removals as bytes, valid until the next block. */
  removals(removals: readonly Removal[]): Buffer {
    this.begin();
    this.json({ removals });
    return this.done();
  }

  private begin(): void {
    this.at = 0;
    if (this.buffer.length > BUFFER_BYTES) this.replace(BUFFER_BYTES);
  }

  private done(): Buffer {
    return this.buffer.subarray(0, this.at);
  }

  private room(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const full = this.buffer;
    this.replace(Math.max(full.length * 2, this.at + bytes));
    full.copy(this.buffer, 0, 0, this.at);
  }

  private replace(bytes: number): void {
    this.buffer = Buffer.allocUnsafeSlow(bytes);
    this.view = viewOf(this.buffer);
  }

  private value(value: Value): void {
    if (typeof value === 'number') return this.integer(value);
    if (value === null) {
      this.room(1);
      this.buffer[this.at++] = NULL;
    } else if (typeof value === 'string') {
      this.mark(TEXT, Buffer.byteLength(value));
      this.at += this.buffer.write(value, this.at, 'utf8');
    } else {
      this.bytes(value, 0, value.length);
    }
  }

  private json(value: unknown): void {
    const text = JSON.stringify(value);
    const length = Buffer.byteLength(text);
    this.room(4 + length);
    this.view.setUint32(this.at, length);
    this.at += 4;
    this.at += this.buffer.write(text, this.at, 'utf8');
  }

  private integer(value: number): void {
    if (!Number.isSafeInteger(value)) throw new BlockError(`${value} is not an integer that can be stored`);
    this.room(9);
    this.buffer[this.at] = INTEGER;
    this.view.setInt32(this.at + 1, Math.floor(value / TWO_32));
    this.view.setUint32(this.at + 5, value >>> 0);
    this.at += 9;
  }

  /** Writes a part of `source`; returns its length. */
  private bytes(source: Buffer, from: number, length: number): number {
    this.mark(BYTES, length);
    this.at += source.copy(this.buffer, this.at, from, from + length);
    return length;
  }

  private mark(kind: number, length: number): void {
    this.room(5 + length);
    this.buffer[this.at] = kind;
    this.view.setUint32(this.at + 1, length);
    this.at += 5;
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer) => new DataView(buffer, byteOffset, length);

/** Reads what `BlockWriter` wrote. Throws BlockError. */
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
