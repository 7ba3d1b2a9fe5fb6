import { performance } from 'node:perf_hooks';
import type { FastifyRequest } from 'fastify';
import { AppConfig } from '../config/app-config';
import { HeavyReads } from './heavy-reads';
import { RequestsInProgress } from './requests-in-progress';

const aService = (requests = new RequestsInProgress()) => new HeavyReads(AppConfig.from({}), requests);

/** A request of a user, or of a stranger. */
const requestOf = (id?: string) => ({ ...(id && { user: { id } }) }) as unknown as FastifyRequest;

function gate(): { open: () => void; passed: Promise<void> } {
  let openIt: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => (openIt = resolve));
  return { open: openIt, passed };
}

afterEach(() => jest.restoreAllMocks());

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

  it('lets the small parts of an answer share a turn of the event loop, and others go on after it', async () => {
    jest.spyOn(performance, 'now').mockReturnValue(0);
    const reads = aService();
    const order: string[] = [];
    setImmediate(() => order.push('turn'));
    const part = () => reads.inTurn('a', () => Promise.resolve(order.push('part')));
    const parts = (async () => {
      for (let at = 0; at < 10; at += 1) await part();
    })();
    await Promise.all([parts, reads.run('b', () => Promise.resolve(order.push('other')))]);
    expect(order).toEqual([...Array.from({ length: 10 }, () => 'part'), 'turn', 'other']);
  });

  it('ends a turn that has taken long, so that others get theirs before the next part', async () => {
    const reads = aService();
    const order: string[] = [];
    const slow = () => {
      const end = performance.now() + 2;
      while (performance.now() < end);
      return Promise.resolve(order.push('slow'));
    };
    const first = reads.inTurn('a', slow);
    const other = reads.run('b', () => Promise.resolve(order.push('other')));
    await first;
    await Promise.all([reads.inTurn('a', slow), other]);
    expect(order).toEqual(['slow', 'other', 'slow']);
  });

  describe('next to requests that are in progress', () => {
    const timers: (() => void)[] = [];
    let requests: RequestsInProgress;
    let reads: HeavyReads;
    const order: string[] = [];
    beforeEach(() => {
      timers.splice(0);
      order.splice(0);
      const held = (callback: () => void) => timers.push(callback);
      jest.spyOn(globalThis, 'setTimeout').mockImplementation(held as unknown as typeof setTimeout);
      requests = new RequestsInProgress();
      reads = aService(requests);
    });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const kinds = [
      ['a read', () => reads.run('a', () => Promise.resolve(order.push('heavy')))],
      ['a part', () => reads.inTurn('a', () => Promise.resolve(order.push('heavy')))],
    ] as const;

    it.each(kinds)('%s goes after those of other users', async (_, read) => {
      const all = [requestOf('b'), requestOf('c')];
      for (const request of all) requests.begin(request);
      const heavy = read();
      for (const request of all) {
        await turn();
        order.push('request');
        requests.end(request);
      }
      await heavy;
      expect(order).toEqual(['request', 'request', 'heavy']);
    });

    it.each(kinds)('%s waits some milliseconds at most', async (_, read) => {
      requests.begin(requestOf('b'));
      const heavy = read();
      await turn();
      expect([order, timers.length]).toEqual([[], 1]);
      timers[0]!();
      await heavy;
      expect(order).toEqual(['heavy']);
    });

    it.each(kinds)('%s does not wait for those of its user and of strangers', async (_, read) => {
      for (const id of ['a', undefined]) requests.begin(requestOf(id));
      await read();
      expect(timers).toEqual([]);
    });

    it('does not wait for a user who has heavy reads, which take turns', async () => {
      const { open, passed } = gate();
      const other = requestOf('b');
      requests.begin(other);
      const first = reads.run('a', () => passed);
      await turn();
      const waiting = reads
        .run('b', () => Promise.resolve(order.push('b')))
        .finally(() => requests.end(other));
      const second = reads.run('a', () => Promise.resolve(order.push('a')));
      timers[0]!();
      open();
      await Promise.all([first, waiting, second]);
      expect(order).toEqual(['b', 'a']);
    });
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

  it('counts exports apart from them', () => {
    const reads = aService();
    const ends = [1, 2].map(() => reads.beginStream('a', 'exports'));
    expect(() => reads.beginStream('a', 'exports')).toThrow(/Too many of your exports/);
    reads.beginStream('b', 'exports')();
    reads.beginStream('a')();
    ends[0]!();
    expect(() => reads.beginStream('a', 'exports')).not.toThrow();
  });
});
