import { AppConfig } from '../config/app-config';
import { HeavyReads } from './heavy-reads';

const aService = () => new HeavyReads(AppConfig.from({}));

function gate(): { open: () => void; passed: Promise<void> } {
  let openIt: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => (openIt = resolve));
  return { open: openIt, passed };
}

describe('HeavyReads', () => {
  it('lets users take turns, one read each', async () => {
    const reads = aService();
    const { open, passed } = gate();
    const order: string[] = [];
    const read = (user: string) => reads.run(user, () => Promise.resolve(void order.push(user)));
    const first = reads.run('a', () => passed);
    const all = [read('a'), read('a'), read('a'), read('b'), read('c')];
    open();
    await Promise.all([first, ...all]);
    expect(order).toEqual(['a', 'b', 'c', 'a', 'a']);
  });

  it('gives the event loop a turn between two reads', async () => {
    const reads = aService();
    let turned = false;
    const first = reads.run('a', () => Promise.resolve(void setImmediate(() => (turned = true))));
    await Promise.all([first, reads.run('b', () => Promise.resolve(expect(turned).toBe(true)))]);
  });

  it('refuses with 429 only the user who asks too much', async () => {
    const reads = aService();
    const { open, passed } = gate();
    const running = reads.run('a', () => passed);
    const waiting = Array.from({ length: 32 }, () => reads.run('a', () => Promise.resolve()));
    await expect(reads.run('a', () => Promise.resolve())).rejects.toMatchObject({
      kind: 'too_many',
      retryAfter: 2,
    });
    const other = reads.run('b', () => Promise.resolve('other'));
    // A part of an answer that has begun is never refused.
    const part = reads.inTurn('a', () => Promise.resolve('part'));
    open();
    await Promise.all([running, ...waiting]);
    await expect(Promise.all([other, part])).resolves.toEqual(['other', 'part']);
  });

  it('goes on after a read that fails', async () => {
    const reads = aService();
    await expect(reads.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(reads.run('a', () => Promise.resolve(1))).resolves.toBe(1);
  });

  it('bounds the answers that a user receives part by part', () => {
    const reads = aService();
    const ends = Array.from({ length: 16 }, () => reads.beginStream('a'));
    expect(() => reads.beginStream('a')).toThrow(/Too many of your searches/);
    reads.beginStream('b')();
    ends[0]!();
    expect(() => reads.beginStream('a')).not.toThrow();
  });
});
