import fc from 'fast-check';
import { nextAfterFailure, nextAfterSuccess } from './schedule';

const NOW = 1_764_000_000_000;
const random = fc.double({ min: 0, max: 0.999, noNaN: true });
const minutes = fc.integer({ min: 1, max: 10_080 });

it('reads a source again after its interval, give or take a tenth', () => {
  fc.assert(
    fc.property(minutes, random, (every, chance) => {
      const wait = (nextAfterSuccess(NOW, every, chance) - NOW) / 60_000;
      expect(wait).toBeGreaterThanOrEqual(every * 0.899);
      expect(wait).toBeLessThanOrEqual(every * 1.101);
    }),
  );
});

it('waits longer with each failure, never beyond six hours or the interval', () => {
  fc.assert(
    fc.property(minutes, fc.integer({ min: 1, max: 1_000 }), (every, failures) => {
      const wait = (count: number) => nextAfterFailure(NOW, every, count, undefined, 0.5) - NOW;
      expect(wait(failures + 1)).toBeGreaterThanOrEqual(wait(failures));
      expect(wait(failures)).toBeGreaterThanOrEqual(every * 60_000);
      expect(wait(failures)).toBeLessThanOrEqual(Math.max(6 * 60, every) * 60_000);
    }),
  );
});

it('does not ask sooner than the server wants', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 86_400 }), random, (seconds, chance) => {
      expect(nextAfterFailure(NOW, 5, 1, seconds, chance) - NOW).toBeGreaterThanOrEqual(seconds * 1_000);
    }),
  );
  expect(nextAfterFailure(NOW, 5, 1, 999_999, 0.5) - NOW).toBe(86_400_000);
});
