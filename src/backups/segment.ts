import { createHash, createHmac, type Hash } from 'node:crypto';
import { open, seal, UnsealError } from '../platform/crypto/sealed-box';
import { compress, contentBytes, decompress } from '../platform/compression/zstd';
import type { SegmentPlace } from './domain/segment-name';

/** The header of a segment, which is not encrypted. */
export interface SegmentHeader extends SegmentPlace {
  format: 1;
  /** Holds every row whose `seq` is above `from` (0 for a full one), as they were at `at`; all rows up to `to` are there or in segments before. */
  from: number;
  to: number;
  /** When the rows were read, ms since the epoch. */
  at: number;
  /** The migrations of the database, in order: the schema that the rows belong to. */
  schema: string[];
  /** SHA-256 of the segment before, hexadecimal; null for a full one. */
  predecessor: string | null;
  /** With the lineage's key it makes the segment's own, hexadecimal. */
  salt: string;
  /** The journal's oldest event that was kept; older ones had run out. */
  journal_floor: number;
  /** The newest seal of the journal, its digest in hexadecimal; null when nothing was sealed yet. */
  seal: { number: number; digest: string } | null;
}

/** A damaged segment; the message says how. */
export class SegmentError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'SegmentError';
  }
}

const MAGIC = Buffer.from('GRAPHOMAT\u0001', 'latin1');
const FRAME = 1;
const END = 2;
const HEADER_MAX = 1024 * 1024;
/** A frame holds one row at least; the largest body that the service can be set to take is 512 MiB. */
const FRAME_MAX = 1024 * 1024 * 1024;
const HASH_BYTES = 32;

/** The key of one segment: HMAC-SHA-256 of its salt with the lineage's key. So no key seals more than one segment's frames. */
function segmentKey(lineageKey: Buffer, { salt }: SegmentHeader): Buffer {
  return createHmac('sha256', lineageKey)
    .update('graphomat-backup segment')
    .update(Buffer.from(salt, 'hex'))
    .digest();
}

/** Binds a frame to its segment and its place in it. */
function associated(headerHash: Buffer, number: number, kind: number): Buffer {
  const place = Buffer.allocUnsafe(5);
  place.writeUInt32BE(number, 0);
  place[4] = kind;
  return Buffer.concat([headerHash, place]);
}

/** Writes a segment piece by piece: `begin`, any number of `frame`, `end`. */
export class SegmentWriter {
  private readonly hash = createHash('sha256');
  private readonly key: Buffer;
  private readonly headerBytes: Buffer;
  private readonly headerHash: Buffer;
  /** Frames written so far. */
  frames = 0;
  /** SHA-256 of the whole segment, hexadecimal; set after `end`. */
  sha256 = '';
  bytes = 0;

  constructor(header: SegmentHeader, lineageKey: Buffer) {
    this.key = segmentKey(lineageKey, header);
    this.headerBytes = Buffer.from(JSON.stringify(header));
    this.headerHash = createHash('sha256').update(this.headerBytes).digest();
  }

  begin(): Buffer {
    return this.piece([MAGIC, length(this.headerBytes.length), this.headerBytes]);
  }

  /** One block of rows or removals. */
  frame(block: Buffer): Buffer {
    return this.sealed(FRAME, block);
  }

  /** The last piece: how many frames there were, and the hash of everything before it. */
  end(): Buffer {
    const end = this.sealed(END, Buffer.from(JSON.stringify({ frames: this.frames })));
    const whole = this.hash.copy().digest();
    const last = this.piece([whole]);
    this.sha256 = this.hash.digest('hex');
    return Buffer.concat([end, last]);
  }

  private sealed(kind: number, block: Buffer): Buffer {
    const packed = compress(block, { effort: 'stream' });
    const body = seal(this.key, packed, associated(this.headerHash, this.frames, kind));
    this.frames += kind === FRAME ? 1 : 0;
    return this.piece([Buffer.of(kind), length(body.length), body]);
  }

  private piece(parts: Buffer[]): Buffer {
    const bytes = Buffer.concat(parts);
    this.hash.update(bytes);
    this.bytes += bytes.length;
    return bytes;
  }
}

