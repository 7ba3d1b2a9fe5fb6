import { deflateRawSync, crc32 } from 'node:zlib';
import { PassThrough } from 'node:stream';
import { RandomAccessReader, fromRandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import { unzip } from '../../../test/support/zip';
import { ByteList } from './byte-list';
import { directoryEnd, directoryRecord, fileHeader, fileTrailer, type ZipEntry } from './zip-format';

const BYTES = Buffer.from('{"nodes":[]}');
const DEFLATED = deflateRawSync(BYTES);
const GIB = 1024 ** 3;

function entry(path: string, offset = 0, at = Date.UTC(2026, 6, 1, 12)): ZipEntry {
  const sizes = { bytes: BYTES.length, deflatedBytes: DEFLATED.length };
  return { path, at, crc32: crc32(BYTES), ...sizes, offset };
}

const fileOf = (file: ZipEntry) => Buffer.concat([fileHeader(file), DEFLATED, fileTrailer(file)]);

/** An archive whose files are all the same bytes. */
function archiveOf(entries: readonly ZipEntry[]): Buffer {
  const data = fileOf(entries[0]!);
  const directory = new ByteList();
  for (const file of entries) directory.append(directoryRecord(file));
  return Buffer.concat([data, ...directory, directoryEnd(entries.length, directory.length, data.length)]);
}

/** Bytes that are so far behind the beginning of a file as its length says; all before them is zero. */
class FarBytes extends RandomAccessReader {
  constructor(
    private readonly bytes: Buffer,
    private readonly from: number,
  ) {
    super();
  }

  override _readStreamForRange(start: number, end: number): PassThrough {
    const stream = new PassThrough();
    stream.end(this.bytes.subarray(start - this.from, end - this.from));
    return stream;
  }
}

function openedFar(bytes: Buffer, from: number): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    const reader = new FarBytes(bytes, from);
    const options = { lazyEntries: true, autoClose: false };
    fromRandomAccessReader(reader, from + bytes.length, options, (error, zip) =>
      error ? reject(error) : resolve(zip),
    );
  });
}

describe('the records of a zip archive', () => {
  it.each(['plan.json', 'Ärger/日本語.json', `${'x'.repeat(300)}.json`])('name the file %s', async (path) => {
    const files = await unzip(archiveOf([entry(path)]));
    expect([...files]).toEqual([[path, { bytes: BYTES, at: new Date(Date.UTC(2026, 6, 1, 12)) }]]);
  });

  it('count more files than 16 bits can', async () => {
    const entries = Array.from({ length: 66_000 }, (_, number) => entry(`${number}.json`));
    const zip = await openedFar(archiveOf(entries), 0);
    expect(zip.entryCount).toBe(66_000);
  });

  it('lead to a file and a directory beyond 4 GiB', async () => {
    const far = entry('far.json', 5 * GIB);
    const record = directoryRecord(far);
    const data = fileOf(far);
    const end = directoryEnd(1, record.length, 5 * GIB + data.length);
    // yauzl looks for the end in the last 64 KiB.
    const before = Buffer.alloc(64 * 1024);
    const zip = await openedFar(Buffer.concat([before, data, record, end]), 5 * GIB - before.length);
    const read = await new Promise<Entry>((resolve, reject) => {
      zip.on('entry', resolve).on('error', reject);
      zip.readEntry();
    });
    expect([read.fileName, read.relativeOffsetOfLocalHeader, read.crc32]).toEqual([
      'far.json',
      5 * GIB,
      crc32(BYTES),
    ]);
  });

  it('state dates that the format does not have as the nearest ones', async () => {
    for (const at of [-1e12, 0, 8e12]) {
      const [file] = (await unzip(archiveOf([entry('a.json', 0, at)]))).values();
      expect(file?.bytes).toEqual(BYTES);
    }
  });
});
