import { tooMuch } from './brake';

describe('the brake', () => {
  it.each([
    [0, 0, null],
    [1, 2, null],
    [1, 1, 'more_than_half'],
    [50, 100, null],
    [51, 100, 'more_than_half'],
    // Counted no further than twice what would go: that is enough to know.
    [1_000, 2_000, null],
  ])('of %d of %d versions says %s', (versions, total, reason) => {
    expect(tooMuch({ versions, total, usual: [] })).toBe(reason);
  });

  it.each([
    [1_000, [1, 1], null],
    [100, [1, 1, 1], null],
    [101, [1, 1, 1], 'unusually_many'],
    [101, [1, 1, 900_000], 'unusually_many'],
    [10_000, [100, 1, 100, 900], null],
  ])('of %d where %j were usual says %s', (versions, usual, reason) => {
    expect(tooMuch({ versions, total: 1_000_000, usual })).toBe(reason);
  });
});
