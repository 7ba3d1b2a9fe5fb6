import fc from 'fast-check';
import { brakeOf, type CausedPrunes } from './brake';

const caused = (...parts: Array<[string, number]>): CausedPrunes[] =>
  parts.map(([policies, versions]) => ({ policies: policies.split('+'), versions }));

describe('the brake', () => {
  it.each([
    [0, 0, [], null],
    [1, 2, [], null],
    [2, 3, [], 'more_than_half'],
    [100, 1_000, [1, 1], null],
    [100, 1_000, [1, 1, 1], null],
    [101, 1_000, [1, 1, 1], 'unusually_many'],
    [101, 1_000, [1, 2, 3], null],
    [501, 1_000, [1, 1, 1], 'more_than_half'],
  ])('%d of %d versions, usually %j: %s', (versions, total, usual, reason) => {
    const brake = brakeOf(caused(['user 1', versions]), { total, usual });
    expect(brake?.reason ?? null).toBe(reason);
    expect(brake?.held ?? []).toEqual(reason === null ? [] : ['user 1']);
  });

  it('holds the policy that prunes the most and lets the others go on', () => {
    const parts = caused(['user 1', 5], ['user 2', 60], ['graph 3', 7]);
    expect(brakeOf(parts, { total: 100, usual: [] })).toEqual({
      reason: 'more_than_half',
      held: ['user 2'],
    });
  });

  it('holds several policies when one is not enough', () => {
    const parts = caused(['user 1', 5], ['user 2', 60], ['graph 3', 90]);
    expect(brakeOf(parts, { total: 160, usual: [1, 1, 1] })?.held).toEqual(['graph 3']);
    expect(brakeOf(parts, { total: 110, usual: [] })?.held).toEqual(['graph 3', 'user 2']);
  });

  it('takes a graph with two changed policies off both when one of them is held', () => {
    const parts = caused(['default+user 1', 60], ['default', 10], ['user 1', 3]);
    expect(brakeOf(parts, { total: 100, usual: [] })?.held).toEqual(['default']);
  });

  const parts = fc.array(
    fc.record({
      policies: fc.uniqueArray(fc.constantFrom('default', 'user 1', 'user 2', 'graph 3', 'graph 4'), {
        minLength: 1,
        maxLength: 3,
      }),
      versions: fc.nat(1_000),
    }),
    { maxLength: 12 },
  );
  const scale = fc.record({ total: fc.nat(5_000), usual: fc.array(fc.integer({ min: 1, max: 50 })) });

  it('leaves only what needs no brake, and holds nothing that it need not', () => {
    fc.assert(
      fc.property(parts, scale, (all, by) => {
        const held = brakeOf(all, by)?.held ?? [];
        const open = all.filter(({ policies }) => !policies.some((policy) => held.includes(policy)));
        expect(brakeOf(open, by)).toBeNull();
        const last = held.at(-1);
        if (last === undefined) return;
        const before = all.filter(({ policies }) => !policies.some((p) => p !== last && held.includes(p)));
        expect(brakeOf(before, by)).not.toBeNull();
      }),
    );
  });
});
