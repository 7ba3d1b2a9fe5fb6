import * as fc from 'fast-check';
import { changes, headline, safety, type SummaryFacts } from './summary-text';
import { WEEK_MS, nextSummaryAt, summarizedWeek, weekOf } from './week';

const FRIDAY = Date.parse('2026-11-20T04:00:00.000Z');
const MONDAY = Date.parse('2026-11-23T06:00:00.000Z');
const DAY_MS = 86_400_000;
const FACTS: SummaryFacts = {
  graphs: 42,
  versions: 310,
  changedGraphs: 3,
  pendingVersions: 0,
  lastStored: MONDAY,
  lastVerified: FRIDAY,
  top: [
    { title: 'Order intake', versions: 12 },
    { title: 'Invoices', versions: 2 },
  ],
};

it('says how many versions there are, and that they are safe', () => {
  expect(headline(FACTS)).toBe('42 graphs, 310 versions this week');
  expect(safety(FACTS, MONDAY)).toBe('all stored and verified on Friday');
  expect(changes(FACTS)).toEqual([
    'Order intake changed 12 times',
    'Invoices changed twice',
    'and 1 other graph',
  ]);
});

it.each([
  [{ graphs: 1, versions: 1 }, '1 graph, 1 version this week', 'all stored and verified on Friday'],
  [{ versions: 0 }, '42 graphs, no new version this week', 'all stored and verified on Friday'],
  [{ graphs: 12_345 }, '12,345 graphs, 310 versions this week', 'all stored and verified on Friday'],
  [{ lastVerified: null }, headline(FACTS), 'all stored and not verified yet'],
  [{ lastVerified: FRIDAY - 7 * DAY_MS }, headline(FACTS), 'all stored and last verified on 2026-11-13'],
  [
    { pendingVersions: 2 },
    headline(FACTS),
    '2 versions not in the backup store yet, the others verified on Friday',
  ],
  [{ lastStored: null, pendingVersions: 9 }, headline(FACTS), 'nothing copied to the backup store yet'],
])('with %j', (changed, head, safe) => {
  const facts = { ...FACTS, ...changed };
  expect([headline(facts), safety(facts, MONDAY)]).toEqual([head, safe]);
});

it('a week begins on Monday in UTC, and is summarized six hours after its end', () => {
  expect(new Date(weekOf(FRIDAY)).toISOString()).toBe('2026-11-16T00:00:00.000Z');
  expect(summarizedWeek(MONDAY)).toBe(weekOf(FRIDAY));
  expect(summarizedWeek(MONDAY - 1)).toBe(weekOf(FRIDAY) - WEEK_MS);
  expect(nextSummaryAt(summarizedWeek(MONDAY - 1))).toBe(MONDAY);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (at) => {
      const week = weekOf(at);
      expect(new Date(week).getUTCDay()).toBe(1);
      expect(Math.abs(week % DAY_MS)).toBe(0);
      expect(at - week).toBeGreaterThanOrEqual(0);
      expect(at - week).toBeLessThan(WEEK_MS);
      // The next summary is due right when the next week can be summarized.
      const next = nextSummaryAt(summarizedWeek(at));
      expect(summarizedWeek(next)).toBe(summarizedWeek(at) + WEEK_MS);
      expect(summarizedWeek(next - 1)).toBe(summarizedWeek(at));
    }),
  );
});
