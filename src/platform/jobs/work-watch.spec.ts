import { unavailable, AppError } from '../errors/app-error';
import type { Job } from './job';
import { WorkWatch } from './work-watch';

type Trigger = ConstructorParameters<typeof WorkWatch>[1]['trigger'];

function aWatch(hasWork: () => Promise<boolean>, trigger: Trigger) {
  const errors: string[] = [];
  const job = { id: 'task', cron: '* * * * *', deadlineMs: 1, run: () => Promise.resolve({}), hasWork };
  const log = { error: (message: string) => void errors.push(message) };
  return { watch: new WorkWatch(job satisfies Job, { trigger }, log), errors };
}

it('starts a run only if there is work, and one at a time', async () => {
  let hasWork = false;
  let end: () => void = () => undefined;
  let runs = 0;
  const { watch } = aWatch(
    () => Promise.resolve(hasWork),
    () => {
      runs += 1;
      const ended = new Promise<never>((resolve) => (end = resolve as () => void));
      return Promise.resolve({ runNumber: runs, ended });
    },
  );
  await watch.look();
  expect(runs).toBe(0);
  hasWork = true;
  const first = watch.look();
  await watch.look();
  await watch.look();
  expect(runs).toBe(1);
  end();
  await first;
  const second = watch.look();
  await new Promise(setImmediate);
  expect(runs).toBe(2);
  end();
  await second;
});

it.each([
  { error: new AppError('conflict', 'job-running', 'The job is already running.'), logged: 0 },
  { error: unavailable('service'), logged: 0 },
  { error: new Error('Something broke.'), logged: 1 },
])('survives "$error.message"', async ({ error, logged }) => {
  const { watch, errors } = aWatch(
    () => Promise.resolve(true),
    () => Promise.reject(error),
  );
  await watch.look();
  await watch.look();
  expect(errors).toHaveLength(2 * logged);
});

it('survives a job that cannot say whether it has work', async () => {
  const { watch, errors } = aWatch(
    () => Promise.reject(new Error('no database')),
    () => Promise.reject(new Error('not reached')),
  );
  await watch.look();
  expect(errors).toEqual(['a job could not be started']);
});
