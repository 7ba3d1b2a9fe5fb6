import fc from 'fast-check';
import { RateWindow } from './rate-window';

const NOW = 1_764_000_000_000;

describe('a rate window', () => {
  it('lets a minute’s limit pass and says how long to wait for the rest', () => {
    const window = new RateWindow(3);
    expect([0, 1, 2].map((i) => window.hit('a', NOW + i))).toEqual([0, 0, 0]);
    expect(window.hit('a', NOW + 15_000)).toBe(45);
    expect(window.hit('b', NOW + 15_000)).toBe(0);
    expect(window.hit('a', NOW + 59_999)).toBe(1);
    expect(window.hit('a', NOW + 60_000)).toBe(0);
  });

  it('forgives what turned out harmless, and never limits at 0', () => {
    const window = new RateWindow(1);
    expect(window.hit('a', NOW)).toBe(0);
    window.forgive('a', NOW);
    expect(window.hit('a', NOW)).toBe(0);
    const open = new RateWindow(0);
    for (let i = 0; i < 1_000; i += 1) expect(open.hit('a', NOW)).toBe(0);
  });

  it('never lets more than the limit pass within a window, whatever the times', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(200_000)), (limit, times) => {
        const window = new RateWindow(limit);
        const passed = times.sort((a, b) => a - b).filter((time) => window.hit('a', NOW + time) === 0);
        passed.forEach((time, i) => {
          const next = passed[i + 2 * limit];
          // Two windows meet in any minute at worst.
          if (next !== undefined) expect(next - time).toBeGreaterThanOrEqual(60_000 - 1);
        });
      }),
    );
  });
});
