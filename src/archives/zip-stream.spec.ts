import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sha256 } from '../../test/support/graphs';
import { unzip } from '../../test/support/zip';
import { ZipStream } from './zip-stream';

const BYTES = 100_000;
const AT = Date.UTC(2026, 0, 1);

/** Collects garbage now. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

describe('a zip archive that is written while it is read', () => {
  it('holds the bytes of no entry that has been written', async () => {
    const collect = collector();
    const zip = new ZipStream();
    zip.output.resume();
    const written: WeakRef<ArrayBufferLike>[] = [];
    for (let n = 0; n < 20; n += 1) {
      const bytes = new Uint8Array(BYTES).fill(n);
      written.push(new WeakRef(bytes.buffer));
      await zip.add(`${n}.json`, bytes, AT);
    }
    const held = () => written.filter((ref) => ref.deref()).length;
    // The last one may be on its way. Most passes need one collection; a test that waits in vain ends with a count.
    for (let pass = 0; pass < 200 && held() > 1; pass += 1) {
      await turn();
      collect();
    }
    expect(held()).toBeLessThanOrEqual(1);
    zip.end();
  });

  it('takes no further entry while its reader reads nothing, and is whole when the reader goes on', async () => {
    const zip = new ZipStream();
    const entries = Array.from({ length: 20 }, () => randomBytes(BYTES));
    let taken = 0;
    const filled = (async () => {
      for (const [n, bytes] of entries.entries()) {
        await zip.add(`${n}.json`, bytes, AT);
        taken += 1;
      }
      zip.end();
    })();
    while (zip.output.readableLength < zip.output.readableHighWaterMark) await turn();
    for (let pass = 0; pass < 1_000; pass += 1) await turn();
    expect(taken).toBeLessThanOrEqual(2);
    expect(zip.output.readableLength).toBeLessThan(BYTES);

    const files = await unzip(await buffer(zip.output));
    await filled;
    expect([...files.values()].map(({ bytes }) => sha256(bytes))).toEqual(entries.map(sha256));
  });

  it('refuses the entry that waits when its reader goes away, and each later one', async () => {
    const zip = new ZipStream();
    const adding = (async () => {
      for (;;) await zip.add('a.json', randomBytes(BYTES), AT);
    })();
    while (zip.output.readableLength < zip.output.readableHighWaterMark) await turn();
    zip.output.destroy();
    await expect(adding).rejects.toThrow('The reader of the archive has gone.');
    await expect(zip.add('b.json', randomBytes(1), AT)).rejects.toThrow('has gone');
  });
});
