import fc from 'fast-check';
import { Pace } from './pace';

describe('the pace of a job', () => {
  it('is halved by a transaction that took long, and grows again by short ones', () => {
    const pace = new Pace(100);
    expect(pace.next).toBe(100);
    pace.took(21);
    expect(pace.next).toBe(50);
    pace.took(15);
    expect(pace.next).toBe(50);
    for (let steps = 0; steps < 4; steps += 1) pace.took(1);
    expect(pace.next).toBe(100);
  });

  it('is never nothing and never more than the most, whatever happened', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.array(fc.double({ min: 0, max: 1e6 })),
        (most, times) => {
          const pace = new Pace(most);
          for (const ms of times) {
            pace.took(ms);
            expect(pace.next).toBeGreaterThanOrEqual(1);
            expect(pace.next).toBeLessThanOrEqual(most);
          }
        },
      ),
    );
  });

  it('counts a transaction that failed, too', async () => {
    const pace = new Pace(8);
    const slow = () => {
      const until = performance.now() + 25;
      while (performance.now() < until);
      return Promise.reject(new Error('failed'));
    };
    await expect(pace.step(slow)).rejects.toThrow('failed');
    expect(pace.next).toBe(4);
  });
});
