import { HeadCache } from './head-cache';

const MIB = 1024 * 1024;

function aHead(byte: number) {
  return {
    version: 3,
    configBytes: 10,
    configSha256: Buffer.alloc(32, byte),
    sealed: Buffer.alloc(40, byte),
  };
}

describe('HeadCache', () => {
  it('returns a document for the bytes it was checked with, also if they are read again', () => {
    const cache = new HeadCache();
    const config = Buffer.from('{"nodes":[]}');
    cache.put(7, aHead(1), config);
    expect(cache.get(7, aHead(1))).toEqual(config);
    expect(cache.get(8, aHead(1))).toBeUndefined();
  });

  it.each([
    ['another version', { version: 4 }],
    ['another length', { configBytes: 11 }],
    ['another hash', { configSha256: Buffer.alloc(32, 2) }],
    ['one flipped bit in the sealed bytes', { sealed: Buffer.concat([Buffer.alloc(39, 1), Buffer.of(0)]) }],
  ])('returns nothing for %s', (_what, change) => {
    const cache = new HeadCache();
    cache.put(7, aHead(1), Buffer.from('{}'));
    expect(cache.get(7, { ...aHead(1), ...change })).toBeUndefined();
  });

  it('keeps at most 64 MiB, evicts the least recently used, and keeps nothing above 2 MiB', () => {
    const cache = new HeadCache();
    const kept = () => Array.from({ length: 50 }, (_, key) => key).filter((key) => cache.get(key, aHead(1)));
    for (let key = 0; key < 40; key += 1) cache.put(key, aHead(1), Buffer.alloc(2 * MIB - 100));
    expect(kept()).toEqual(Array.from({ length: 31 }, (_, at) => at + 9));
    cache.put(41, aHead(1), Buffer.alloc(2 * MIB + 1));
    expect(cache.get(41, aHead(1))).toBeUndefined();
    cache.forget(20);
    expect(cache.get(20, aHead(1))).toBeUndefined();
  });

  it('counts small documents with everything they take', () => {
    const cache = new HeadCache();
    for (let key = 0; key < 100_000; key += 1) cache.put(key, aHead(1), Buffer.from('{"nodes":[]}'));
    const kept = Array.from({ length: 100_000 }, (_, key) => key).filter((key) => cache.get(key, aHead(1)));
    expect(kept.length).toBeLessThanOrEqual((64 * MIB) / 1_024);
    expect(kept.length).toBeGreaterThan(10_000);
  });

  it('keeps a document that fills its memory where it lies, and copies small parts next to it', () => {
    const cache = new HeadCache();
    const head = { ...aHead(1), sealed: Buffer.alloc(MIB, 1).subarray(0, 40) };
    const config = Buffer.alloc(10_000, '{"a":"b"}').subarray(10);
    cache.put(1, head, config);
    expect(cache.get(1, aHead(1))).toBe(config);
    head.sealed.fill(2);
    expect(cache.get(1, aHead(1))).toBe(config);
  });

  it('keeps no larger memory that a small document lies in, and large documents where they lie', () => {
    const cache = new HeadCache();
    cache.put(1, aHead(1), Buffer.alloc(MIB).subarray(10, 20));
    expect(cache.get(1, aHead(1))!.buffer.byteLength).toBeLessThan(1_000);
    const large = Buffer.from(new SharedArrayBuffer(MIB)).subarray(20, MIB - 1);
    cache.put(2, aHead(1), large);
    expect(cache.get(2, aHead(1))).toBe(large);
  });
});