/** A segment that is being read. */
export interface OpenSegment {
  header: SegmentHeader;
  /** The blocks in order; ends only if the whole segment is complete and undamaged. Throws SegmentError. */
  blocks(lineageKey: Buffer): AsyncGenerator<Buffer>;
  /** SHA-256 of the whole object, hexadecimal; set when `blocks` has ended. */
  sha256(): string;
  /** Closes a segment without reading its blocks. */
  close(): Promise<void>;
}

/** Reads a segment's header; the rest follows as a stream. Throws SegmentError. */
export async function openSegment(bytes: AsyncIterable<Buffer>): Promise<OpenSegment> {
  const source = new Source(bytes);
  if (!(await source.take(MAGIC.length)).equals(MAGIC))
    throw new SegmentError('it does not begin like a segment');
  const size = (await source.take(4)).readUInt32BE();
  if (size > HEADER_MAX) throw new SegmentError('its header was changed');
  const headerBytes = await source.take(size);
  const header = parseHeader(headerBytes);
  const headerHash = createHash('sha256').update(headerBytes).digest();
  let sha256 = '';
  return {
    header,
    sha256: () => sha256,
    async *blocks(lineageKey) {
      try {
        yield* readFrames(source, segmentKey(lineageKey, header), headerHash);
        sha256 = await source.finish();
      } finally {
        await source.close();
      }
    },
    close: () => source.close(),
  };
}

async function* readFrames(source: Source, key: Buffer, headerHash: Buffer): AsyncGenerator<Buffer> {
  for (let number = 0; ; number += 1) {
    const kind = (await source.take(1))[0]!;
    const size = (await source.take(4)).readUInt32BE();
    if ((kind !== FRAME && kind !== END) || size > FRAME_MAX)
      throw new SegmentError(`its frame ${number} was changed`);
    const block = unpacked(key, await source.take(size), associated(headerHash, number, kind), number);
    if (kind === END) return;
    yield block;
  }
}

function unpacked(key: Buffer, sealed: Buffer, associated: Buffer, number: number): Buffer {
  try {
    const packed = open(key, sealed, associated);
    const expectedBytes = contentBytes(packed);
    if (expectedBytes === null || expectedBytes > FRAME_MAX) throw new Error('no content size');
    return decompress(packed, { expectedBytes });
  } catch (error) {
    const changed = error instanceof UnsealError;
    throw new SegmentError(
      `its frame ${number} ${changed ? 'was changed, or belongs to another segment' : 'cannot be unpacked'}`,
    );
  }
}

function parseHeader(bytes: Buffer): SegmentHeader {
  let header: Partial<SegmentHeader>;
  try {
    header = JSON.parse(bytes.toString('utf8')) as Partial<SegmentHeader>;
  } catch {
    throw new SegmentError('its header was changed');
  }
  if (header.format !== 1)
    throw new SegmentError(`it has the format ${header.format}, which this program does not know`);
  if (typeof header.salt !== 'string' || !Array.isArray(header.schema))
    throw new SegmentError('its header was changed');
  return header as SegmentHeader;
}

function length(bytes: number): Buffer {
  const prefix = Buffer.allocUnsafe(4);
  prefix.writeUInt32BE(bytes);
  return prefix;
}

/** Reads exact lengths from a stream, and hashes them. */
class Source {
  private readonly iterator: AsyncIterator<Buffer>;
  private readonly hash: Hash = createHash('sha256');
  private pieces: Buffer[] = [];
  private there = 0;

  constructor(bytes: AsyncIterable<Buffer>) {
    this.iterator = bytes[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const taken = await this.cut(length);
    this.hash.update(taken);
    return taken;
  }

  /** Checks the end: the hash of everything before it, and nothing after it. Returns the hash of the whole. */
  async finish(): Promise<string> {
    const expected = this.hash.copy().digest();
    if (!(await this.take(HASH_BYTES)).equals(expected))
      throw new SegmentError('its hash does not match its bytes');
    if (this.there > 0 || !(await this.iterator.next()).done)
      throw new SegmentError('there are bytes after its end');
    return this.hash.digest('hex');
  }

  async close(): Promise<void> {
    await this.iterator.return?.();
  }

  private async cut(length: number): Promise<Buffer> {
    while (this.there < length) {
      const next = await this.iterator.next();
      if (next.done) throw new SegmentError('it ends too early');
      this.pieces.push(next.value);
      this.there += next.value.length;
    }
    const all = this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces);
    this.pieces = all.length > length ? [all.subarray(length)] : [];
    this.there -= length;
    return all.subarray(0, length);
  }
}
