import fc from 'fast-check';
import { bucketOf } from './calendar';
import { decide, toRemove, nextDue, type AgedVersion, type Reason } from './decide';
import {
  BUILT_IN_POLICY,
  POLICY_FIELDS,
  POLICY_LIMITS,
  keepsSomething,
  minOf,
  type Policy,
} from '../../platform/config/policy-limits';
import { inherit } from './policy';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-11-23T09:15:00.000Z');

const OFF: Policy = {
  keep_last: 0,
  keep_within_hours: 0,
  keep_hourly: 0,
  keep_daily: 0,
  keep_weekly: 0,
  keep_monthly: 0,
  keep_yearly: 0,
  deleted_retention_days: 30,
};
const only = (part: Partial<Policy>): Policy => ({ ...OFF, ...part });

/** Versions 1, 2, … made at these times. */
const made = (...times: string[]): AgedVersion[] =>
  times.map((time, i) => ({ version: i + 1, createdAt: Date.parse(time), labelled: false, pinned: false }));

const kept = (versions: AgedVersion[], policy: Policy, now = NOW): Record<number, readonly Reason[]> =>
  Object.fromEntries(
    decide(versions, policy, now)
      .filter(({ reasons }) => reasons.length > 0)
      .map(({ version, reasons }) => [version.version, reasons]),
  );

describe('the rules', () => {
  it('keep the newest versions by their number', () => {
    const versions = made(
      '2020-01-01T00:00:00Z',
      '2020-01-01T00:00:00Z',
      '2020-01-02T00:00:00Z',
      '2020-01-03T00:00:00Z',
    );
    expect(kept(versions, only({ keep_last: 2 }))).toEqual({ 4: ['newest', 'last'], 3: ['last'] });
  });

  it('keep all versions of the window, and the one that the window begins with', () => {
    const versions = made(
      '2026-11-20T00:00:00Z',
      '2026-11-22T09:14:59.999Z',
      '2026-11-22T09:15:00.001Z',
      '2026-11-23T09:00:00Z',
    );
    expect(kept(versions, only({ keep_within_hours: 24 }))).toEqual({
      4: ['newest', 'within'],
      3: ['within'],
      2: ['window_start'],
    });
  });

  it('take a version made at the very beginning of the window for the one it begins with', () => {
    const versions = made('2026-11-20T00:00:00Z', '2026-11-22T09:15:00.000Z', '2026-11-23T09:00:00Z');
    expect(Object.keys(kept(versions, only({ keep_within_hours: 24 })))).toEqual(['2', '3']);
  });

  it('keep the last version of each of the newest days that have one', () => {
    const versions = made(
      '2026-01-01T01:00:00Z',
      '2026-03-01T01:00:00Z',
      '2026-03-01T23:59:59.999Z',
      '2026-03-02T00:00:00Z',
      '2026-11-01T12:00:00Z',
    );
    expect(kept(versions, only({ keep_daily: 3 }))).toEqual({
      5: ['newest', 'daily'],
      4: ['daily'],
      3: ['daily'],
    });
  });

  it('begin weeks on Monday, in UTC', () => {
    const versions = made(
      '2026-11-15T23:59:59Z',
      '2026-11-16T00:00:00Z',
      '2026-11-22T23:59:59Z',
      '2026-11-23T00:00:00Z',
    );
    expect(Object.keys(kept(versions, only({ keep_weekly: 9 })))).toEqual(['1', '3', '4']);
  });

  it('count months and years by the calendar', () => {
    const versions = made(
      '2024-12-31T23:59:59Z',
      '2025-01-01T00:00:00Z',
      '2025-01-31T23:00:00Z',
      '2026-02-01T00:00:00Z',
    );
    expect(Object.keys(kept(versions, only({ keep_monthly: 9 })))).toEqual(['1', '3', '4']);
    expect(Object.keys(kept(versions, only({ keep_yearly: 9 })))).toEqual(['1', '3', '4']);
    expect(Object.keys(kept(versions, only({ keep_hourly: 9 })))).toEqual(['1', '2', '3', '4']);
  });

  it('keep pinned and labelled versions, and those of a clock that was ahead', () => {
    const versions = made(
      '2020-01-01T00:00:00Z',
      '2020-01-01T00:00:00Z',
      '2030-01-01T00:00:00Z',
      '2030-01-01T00:00:00Z',
    );
    versions[0]!.pinned = true;
    versions[1]!.labelled = true;
    expect(kept(versions, only({ keep_last: 1 }))).toEqual({
      4: ['newest', 'last', 'future'],
      3: ['future'],
      2: ['labelled'],
      1: ['pinned'],
    });
  });

  it('say in which order the rest goes', () => {
    const versions = made('2020-01-01T00:00:00Z', '2020-01-02T00:00:00Z', '2020-01-03T00:00:00Z');
    expect(toRemove(decide(versions, only({ keep_last: 1 }), NOW)).map(({ version }) => version)).toEqual([
      1, 2,
    ]);
  });
});

