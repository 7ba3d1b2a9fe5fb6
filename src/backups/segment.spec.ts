import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { openSegment, SegmentError, SegmentWriter, type SegmentHeader } from './segment';

const key = randomBytes(32);
const header: SegmentHeader = {
  format: 1,
  lineage: 'ab'.repeat(16),
  generation: 3,
  index: 7,
  fence: 12,
  kind: 'part',
  from: 10,
  to: 20,
  at: 1_764_000_000_000,
  schema: ['Initial1764000000000'],
  predecessor: 'cd'.repeat(32),
  salt: 'ef'.repeat(16),
  journal_floor: 1,
  seal: null,
};

function written(blocks: readonly Buffer[], own: SegmentHeader = header): { bytes: Buffer; sha256: string } {
  const writer = new SegmentWriter(own, key);
  const bytes = Buffer.concat([writer.begin(), ...blocks.map((block) => writer.frame(block)), writer.end()]);
  return { bytes, sha256: writer.sha256 };
}

async function* inPieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function read(
  bytes: Buffer,
  size = 1_000,
  lineageKey = key,
): Promise<{ header: SegmentHeader; blocks: Buffer[]; sha256: string }> {
  const segment = await openSegment(inPieces(bytes, size));
  const blocks: Buffer[] = [];
  for await (const block of segment.blocks(lineageKey)) blocks.push(Buffer.from(block));
  return { header: segment.header, blocks, sha256: segment.sha256() };
}

it('gives back the blocks that went in, in whatever pieces it comes', async () => {
  const blocks = fc.array(
    fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(blocks, fc.integer({ min: 1, max: 10_000 }), async (given, size) => {
      const { bytes, sha256 } = written(given);
      expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect(await read(bytes, size)).toEqual({ header, blocks: given, sha256 });
    }),
    { numRuns: 50 },
  );
});

it('finds any one bit that was turned over', async () => {
  const { bytes } = written([randomBytes(200), Buffer.alloc(300, 1)]);
  for (let bit = 0; bit < bytes.length * 8; bit += 5) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    await expect(read(changed)).rejects.toThrow(SegmentError);
  }
});

it('finds every cut, and whatever was put behind it', async () => {
  const { bytes } = written([randomBytes(100), randomBytes(50)]);
  for (let length = 0; length < bytes.length; length += 1)
    await expect(read(bytes.subarray(0, length))).rejects.toThrow(SegmentError);
  await expect(read(Buffer.concat([bytes, Buffer.of(1)]))).rejects.toThrow(SegmentError);
});

it('finds frames that were put into another order, left out, or taken from another segment', async () => {
  const [a, b] = [randomBytes(100), randomBytes(100)];
  const own = new SegmentWriter(header, key);
  const [begin, first, second, end] = [own.begin(), own.frame(a), own.frame(b), own.end()];
  const other = new SegmentWriter({ ...header, index: 8 }, key);
  other.begin();
  const foreign = other.frame(a);
  for (const pieces of [
    [begin, second, first, end],
    [begin, first, end],
    [begin, foreign, second, end],
    [begin, first, first, second, end],
  ]) {
    const whole = Buffer.concat(pieces);
    const body = whole.subarray(0, -32);
    const rehashed = Buffer.concat([body, createHash('sha256').update(body).digest()]);
    await expect(read(rehashed)).rejects.toThrow(SegmentError);
  }
});

it('refuses another key, and a segment of a later format', async () => {
  const { bytes } = written([randomBytes(10)]);
  await expect(read(bytes, 1_000, randomBytes(32))).rejects.toThrow(SegmentError);
  const later = written([], { ...header, format: 2 as 1 });
  await expect(read(later.bytes)).rejects.toThrow('format 2');
});
