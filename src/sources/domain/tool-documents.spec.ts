import { timeOf } from './tool-documents';

describe('timeOf', () => {
  it.each([
    ['2026-11-25T19:20:41.000Z', Date.UTC(2026, 10, 25, 19, 20, 41)],
    ['2026-11-25T19:20:41+01:00', Date.UTC(2026, 10, 25, 18, 20, 41)],
  ])('reads %s', (text, ms) => {
    expect(timeOf(text)).toBe(ms);
  });

  // Date.parse reads the first one as the year 2001.
  it.each(['1', '42', 'v 3', '2026-99-99', '1969-01-01T00:00:00Z', '', undefined])(
    'takes %j for no time, such as the number of a version',
    (text) => {
      expect(timeOf(text)).toBeNull();
    },
  );
});