describe('the levels', () => {
  it('are inherited field by field, each with where it comes from', () => {
    const { policy, levels } = inherit(BUILT_IN_POLICY, { keep_last: 5, keep_daily: 0 }, { keep_daily: 7 });
    expect(policy).toEqual({ ...BUILT_IN_POLICY, keep_last: 5, keep_daily: 7 });
    expect(levels).toMatchObject({ keep_last: 'user', keep_daily: 'graph', keep_weekly: 'default' });
  });
});

const aNumber = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 1_000 }));
const aPolicy = fc
  .record(
    Object.fromEntries(POLICY_FIELDS.map((field) => [field, aNumber])) as Record<
      keyof Policy,
      typeof aNumber
    >,
  )
  .map((policy) => ({ ...policy, deleted_retention_days: 30 }))
  .filter(keepsSomething);

/** Ages that meet the bounds of hours, days, weeks and months often. */
const aGap = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 2 * HOUR }),
  fc.integer({ min: 0, max: 9 }).map((n) => n * HOUR),
  fc.integer({ min: 0, max: 40 }).map((n) => n * DAY),
);
const aHistory = fc
  .array(
    fc.record({
      gap: aGap,
      labelled: fc.nat(19).map((n) => n === 0),
      pinned: fc.nat(19).map((n) => n === 0),
    }),
    {
      minLength: 1,
      maxLength: 60,
    },
  )
  .chain((steps) => fc.tuple(fc.constant(steps), fc.integer({ min: -2 * DAY, max: 400 * DAY })))
  .map(([steps, age]) => {
    let at = NOW - age;
    return steps
      .map(({ gap, ...marks }, i) => ({ ...marks, version: steps.length - i, createdAt: (at -= gap) }))
      .reverse();
  });

const numbers = (versions: readonly AgedVersion[]) =>
  versions.map(({ version }) => version).sort((a, b) => a - b);
const survivors = (versions: AgedVersion[], policy: Policy, now = NOW) =>
  decide(versions, policy, now)
    .filter(({ reasons }) => reasons.length > 0)
    .map(({ version }) => version);
/** What a reader finds at a time, as the version store finds it. */
const stateAt = (versions: readonly AgedVersion[], time: number) =>
  [...versions].sort((a, b) => b.version - a.version).find(({ createdAt }) => createdAt <= time)?.version;

