import { setImmediate as turn } from 'node:timers/promises';
import { TurnEnd } from './turn-end';

const LIMIT = 16;

/** Waits `count` times; gives the numbers of those that went on so far. */
function waiters(end: TurnEnd, count: number): number[] {
  const gone: number[] = [];
  for (let number = 0; number < count; number += 1) void end.reached().then(() => gone.push(number));
  return gone;
}

/** Runs what is ready in this turn: promises, and what they resolve. */
async function microtasks(): Promise<void> {
  for (let each = 0; each < 10; each += 1) await Promise.resolve();
}

describe('TurnEnd', () => {
  it('lets all that wait go on at the end of the turn, in order', async () => {
    const gone = waiters(new TurnEnd(), 3);
    await microtasks();
    expect(gone).toEqual([]);
    await turn();
    expect(gone).toEqual([0, 1, 2]);
  });

  it('does not let more than 16 wait', async () => {
    const gone = waiters(new TurnEnd(), LIMIT + 2);
    await microtasks();
    expect(gone).toEqual(Array.from({ length: LIMIT }, (_, number) => number));
    await turn();
    expect(gone).toHaveLength(LIMIT + 2);
  });

  it('begins again after an end, and the end of a group that was full ends no other one', async () => {
    const end = new TurnEnd();
    const full = waiters(end, LIMIT);
    await microtasks();
    // Its immediate is still to come, before that of the next group.
    const order: string[] = [];
    setImmediate(() => order.push('a turn'));
    void end.reached().then(() => order.push('went on'));
    await turn();
    await turn();
    expect(full).toHaveLength(LIMIT);
    expect(order).toEqual(['a turn', 'went on']);
    const later = waiters(end, 1);
    await turn();
    expect(later).toEqual([0]);
  });
});
