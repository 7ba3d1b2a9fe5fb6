import { hasJumped } from './clock-mark';

const DAY = 86_400_000;

it.each([
  [0, false],
  [DAY, false],
  [DAY + 1, true],
  [365 * DAY, true],
  [-365 * DAY, false],
  [NaN, true],
])('a clock %d ms ahead of the time it was right has jumped: %s', (ms, jumped) => {
  expect(hasJumped(1_764_000_000_000, 1_764_000_000_000 + ms)).toBe(jumped);
});