describe('whatever the history and the policy', () => {
  it('the newest version, pinned and labelled ones are never removed', () => {
    fc.assert(
      fc.property(aHistory, aPolicy, (versions, policy) => {
        const left = new Set(numbers(survivors(versions, policy)));
        expect(left.has(versions.at(-1)!.version)).toBe(true);
        for (const { version, pinned, labelled } of versions)
          if (pinned || labelled) expect(left.has(version)).toBe(true);
      }),
    );
  });

  it('every time inside the window is answered with the same version as before', () => {
    fc.assert(
      fc.property(aHistory, aPolicy, fc.double({ min: 0, max: 1, noNaN: true }), (versions, policy, part) => {
        const window = policy.keep_within_hours * HOUR;
        if (window === 0) return;
        const left = survivors(versions, policy);
        const moments = versions.flatMap(({ createdAt }) => [createdAt, createdAt - 1, createdAt + 1]);
        for (const time of [NOW, NOW - window, Math.round(NOW - part * window), ...moments])
          if (time >= NOW - window && time <= NOW) expect(stateAt(left, time)).toBe(stateAt(versions, time));
      }),
    );
  });

  it('deciding again on the survivors removes nothing', () => {
    fc.assert(
      fc.property(aHistory, aPolicy, (versions, policy) => {
        const left = survivors(versions, policy);
        expect(toRemove(decide(left, policy, NOW))).toEqual([]);
      }),
    );
  });

  it('a more generous policy never keeps less', () => {
    fc.assert(
      fc.property(aHistory, aPolicy, aPolicy, (versions, policy, more) => {
        const generous = Object.fromEntries(
          POLICY_FIELDS.map((field) => [field, Math.max(policy[field], more[field])]),
        ) as Policy;
        const left = new Set(numbers(survivors(versions, generous)));
        for (const version of numbers(survivors(versions, policy))) expect(left.has(version)).toBe(true);
      }),
    );
  });

  it('a clock that was set back removes nothing that it would have kept', () => {
    fc.assert(
      fc.property(aHistory, aPolicy, fc.integer({ min: 1, max: 500 * DAY }), (versions, policy, back) => {
        const left = new Set(numbers(survivors(versions, policy, NOW - back)));
        for (const version of numbers(survivors(versions, policy))) expect(left.has(version)).toBe(true);
      }),
    );
  });

  it('a field that is missing, NaN, negative, broken or absurdly large keeps everything', () => {
    const broken = fc.constantFrom(undefined, null, NaN, -1, 0.5, Infinity, -Infinity, 1e300, '5', {}, []);
    fc.assert(
      fc.property(
        aHistory,
        aPolicy,
        fc.constantFrom(...POLICY_FIELDS),
        broken,
        (versions, policy, field, value) => {
          const wrong = { ...policy, [field]: value } as Policy;
          expect(toRemove(decide(versions, wrong, NOW))).toEqual([]);
          expect(toRemove(decide(versions, { ...policy, [field]: POLICY_LIMITS[field] + 1 }, NOW))).toEqual(
            [],
          );
          if (minOf(field) > 0)
            expect(toRemove(decide(versions, { ...policy, [field]: 0 }, NOW))).toEqual([]);
        },
      ),
    );
  });

  it('no policy at all, one that keeps nothing, and no time keep everything', () => {
    fc.assert(
      fc.property(aHistory, aPolicy, (versions, policy) => {
        for (const wrong of [OFF, undefined, null, {}, NaN] as Policy[])
          expect(toRemove(decide(versions, wrong, NOW))).toEqual([]);
        for (const time of [NaN, Infinity, -Infinity, 0, -1, undefined as unknown as number])
          expect(toRemove(decide(versions, policy, time))).toEqual([]);
      }),
    );
  });

  it('the limits of all fields together keep everything that is younger than they reach', () => {
    fc.assert(
      fc.property(aHistory, (versions) => {
        expect(toRemove(decide(versions, POLICY_LIMITS, NOW))).toEqual([]);
      }),
    );
  });

  it('nothing goes before the time that is named as the next', () => {
    fc.assert(
      fc.property(aHistory, aPolicy, (versions, policy) => {
        const left = survivors(versions, policy);
        const due = nextDue(decide(left, policy, NOW), policy, NOW);
        if (due === null) {
          expect(toRemove(decide(left, policy, NOW + 100_000 * DAY))).toEqual([]);
          return;
        }
        expect(due).toBeGreaterThan(NOW);
        expect(toRemove(decide(left, policy, due - 1))).toEqual([]);
      }),
    );
  });

  it('the periods of the calendar follow one another', () => {
    const bucket = fc.constantFrom('hour', 'day', 'week', 'month', 'year');
    const time = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(bucket, time, time, (kind, a, b) => {
        if (a <= b) expect(bucketOf(kind, a)).toBeLessThanOrEqual(bucketOf(kind, b));
      }),
    );
  });
});
