import fc from 'fast-check';
import { FairQueue, type Waiting } from './fair-queue';

interface Job extends Waiting {
  readonly name: string;
}

const LIMITS = { running: 2, waiting: 5, waitingOfOwner: 3, share: 1 };

function jobs(...names: string[]): Job[] {
  return names.map((name) => ({ name, owner: name.slice(0, 1), large: name.endsWith('!') }));
}

function filled(limits: typeof LIMITS, ...names: string[]): FairQueue<Job> {
  const queue = new FairQueue<Job>(limits);
  for (const job of jobs(...names)) queue.add(job);
  return queue;
}

describe('FairQueue', () => {
  it('lets owners take turns, and one owner keep its order', () => {
    const queue = filled({ ...LIMITS, running: 1 }, 'a1', 'a2', 'a3', 'b1', 'c1');
    const order: string[] = [];
    for (let job = queue.take(); job !== undefined; job = queue.take()) {
      order.push(job.name);
      queue.done(job);
    }
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
  });

  it('runs at most a share of one owner, and of large jobs, at the same time', () => {
    const queue = filled(LIMITS, 'a1!', 'a2', 'b1!', 'c1');
    const first = queue.take();
    expect([first?.name, queue.take()?.name, queue.take()]).toEqual(['a1!', 'c1', undefined]);
    queue.done(first!);
    expect(queue.take()?.name).toBe('b1!');
  });

  it('refuses what is too much, of one owner or in all', () => {
    const queue = filled(LIMITS, 'a1', 'a2', 'a3');
    expect(queue.admits('a')).toBe('owner');
    expect(queue.admits('b')).toBe('yes');
    for (const job of jobs('b1', 'c1')) queue.add(job);
    expect(queue.admits('d')).toBe('full');
    expect(queue.clear()).toHaveLength(5);
    expect(queue.admits('a')).toBe('yes');
  });

  it('runs each job once, within its limits, whatever comes and ends', () => {
    const steps = fc.array(
      fc.record({ owner: fc.constantFrom('a', 'b', 'c'), large: fc.boolean(), end: fc.boolean() }),
    );
    fc.assert(
      fc.property(steps, (list) => {
        const queue = new FairQueue<Job>({ running: 2, waiting: 1_000, waitingOfOwner: 1_000, share: 1 });
        const running: Job[] = [];
        const ran: string[] = [];
        const start = (): void => {
          for (let job = queue.take(); job !== undefined; job = queue.take()) {
            running.push(job);
            ran.push(job.name);
            expect(running.length).toBeLessThanOrEqual(2);
            expect(new Set(running.map(({ owner }) => owner)).size).toBe(running.length);
            expect(running.filter(({ large }) => large).length).toBeLessThanOrEqual(1);
          }
        };
        list.forEach(({ owner, large, end }, index) => {
          queue.add({ name: String(index), owner, large });
          start();
          const ended = end ? running.shift() : undefined;
          if (ended) queue.done(ended);
          start();
        });
        while (running.length > 0) {
          queue.done(running.shift()!);
          start();
        }
        expect(ran.toSorted()).toEqual(list.map((_, index) => String(index)).toSorted());
        expect(queue.waiting).toBe(0);
      }),
    );
  });
});
