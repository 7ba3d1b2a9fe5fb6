import { ranges } from './ranges';

it.each([
  [[], ''],
  [[7], '7'],
  [[1, 2, 3], '1-3'],
  [[1, 2, 3, 7, 9, 10], '1-3,7,9-10'],
])('writes %j as %s', (numbers, text) => {
  expect(ranges(numbers)).toBe(text);
});

it('cuts long lists between two parts', () => {
  const text = ranges(Array.from({ length: 1_000 }, (_, i) => i * 2));
  expect(text.length).toBeLessThanOrEqual(502);
  expect(text).toMatch(/^0,2,4,.*,\d+,…$/);
});
