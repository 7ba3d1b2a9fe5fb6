import fc from 'fast-check';
import { GIVE_UP_MS, retryWait } from './retry';

const failures = fc.integer({ min: 1, max: 10_000 });
const random = fc.double({ min: 0, max: 0.999_999, noNaN: true });

it('waits longer after each failure, within a fifth', () => {
  fc.assert(
    fc.property(failures, random, (count, chance) => {
      const wait = retryWait(count, undefined, chance);
      const middle = retryWait(count, undefined, 0.5);
      expect(Math.abs(wait - middle)).toBeLessThanOrEqual(middle * 0.2 + 1);
      expect(retryWait(count + 1, undefined, 0.5)).toBeGreaterThanOrEqual(middle);
      expect(wait).toBeGreaterThanOrEqual(4_000);
    }),
  );
});

it('never comes back before the receiver asked for it, up to 12 hours', () => {
  fc.assert(
    fc.property(failures, random, fc.nat({ max: 999_999 }), (count, chance, seconds) => {
      const wait = retryWait(count, seconds, chance);
      expect(wait).toBeGreaterThanOrEqual(Math.min(seconds, 12 * 3_600) * 1_000);
      expect(wait).toBeLessThan(GIVE_UP_MS);
    }),
  );
});

it('makes about a dozen attempts in a day', () => {
  let time = 0;
  let attempts = 1;
  for (; time < GIVE_UP_MS; attempts += 1) time += retryWait(attempts, undefined, 0.5);
  expect(attempts).toBe(14);
});
