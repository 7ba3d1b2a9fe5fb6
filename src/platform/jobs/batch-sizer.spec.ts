import fc from 'fast-check';
import { BatchSizer } from './batch-sizer';

describe('the batch size of a job', () => {
  it('halves after a slow transaction and grows again after fast ones', () => {
    const sizer = new BatchSizer(100);
    expect(sizer.next).toBe(100);
    sizer.took(21);
    expect(sizer.next).toBe(50);
    sizer.took(15);
    expect(sizer.next).toBe(50);
    for (let steps = 0; steps < 4; steps += 1) sizer.took(1);
    expect(sizer.next).toBe(100);
  });

  it('stays between one and the maximum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.array(fc.double({ min: 0, max: 1e6 })),
        (most, times) => {
          const sizer = new BatchSizer(most);
          for (const ms of times) {
            sizer.took(ms);
            expect(sizer.next).toBeGreaterThanOrEqual(1);
            expect(sizer.next).toBeLessThanOrEqual(most);
          }
        },
      ),
    );
  });

  it('counts a failed transaction as well', async () => {
    const sizer = new BatchSizer(8);
    const slow = () => {
      const until = performance.now() + 25;
      while (performance.now() < until);
      return Promise.reject(new Error('failed'));
    };
    await expect(sizer.step(slow)).rejects.toThrow('failed');
    expect(sizer.next).toBe(4);
  });
});
