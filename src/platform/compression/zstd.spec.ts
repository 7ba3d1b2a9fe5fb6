import { compress, contentBytes, decompress, fitsAsDictionary } from './zstd';

const document = Buffer.from(
  JSON.stringify({ nodes: Array.from({ length: 200 }, (_, id) => ({ id, x: id * 7 })) }),
);

describe('zstd', () => {
  it.each(['head', 'ingest', 'strong', 'tight'] as const)('decodes frames of the effort %s', (effort) => {
    const frame = compress(document, { effort });
    expect(decompress(frame, { expectedBytes: document.length })).toEqual(document);
    const patch = compress(document, { effort, dictionary: document.subarray(9) });
    const back = decompress(patch, { expectedBytes: document.length, dictionary: document.subarray(9) });
    expect(back).toEqual(document);
  });

  it('encodes equal content in a few bytes', () => {
    expect(compress(document, { effort: 'ingest', dictionary: document }).length).toBeLessThan(24);
  });

  it('finds matches in a whole large dictionary', () => {
    const noise = Buffer.alloc(3_000_000);
    for (let at = 0, seed = 1; at < noise.length; at++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      noise[at] = seed >>> 16;
    }
    expect(compress(noise, { effort: 'ingest', dictionary: noise }).length).toBeLessThan(1_000);
  });

  it('refuses dictionaries that zstd would read in its own format or ignore', () => {
    const magic = Buffer.concat([Buffer.from([0x37, 0xa4, 0x30, 0xec]), document]);
    expect(fitsAsDictionary(magic)).toBe(false);
    expect(fitsAsDictionary(Buffer.from('{"a":1}'))).toBe(false);
    expect(fitsAsDictionary(document)).toBe(true);
    expect(() => compress(document, { effort: 'ingest', dictionary: magic })).toThrow(RangeError);
  });

  it('compresses empty content into a frame', () => {
    const frame = compress(Buffer.alloc(0), { effort: 'tight' });
    expect(decompress(frame, { expectedBytes: 0 })).toHaveLength(0);
  });

  it('decodes into the given memory', () => {
    const into = Buffer.alloc(document.length + 10);
    const frame = compress(document, { effort: 'ingest' });
    const bytes = decompress(frame, { expectedBytes: document.length, into });
    expect(bytes.buffer).toBe(into.buffer);
    expect(bytes).toEqual(document);
  });

  it('refuses a frame of another length before allocating memory', () => {
    const frame = compress(document, { effort: 'ingest' });
    expect(contentBytes(frame)).toBe(document.length);
    expect(() => decompress(frame, { expectedBytes: document.length - 1 })).toThrow('another length');
    expect(() => decompress(frame, { expectedBytes: 2 ** 50 })).toThrow('another length');
  });

  it('refuses bytes that are not a frame, and works afterwards', () => {
    expect(contentBytes(Buffer.from('not a frame'))).toBeNull();
    const frame = compress(document, { effort: 'ingest' });
    const cut = frame.subarray(0, frame.length - 3);
    expect(() => decompress(cut, { expectedBytes: document.length })).toThrow('Src size is incorrect');
    expect(decompress(frame, { expectedBytes: document.length })).toEqual(document);
  });
});
