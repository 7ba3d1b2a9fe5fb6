import { setImmediate as turn } from 'node:timers/promises';
import { BufferGarbage } from './buffer-garbage';

const MIB = 1024 * 1024;

describe('BufferGarbage', () => {
  it('leaves few of the Buffers that a stream of half a gigabyte has used', async () => {
    const garbage = new BufferGarbage();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let part = 0; part < 4_000; part += 1) {
      const bytes = Buffer.allocUnsafeSlow(MIB / 8);
      garbage.count(bytes.length);
      if (part % 16 > 0) continue;
      await turn();
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    // V8 alone begins to collect at 64 MiB.
    expect(most).toBeLessThan(40 * MIB);
  });
});
