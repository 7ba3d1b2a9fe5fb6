import fc from 'fast-check';
import { Latencies } from './latencies';
import { MinuteCounts } from './minute-counts';

const MINUTE = 60_000;
const BEGIN = 1_764_000_000_000;

describe('counts per minute', () => {
  it('equal those of a list of times, for any window up to a day', () => {
    const times = fc.array(fc.integer({ min: 0, max: 2 * 1_440 * MINUTE }), { maxLength: 50 });
    const windows = fc.integer({ min: 1, max: 1_440 });
    fc.assert(
      fc.property(times, windows, fc.integer({ min: 0, max: MINUTE * 100 }), (offsets, minutes, later) => {
        const sorted = offsets.map((offset) => BEGIN + offset).sort((a, b) => a - b);
        const counts = new MinuteCounts();
        for (const time of sorted) counts.add(time);
        const now = (sorted.at(-1) ?? BEGIN) + later;
        const from = Math.floor(now / MINUTE) - minutes + 1;
        expect(counts.last(minutes, now)).toBe(
          sorted.filter((time) => Math.floor(time / MINUTE) >= from).length,
        );
      }),
    );
  });

  it('continue in the newest minute when the clock is set back', () => {
    const counts = new MinuteCounts();
    counts.add(BEGIN);
    counts.add(BEGIN - 1_000 * MINUTE);
    expect(counts.last(1, BEGIN)).toBe(2);
  });
});

describe('latencies', () => {
  it('are never below the true percentile, and at most 20 % above', () => {
    const durations = fc.array(fc.double({ min: 0.1, max: 100_000, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.95, 0.99, 1), (list, share) => {
        const latencies = new Latencies();
        for (const ms of list) latencies.add(ms, BEGIN);
        const exact = [...list].sort((a, b) => a - b)[Math.ceil(list.length * share) - 1]!;
        const { count, percentiles } = latencies.summary([share], BEGIN);
        expect(count).toBe(list.length);
        expect(percentiles[0]!).toBeGreaterThanOrEqual(exact * 0.99 - 0.01);
        expect(percentiles[0]!).toBeLessThanOrEqual(exact * 1.21 + 0.01);
      }),
    );
  });

  it('forget what is older than an hour', () => {
    const latencies = new Latencies();
    latencies.add(5, BEGIN);
    expect(latencies.summary([0.5], BEGIN + 59 * MINUTE).count).toBe(1);
    expect(latencies.summary([0.5], BEGIN + 61 * MINUTE)).toEqual({ count: 0, percentiles: [null] });
  });
});
