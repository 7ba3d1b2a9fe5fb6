import { performance } from 'node:perf_hooks';
import { Pace } from './pace';

afterEach(() => jest.restoreAllMocks());

it('yields only when its stretch of time is over, however many steps that were', async () => {
  const clock = jest.spyOn(performance, 'now').mockReturnValue(0);
  const pace = new Pace();
  const order: string[] = [];
  setImmediate(() => order.push('other'));
  for (let step = 0; step < 100; step += 1) await pace.pause();
  order.push('100 steps');
  clock.mockReturnValue(2);
  await pace.pause();
  order.push('after the stretch');
  clock.mockReturnValue(3);
  setImmediate(() => order.push('later'));
  await pace.pause();
  order.push('next stretch');
  expect(order).toEqual(['100 steps', 'other', 'after the stretch', 'next stretch']);
});
