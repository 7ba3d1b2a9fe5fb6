import fc from 'fast-check';
import { Steadiness } from './steadiness';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 0, 1, 12);

describe('how long the clock has run steadily', () => {
  it('grows with the time on both clocks', () => {
    const clock = new Steadiness(NOON, 10);
    expect(clock.observe(NOON + HOUR, 10 + HOUR)).toBe(HOUR);
    expect(clock.observe(NOON + 2 * HOUR + 4_000, 10 + 2 * HOUR)).toBe(2 * HOUR);
  });

  it.each([HOUR, -HOUR, 5_001, -5_001, NaN])('restarts when the clock is set by %d ms', (step) => {
    const clock = new Steadiness(NOON, 0);
    clock.observe(NOON + HOUR, HOUR);
    expect(clock.observe(NOON + 2 * HOUR + step, 2 * HOUR)).toBe(0);
  });

  it('is never longer than the process has observed the clock, and zero right after a step', () => {
    const steps = fc.array(
      fc.record({ passed: fc.nat(HOUR), set: fc.constantFrom(0, 0, 0, 3 * HOUR, -3 * HOUR) }),
    );
    fc.assert(
      fc.property(steps, (all) => {
        const clock = new Steadiness(NOON, 0);
        let [wall, monotonic, expected] = [NOON, 0, 0];
        for (const { passed, set } of all) {
          wall += passed + set;
          monotonic += passed;
          expected = set === 0 ? expected + passed : 0;
          expect(clock.observe(wall, monotonic)).toBe(expected);
        }
      }),
    );
  });
});
