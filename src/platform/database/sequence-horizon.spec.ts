import fc from 'fast-check';
import { SequenceHorizon } from './sequence-horizon';

/**
 * A server in small: transactions get an id, then draw numbers, and end, in any order. Steps are played in a row, as
 * the server would see them.
 */
const steps = fc.array(
  fc.oneof(
    fc.constant({ kind: 'begin' as const }),
    fc.record({ kind: fc.constant('draw' as const), which: fc.nat(9) }),
    fc.record({ kind: fc.constant('end' as const), which: fc.nat(9) }),
    fc.constant({ kind: 'update' as const }),
  ),
  { maxLength: 200 },
);

it('stays below numbers of running transactions, and reaches the end when all have ended', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const horizon = new SequenceHorizon();
      let nextId = 1n;
      let last = 0;
      let before = 0;
      const open: Array<{ id: bigint; numbers: number[] }> = [];
      const update = () =>
        horizon.update({
          drawn: last,
          oldest: open.reduce((oldest, { id }) => (id < oldest ? id : oldest), nextId),
          next: nextId,
        });
      for (const step of list) {
        if (step.kind === 'begin') open.push({ id: nextId++, numbers: [] });
        else if (step.kind === 'draw' && open.length > 0)
          open[step.which % open.length]!.numbers.push((last += 1));
        else if (step.kind === 'end' && open.length > 0) open.splice(step.which % open.length, 1);
        else if (step.kind === 'update') {
          const settledUpTo = update();
          expect(settledUpTo).toBeGreaterThanOrEqual(before);
          for (const { numbers } of open)
            for (const number of numbers) expect(number).toBeGreaterThan(settledUpTo);
          before = settledUpTo;
        }
      }
      open.length = 0;
      expect(update()).toBe(last);
    }),
  );
});
