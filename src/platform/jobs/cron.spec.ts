import fc from 'fast-check';
import { parseCron } from './cron';

const at = (iso: string) => Date.parse(iso);

it.each([
  ['* * * * *', '2026-11-23T09:15:00.000Z', '2026-11-23T09:16:00.000Z'],
  ['* * * * *', '2026-11-23T09:15:59.999Z', '2026-11-23T09:16:00.000Z'],
  ['17 * * * *', '2026-11-23T09:17:00.000Z', '2026-11-23T10:17:00.000Z'],
  ['0 3 * * 0', '2026-11-23T09:15:00.000Z', '2026-11-29T03:00:00.000Z'],
  ['0 0 29 2 *', '2026-11-23T09:15:00.000Z', '2028-02-29T00:00:00.000Z'],
  // crontab(5): with both fields of days given, either will do.
  ['0 0 13 * 5', '2026-11-23T09:15:00.000Z', '2026-11-27T00:00:00.000Z'],
  // The day summer time begins in Europe: UTC knows of no such thing.
  ['30 2 29 3 *', '2026-03-29T00:00:00.000Z', '2026-03-29T02:30:00.000Z'],
])('%s comes after %s at %s', (text, since, next) => {
  expect(parseCron(text).next(at(since))).toBe(at(next));
});

it.each([
  '',
  '* * * *',
  '* * * * * *',
  '61 * * * *',
  '* 24 * * *',
  '@daily',
  'every hour',
  '0 0 30 2 *',
  '0 0 L * *',
])('refuses %p in a sentence that does not quote it', (text) => {
  expect(() => parseCron(text)).toThrow(/^must /);
  if (text.length > 0) expect(() => parseCron(text)).not.toThrow(text);
});

it('always answers with a later time, on the minute', () => {
  const field = (min: number, max: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min, max }).map(String),
      fc.constant(`*/${Math.max(2, max >> 1)}`),
    );
  const text = fc
    .tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
    .map((fields) => fields.join(' '));
  const since = fc.integer({ min: at('1970-01-01T00:00:00Z'), max: at('2100-01-01T00:00:00Z') });
  fc.assert(
    fc.property(text, since, (cron, time) => {
      const next = parseCron(cron).next(time)!;
      expect(next).toBeGreaterThan(time);
      expect(next % 60_000).toBe(0);
    }),
  );
});
