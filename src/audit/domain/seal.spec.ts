import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { JournalEventRow } from './journal-event.entity';
import { NO_SEAL, SealCheck, SealDigest, isTagged, rememberedEvents, type SealedRange } from './seal';

const KEY = randomBytes(32);

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((array) => Buffer.from(array));
const fields = fc.record({
  at: fc.nat(),
  user_key: maybe(fc.nat()),
  actor_key: maybe(fc.nat()),
  action: fc.nat(999),
  subject_id: maybe(bytes),
  version: maybe(fc.nat()),
  request_id: maybe(bytes),
  ip: maybe(fc.string()),
  details: maybe(fc.string()),
});
const journal = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 100_000 }), fields), { minLength: 1, maxLength: 30 })
  .map((list) => {
    let seq = 0;
    return list.map(([gap, rest]): JournalEventRow => ({ seq: (seq += gap), ...rest }));
  });

function sealOf(events: readonly JournalEventRow[], key = KEY) {
  const digest = new SealDigest(key);
  for (const event of events) digest.add(event);
  const range: SealedRange = {
    number: 7,
    from_seq: digest.first ?? 0,
    to_seq: digest.lastSeq,
    events: digest.events,
    made_at: 1_764_000_000_000,
    previous: NO_SEAL.digest,
  };
  return { ...range, ...digest.finish(range), expired_at: null, expiry_digest: null };
}

it('fits the events that were sealed in any batches, and no other events, key, tags or range', () => {
  fc.assert(
    fc.property(journal, fc.nat(), (events, cut) => {
      const seal = sealOf(events);
      const fits = (read: readonly JournalEventRow[], changed = {}, key = KEY) => {
        const check = new SealCheck();
        check.add(read.slice(0, cut % events.length));
        check.add(read.slice(cut % events.length));
        return check.fits(key, { ...seal, ...changed });
      };
      expect(fits(events)).toBe(true);
      expect(fits(events.slice(1))).toBe(false);
      expect(fits(events.map((event) => ({ ...event, at: event.at + 1 })))).toBe(false);
      expect(fits(events, { tags: seal.tags.subarray(1) })).toBe(false);
      expect(fits(events, { tags: null })).toBe(false);
      expect(fits(events, { made_at: 1 })).toBe(false);
      expect(fits(events, {}, randomBytes(32))).toBe(false);
    }),
  );
});

it('records each event of its range, in order', () => {
  fc.assert(
    fc.property(journal, (events) => {
      const remembered = [...rememberedEvents(sealOf(events).tags)];
      expect(remembered.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq));
      events.forEach((event, i) => expect(isTagged(KEY, event, remembered[i]!.tag)).toBe(true));
    }),
  );
});

it('changes with any field of any event, the order, gaps and the key', () => {
  const change = fc.constantFrom<keyof JournalEventRow>(
    'at',
    'user_key',
    'actor_key',
    'action',
    'subject_id',
    'version',
    'request_id',
    'ip',
    'details',
  );
  fc.assert(
    fc.property(journal, fc.nat(), change, fields, (events, index, field, other) => {
      const at = index % events.length;
      const changed = events.map((event, i) =>
        i === at ? { ...event, [field]: other[field as keyof typeof other] } : event,
      );
      const same = JSON.stringify(changed) === JSON.stringify(events);
      expect(sealOf(changed).digest.equals(sealOf(events).digest)).toBe(same);
      expect(isTagged(KEY, changed[at]!, [...rememberedEvents(sealOf(events).tags)][at]!.tag)).toBe(same);
      expect(sealOf(events.slice(1)).digest.equals(sealOf(events).digest)).toBe(false);
      expect(sealOf(events, randomBytes(32)).digest.equals(sealOf(events).digest)).toBe(false);
    }),
  );
});

it('stops at tags that were cut or changed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (array) => {
      expect([...rememberedEvents(Buffer.from(array))].length).toBeLessThanOrEqual(array.length);
    }),
  );
});
