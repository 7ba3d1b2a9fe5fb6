import * as fc from 'fast-check';
import { CALM_MS, NEVER_SEEN, observe, type AlertState } from './alert-state';

const MINUTE = 60_000;

interface Message {
  at: number;
  active: boolean;
}

/** The messages for a condition that is looked at each minute. */
function messagesOf(
  seen: readonly boolean[],
  start = 1_000 * CALM_MS,
): { messages: Message[]; state: AlertState } {
  let state = NEVER_SEEN;
  const messages: Message[] = [];
  for (const [minute, active] of seen.entries()) {
    const now = start + minute * MINUTE;
    const { next, tell } = observe(state, active, now);
    state = next;
    if (tell) messages.push({ at: minute, active });
  }
  return { messages, state };
}
const minutes = (count: number, active: boolean) => Array<boolean>(count).fill(active);

it('tells once that a condition begins, and once that it is over, at once', () => {
  const { messages } = messagesOf([...minutes(5, false), ...minutes(7, true), ...minutes(200, false)]);
  expect(messages).toEqual([
    { at: 5, active: true },
    { at: 12, active: false },
  ]);
});

it('reports a second time at once when it was calm for an hour', () => {
  const seen = [...minutes(10, true), ...minutes(60, false), ...minutes(10, true), ...minutes(60, false)];
  expect(messagesOf(seen).messages.map(({ at }) => at)).toEqual([0, 10, 70, 80]);
});

it('sends one message an hour while a condition flaps', () => {
  const flapping = Array.from({ length: 24 * 60 }, (_, minute) => minute % 3 === 0);
  const { messages } = messagesOf(flapping);
  expect(messages.length).toBeLessThanOrEqual(25);
  const gaps = messages.slice(2).map(({ at }, index) => at - messages[index + 1]!.at);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(60);
});

/** It seems calm, but the message about its last change was sent a minute ago. */
const JUST_AFTER_A_LATE_MESSAGE: Array<[boolean, number]> = [
  [true, 60],
  [false, 1],
  [true, 1],
  [false, 60],
  [true, 1],
  [false, 1],
];

it('whatever happens: beginnings and ends alternate, at most two in an hour, and the last word is true', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 90 })), { maxLength: 40 }),
      (parts) => {
        const last = parts.at(-1)?.[0] ?? false;
        const seen = [...parts.flatMap(([active, count]) => minutes(count, active)), ...minutes(61, last)];
        const { messages, state } = messagesOf(seen);
        for (const [index, { active }] of messages.entries()) expect(active).toBe(index % 2 === 0);
        for (const { at } of messages)
          expect(messages.filter((one) => one.at >= at && one.at < at + 60).length).toBeLessThanOrEqual(2);
        expect(state.toldActive).toBe(last);
      },
    ),
    { examples: [[JUST_AFTER_A_LATE_MESSAGE]] },
  );
});

it('a clock that is set back or ahead holds back no message', () => {
  const { next } = observe(NEVER_SEEN, true, 100 * CALM_MS);
  const back = observe(next, false, 50 * CALM_MS);
  expect(back.tell).toBe(true);
  expect(observe(back.next, true, 10 * CALM_MS).tell).toBe(true);
});
