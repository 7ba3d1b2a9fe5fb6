import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { copyFrame } from './copy-frame';
import { decompress } from './zstd';

const KIB = 1024;
const isCopied = (dictionary: Buffer) =>
  decompress(copyFrame(dictionary.length), { expectedBytes: dictionary.length, dictionary }).equals(
    dictionary,
  );

describe('a frame that copies its dictionary', () => {
  it.each([
    ...[3, 4, 7, 8, 9, 34, 35, 36, 42, 43, 66, 67, 130, 131, 258, 259, 65_538, 65_539],
    ...[128 * KIB - 1, 128 * KIB, 128 * KIB + 1, 128 * KIB + 2, 128 * KIB + 3, 256 * KIB, 256 * KIB + 1],
    ...[1024 * KIB, 16 * 1024 * KIB, 16 * 1024 * KIB + 1],
  ])('of %d bytes', (bytes) => {
    expect(isCopied(randomBytes(bytes))).toBe(true);
    expect(isCopied(Buffer.alloc(bytes, '{"a":1}'))).toBe(true);
  });

  it('of any length and content', () => {
    fc.assert(fc.property(fc.integer({ min: 3, max: 300_000 }), (bytes) => isCopied(randomBytes(bytes))));
    fc.assert(fc.property(fc.uint8Array({ minLength: 3 }), (bytes) => isCopied(Buffer.from(bytes))));
  });
});
