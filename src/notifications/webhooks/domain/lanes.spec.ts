import fc from 'fast-check';
import { nextDelivery } from './lanes';

const delivery = fc.record({
  lane: fc.constantFrom('', 'a', 'b', 'c').map((text) => Buffer.from(text)),
  due_at: fc.nat({ max: 20 }),
});
const waiting = fc
  .array(delivery, { maxLength: 30 })
  .map((list) => list.map((one, i) => ({ ...one, n: i + 1 })))
  .chain((list) => fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }));
const now = fc.nat({ max: 25 });

it('sends only the first delivery of a lane, and only one that is due', () => {
  fc.assert(
    fc.property(waiting, now, (list, time) => {
      const choice = nextDelivery(list, time);
      if (!('next' in choice)) return;
      const { next } = choice;
      expect(next.due_at).toBeLessThanOrEqual(time);
      const before = list.filter(({ lane, n }) => lane.equals(next.lane) && n < next.n);
      expect(before).toEqual([]);
    }),
  );
});

it('waits exactly until the first delivery of some lane is due', () => {
  fc.assert(
    fc.property(waiting, now, (list, time) => {
      const choice = nextDelivery(list, time);
      if ('next' in choice) return;
      if (list.length === 0) return void expect(choice.wait).toBeNull();
      expect(choice.wait).toBeGreaterThan(time);
      expect('next' in nextDelivery(list, choice.wait!)).toBe(true);
      expect('next' in nextDelivery(list, choice.wait! - 1)).toBe(false);
    }),
  );
});

it('delivers everything in the order of each lane, whatever fails in between', () => {
  fc.assert(
    fc.property(waiting, fc.array(fc.boolean(), { maxLength: 40 }), (list, outcomes) => {
      let left = [...list];
      let time = 0;
      const delivered: typeof list = [];
      for (let step = 0; left.length > 0; step += 1) {
        const choice = nextDelivery(left, time);
        if (!('next' in choice)) {
          time = choice.wait!;
          continue;
        }
        const { next } = choice;
        const isFailure = outcomes[step] ?? false;
        if (isFailure) left = left.map((one) => (one === next ? { ...one, due_at: time + 3 } : one));
        else {
          delivered.push(next);
          left = left.filter((one) => one !== next);
        }
      }
      for (const lane of ['', 'a', 'b', 'c']) {
        const numbers = delivered.filter((one) => one.lane.equals(Buffer.from(lane))).map(({ n }) => n);
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      }
    }),
  );
});

it('sends at once what a clock that was set back would hold for years', () => {
  const far = { n: 1, lane: Buffer.alloc(0), due_at: Date.parse('2030-01-01T00:00:00Z') };
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(nextDelivery([far], now)).toEqual({ next: far });
  expect(nextDelivery([far], far.due_at - 60_000)).toEqual({ wait: far.due_at });
});
