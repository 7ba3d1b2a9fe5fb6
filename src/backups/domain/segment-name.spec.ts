import fc from 'fast-check';
import { parseSegmentName, segmentName, type SegmentPlace } from './segment-name';

const place = fc
  .record({
    lineage: fc.stringMatching(/^[0-9a-f]{32}$/),
    generation: fc.integer({ min: 0, max: 9_999_999_999 }),
    index: fc.integer({ min: 0, max: 99_999_999 }),
    fence: fc.integer({ min: 0, max: 999_999_999_999 }),
  })
  .map((numbers): SegmentPlace => ({ ...numbers, kind: numbers.index === 0 ? 'full' : 'part' }));

it('is read as it was written', () => {
  fc.assert(fc.property(place, (given) => expect(parseSegmentName(segmentName(given))).toEqual(given)));
});

it('sorts by generation, then place, then run', () => {
  const order = (a: SegmentPlace, b: SegmentPlace) =>
    a.generation - b.generation || a.index - b.index || a.fence - b.fence;
  fc.assert(
    fc.property(place, place, (a, b) => {
      const [one, other] = [segmentName(a), segmentName({ ...b, lineage: a.lineage })];
      expect(Math.sign(order(a, b))).toBe(one < other ? -1 : one > other ? 1 : 0);
    }),
  );
});

it.each([
  '',
  'x',
  'lineages/00/segments/1/0-0-full.seg',
  segmentName({ lineage: 'a'.repeat(32), generation: 1, index: 1, fence: 1, kind: 'full' }),
])('takes %j for nothing', (name) => expect(parseSegmentName(name)).toBeUndefined());

it.each([NaN, -1, 0.5, 1e12])('writes no name for the number %p', (generation) => {
  expect(() =>
    segmentName({ lineage: 'a'.repeat(32), generation, index: 0, fence: 1, kind: 'full' }),
  ).toThrow(RangeError);
});
