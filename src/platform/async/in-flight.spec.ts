import { InFlight } from './in-flight';

/** A promise, and how to settle it. */
function aJob() {
  let end: () => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { done, end, fail };
}

describe('InFlight', () => {
  it('counts what is not settled, and is settled when all of it is, also what failed', async () => {
    const flight = new InFlight();
    const [first, second] = [aJob(), aJob()];
    expect(flight.add(first.done)).toBe(first.done);
    flight.add(second.done).catch(() => undefined);
    expect(flight.size).toBe(2);
    let isSettled = false;
    const settled = flight.settled().then(() => (isSettled = true));
    first.end();
    await first.done;
    expect([flight.size, isSettled]).toEqual([1, false]);
    second.fail(new Error('no'));
    await settled;
    expect(flight.size).toBe(0);
  });

  it('is settled at once when there is nothing, and waits for what comes in the meantime', async () => {
    const flight = new InFlight();
    await flight.settled();
    const [first, later] = [aJob(), aJob()];
    void flight.add(first.done);
    let isSettled = false;
    const settled = flight.settled().then(() => (isSettled = true));
    void flight.add(later.done);
    first.end();
    await first.done;
    await Promise.resolve();
    expect(isSettled).toBe(false);
    later.end();
    await settled;
  });
});
