import fc from 'fast-check';
import { BodyBudget, type BodyLimits } from './body-budget';

const never = new AbortController().signal;
const LIMITS: BodyLimits = { total: 100, ofOwner: 40, waiting: 3, waitingOfOwner: 2, waitMs: 3_600_000 };
const refusal = (work: Promise<void>): Promise<unknown> => work.catch((error: unknown) => error);

describe('BodyBudget', () => {
  it('lets an owner wait for its own room without holding up others', async () => {
    const budget = new BodyBudget(LIMITS);
    await budget.reserve('a', 40, never);
    const admitted: string[] = [];
    const second = budget.reserve('a', 30, never).then(() => void admitted.push('a'));
    await budget.reserve('b', 40, never).then(() => void admitted.push('b'));
    expect(admitted).toEqual(['b']);
    budget.release('a', 40);
    await second;
    expect(budget.bytes).toBe(70);
  });

  it('keeps the order of those who wait for room in all', async () => {
    const budget = new BodyBudget({ ...LIMITS, total: 60 });
    await budget.reserve('a', 40, never);
    const order: string[] = [];
    const large = budget.reserve('b', 30, never).then(() => void order.push('large'));
    const small = budget.reserve('c', 10, never).then(() => void order.push('small'));
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    budget.release('a', 40);
    await Promise.all([large, small]);
    expect(order).toEqual(['large', 'small']);
  });

  it('refuses at once when too many wait', async () => {
    const budget = new BodyBudget(LIMITS);
    await budget.reserve('a', 40, never);
    for (let waiting = 0; waiting < 2; waiting++) void budget.reserve('a', 1, never);
    expect(await refusal(budget.reserve('a', 1, never))).toMatchObject({ reason: 'owner' });
    await budget.reserve('b', 40, never);
    void budget.reserve('c', 40, never);
    expect(await refusal(budget.reserve('d', 40, never))).toMatchObject({ reason: 'total' });
  });

  it('refuses after the wait, and says whose limit it was', async () => {
    const budget = new BodyBudget({ ...LIMITS, waitMs: 1 });
    await budget.reserve('a', 40, never);
    expect(await refusal(budget.reserve('a', 1, never))).toMatchObject({ reason: 'owner' });
    await budget.reserve('b', 40, never);
    expect(await refusal(budget.reserve('c', 40, never))).toMatchObject({ reason: 'total' });
  });

  it('forgets a request whose client went away while it waited', async () => {
    const budget = new BodyBudget(LIMITS);
    const gone = new AbortController();
    await budget.reserve('a', 40, never);
    const waiting = refusal(budget.reserve('a', 1, gone.signal));
    gone.abort(new Error('gone'));
    expect(await waiting).toMatchObject({ message: 'gone' });
    budget.release('a', 40);
    expect(budget.bytes).toBe(0);
  });

  it('never holds more than its limits, and nothing in the end', async () => {
    const step = fc.record({ owner: fc.constantFrom('a', 'b', 'c'), bytes: fc.integer({ min: 1, max: 40 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const budget = new BodyBudget({ ...LIMITS, waiting: 100, waitingOfOwner: 100 });
        const held = { a: 0, b: 0, c: 0 };
        const jobs = steps.map(async ({ owner, bytes }) => {
          await budget.reserve(owner, bytes, never);
          held[owner] += bytes;
          expect(held[owner]).toBeLessThanOrEqual(40);
          expect(budget.bytes).toBeLessThanOrEqual(100);
          await new Promise(setImmediate);
          held[owner] -= bytes;
          budget.release(owner, bytes);
        });
        await Promise.all(jobs);
        expect(budget.bytes).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});
