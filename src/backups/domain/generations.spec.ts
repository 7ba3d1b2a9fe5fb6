import fc from 'fast-check';
import { expirable, generationsOf, segmentsIn } from './generations';
import { segmentName } from './segment-name';

const lineage = 'ab'.repeat(16);
const object = (generation: number, index: number, fence = 1) => ({
  name: segmentName({ lineage, generation, index, fence, kind: index === 0 ? 'full' : 'part' }),
  bytes: 10,
});

it('reads a generation as far as no place is missing, the newest run first', () => {
  const listed = [
    object(2, 0),
    object(1, 0),
    object(1, 1, 4),
    object(1, 1, 9),
    object(1, 3),
    { name: 'keys/x', bytes: 1 },
  ];
  const [first, second] = generationsOf(segmentsIn(listed));
  expect(first!.places.map((place) => place.map(({ fence }) => fence))).toEqual([[1], [9, 4]]);
  expect(second).toMatchObject({ number: 2, bytes: 10 });
});

it('has nothing to read in a generation without its full segment', () => {
  expect(generationsOf(segmentsIn([object(1, 1), object(1, 2)]))[0]!.places).toEqual([]);
});

it.each([NaN, 0, -1, 1.5, Infinity])('lets nothing go when %p are to be kept', (keep) => {
  expect(expirable([1, 2, 3, 4], [1, 2, 3, 4], keep)).toEqual([]);
});

it('always leaves as many verified generations as are to be kept, and every newer one', () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 12 });
  fc.assert(
    fc.property(
      numbers,
      fc.infiniteStream(fc.boolean()),
      fc.integer({ min: 1, max: 4 }),
      (all, coins, keep) => {
        const verified = all.filter(() => coins.next().value);
        const gone = expirable(all, verified, keep);
        const left = verified.filter((number) => !gone.includes(number));
        expect(left.length).toBeGreaterThanOrEqual(Math.min(keep, verified.length));
        expect(gone.every((number) => number < Math.min(...left))).toBe(true);
        if (verified.length < keep) expect(gone).toEqual([]);
      },
    ),
  );
});
