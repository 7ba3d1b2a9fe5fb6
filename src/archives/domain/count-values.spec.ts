import { countValues } from './count-values';

it.each([
  ['{}', 2],
  ['[1,2,{"a":[]}]', 6],
  ['{"a,[{\\"":"\\\\","b":1}', 3],
  ['"no end,,,', 1],
  ['"\\', 1],
])('counts in %j about %d values', (text, count) => {
  expect(countValues(Buffer.from(text), 100)).toBe(count);
});

it('stops soon after the limit', () => {
  expect(countValues(Buffer.from(`[${'{},'.repeat(1_000)}{}]`), 10)).toBe(11);
});
