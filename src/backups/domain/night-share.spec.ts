import fc from 'fast-check';
import { nightShare, type ReadGeneration } from './night-share';

const DAY_MS = 86_400_000;
const NOW = 1_800_000_000_000;

const generations = fc
  .array(
    fc.record({
      bytes: fc.nat(1_000_000),
      readAt: fc.option(fc.integer({ min: NOW - 30 * DAY_MS, max: NOW + DAY_MS })),
    }),
    { maxLength: 12 },
  )
  .map((list): ReadGeneration[] => list.map((each, at) => ({ number: at + 1, ...each })));
const days = fc.integer({ min: 2, max: 40 });

const bytesOf = (list: readonly ReadGeneration[]) => list.reduce((sum, { bytes }) => sum + bytes, 0);

describe('nightShare', () => {
  it('reads everything each night for a number of days that is missing, damaged or 1', () => {
    fc.assert(
      fc.property(
        generations,
        fc.constantFrom(NaN, 0, 1, -3, 1.5, Infinity, undefined, null),
        (list, wrong) => {
          expect(nightShare(list, wrong as number, NOW)).toEqual(list.map(({ number }) => number));
        },
      ),
    );
  });

  it('reads what was never read, what is too old, and what was read in the future', () => {
    fc.assert(
      fc.property(generations, days, (list, within) => {
        const chosen = new Set(nightShare(list, within, NOW));
        const late = list.filter(
          ({ readAt }) => readAt === null || readAt > NOW || NOW - readAt >= within * DAY_MS,
        );
        expect(late.filter(({ number }) => !chosen.has(number))).toEqual([]);
        expect([...chosen]).toHaveLength(nightShare(list, within, NOW).length);
      }),
    );
  });

  it('reads early no more than one share, and nothing that was read lately', () => {
    fc.assert(
      fc.property(generations, days, (list, within) => {
        const chosen = nightShare(list, within, NOW);
        const early = list.filter(
          ({ number, readAt }) =>
            chosen.includes(number) &&
            readAt !== null &&
            readAt <= NOW &&
            NOW - readAt <= within * DAY_MS - DAY_MS / 2,
        );
        expect(bytesOf(early)).toBeLessThanOrEqual(bytesOf(list) / within);
        expect(early.every(({ readAt }) => NOW - readAt! >= (within * DAY_MS) / 2)).toBe(true);
      }),
    );
  });

  it('reads each generation within the days, night after night, and at most twice the vault meanwhile', () => {
    fc.assert(
      fc.property(generations, fc.integer({ min: 2, max: 10 }), (list, within) => {
        let vault = list;
        let bytes = 0;
        const late: ReadGeneration[] = [];
        const nights = within * 4;
        for (let night = 0; night < nights; night += 1) {
          const now = NOW + DAY_MS * (night + 2);
          const chosen = new Set(nightShare(vault, within, now));
          if (night > 0) bytes += bytesOf(vault.filter(({ number }) => chosen.has(number)));
          vault = vault.map((each) => (chosen.has(each.number) ? { ...each, readAt: now } : each));
          late.push(...vault.filter(({ readAt }) => now - readAt! > within * DAY_MS));
        }
        expect(late).toEqual([]);
        // Twice the vault in each of the four times, and once more for where it begins.
        expect(bytes).toBeLessThanOrEqual(bytesOf(list) * 9);
      }),
    );
  });
});
