import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { sha256 } from '../../test/support/graphs';
import { unzip } from '../../test/support/zip';
import { zipOf, type ZipFile } from './zip-stream';

const BYTES = 100_000;
const AT = Date.UTC(2026, 0, 1);

/** Collects garbage now. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

async function* filesOf(contents: Iterable<Uint8Array>): AsyncGenerator<ZipFile> {
  let number = 0;
  for (const bytes of contents) {
    yield { path: `${(number += 1)}.json`, parts: [bytes], at: AT };
    await turn();
  }
}

const unzipped = async (files: AsyncIterable<ZipFile>) => unzip(await buffer(Readable.from(zipOf(files))));

describe('a zip archive that is written while it is read', () => {
  it('holds each file byte for byte, under its path and with its date', async () => {
    const contents = fc.array(
      fc.oneof(
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        fc.nat(300_000).map((length) => randomBytes(length)),
        fc.string().map((text) => Buffer.from(text)),
      ),
    );
    await fc.assert(
      fc.asyncProperty(contents, async (list) => {
        const files = await unzipped(filesOf(list));
        expect([...files.values()].map(({ bytes }) => sha256(bytes))).toEqual(list.map(sha256));
      }),
      { numRuns: 30 },
    );
    const [[path, file] = []] = [...(await unzipped(filesOf([Buffer.from('{}')])))];
    expect([path, file?.at.getTime()]).toEqual(['1.json', AT]);
  });

  it('holds a file that comes in parts', async () => {
    const parts = [1, 70_000, 0, 16_384].map((length) => randomBytes(length));
    async function* files(): AsyncGenerator<ZipFile> {
      await turn();
      yield { path: 'a.json', parts, at: AT };
    }
    expect((await unzipped(files())).get('a.json')?.bytes).toEqual(Buffer.concat(parts));
  });

  it('holds a file that shrinks a lot, and one that does not shrink', async () => {
    const contents = [Buffer.alloc(20_000_000, '{"a":1}'), randomBytes(5_000_000), Buffer.alloc(0)];
    const files = await unzipped(filesOf(contents));
    expect([...files.values()].map(({ bytes }) => sha256(bytes))).toEqual(contents.map(sha256));
  });

  it('holds the bytes of no file that has been written', async () => {
    const collect = collector();
    const written: WeakRef<ArrayBufferLike>[] = [];
    const held = () => written.filter((ref) => ref.deref()).length;
    let most = 0;
    async function* files(): AsyncGenerator<ZipFile> {
      for (let n = 0; n < 20; n += 1) {
        const bytes = new Uint8Array(BYTES).fill(n);
        written.push(new WeakRef(bytes.buffer));
        yield { path: `${n}.json`, parts: [bytes], at: AT };
        // Most passes need one collection; a test that waits in vain ends with a count.
        for (let pass = 0; pass < 200 && held() > 2; pass += 1) {
          await turn();
          collect();
        }
        most = Math.max(most, held());
      }
    }
    for await (const part of zipOf(files())) expect(part.length).toBeGreaterThan(0);
    expect(written).toHaveLength(20);
    expect(most).toBeLessThanOrEqual(2);
  });

  it('takes no further file while its reader reads nothing, and is whole when the reader goes on', async () => {
    const contents = Array.from({ length: 20 }, () => randomBytes(BYTES));
    let taken = 0;
    async function* files(): AsyncGenerator<ZipFile> {
      for await (const file of filesOf(contents)) {
        taken += 1;
        yield file;
      }
    }
    const archive = Readable.from(zipOf(files()), { objectMode: false });
    archive.read(0);
    while (archive.readableLength < archive.readableHighWaterMark) await turn();
    for (let pass = 0; pass < 1_000; pass += 1) await turn();
    expect(taken).toBe(1);
    expect(archive.readableLength).toBeLessThan(2 * BYTES);

    const read = await unzip(await buffer(archive));
    expect([...read.values()].map(({ bytes }) => sha256(bytes))).toEqual(contents.map(sha256));
  });

  it('ends its files when its reader goes away', async () => {
    let ended: () => void = () => undefined;
    const end = new Promise<void>((resolve) => (ended = resolve));
    async function* files(): AsyncGenerator<ZipFile> {
      try {
        for (;;) {
          await turn();
          yield { path: 'a.json', parts: [randomBytes(BYTES)], at: AT };
        }
      } finally {
        ended();
      }
    }
    const archive = Readable.from(zipOf(files()), { objectMode: false });
    for await (const part of archive) {
      expect((part as Buffer).length).toBeGreaterThan(0);
      break;
    }
    await end;
    expect(archive.destroyed).toBe(true);
  });

  it('fails with the error of its files, without a directory', async () => {
    async function* files(): AsyncGenerator<ZipFile> {
      yield { path: 'a.json', parts: [randomBytes(10)], at: AT };
      await turn();
      throw new Error('The database is away.');
    }
    await expect(unzipped(files())).rejects.toThrow('The database is away.');
  });
});
