import { databaseSchema } from '../../src/database-schema';
import { parseDatabaseUrl } from '../../src/platform/database/database-url';
import { openDatabase, type OpenDatabase } from '../../src/platform/database/database';
import { AppError } from '../../src/platform/errors/app-error';
import {
  DrainError,
  LeaseLostError,
  type Job,
  type JobSummary,
  type RunLease,
} from '../../src/platform/jobs/job';
import { JobMetrics } from '../../src/platform/jobs/job-metrics';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import { JobsStore } from '../../src/platform/jobs/jobs.store';
import { Log } from '../../src/platform/logging/log';
import { Metrics } from '../../src/platform/metrics/metrics';
import { newPlace, type TestPlace } from '../support/database';
import { TestClock } from '../support/test-clock';

const START = Date.parse('2026-11-23T09:00:30.000Z');
const MINUTE = 60_000;
const YEAR = 365 * 86_400_000;

let place: TestPlace;
let database: OpenDatabase;

beforeEach(async () => {
  place = await newPlace();
  database = await openDatabase(parseDatabaseUrl(place.databaseUrl), databaseSchema, { poolSize: 6 });
});
afterEach(async () => {
  await database.close();
  await place.remove();
});

/** Work that a test lets end when it wants to. */
class Task implements Job {
  readonly id = 'task';
  readonly deadlineMs = 10 * MINUTE;
  runs = 0;
  lease: RunLease | undefined;
  signal: AbortSignal | undefined;
  private waiting: Array<(end: () => JobSummary) => void> = [];
  private begun: Array<() => void> = [];

  constructor(
    readonly cron = '* * * * *',
    private readonly waits = false,
  ) {}

  async run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    this.runs += 1;
    this.lease = lease;
    this.signal = signal;
    this.begun.splice(0).forEach((tell) => tell());
    if (!this.waits) return { did: this.runs };
    const end = await new Promise<() => JobSummary>((resolve, reject) => {
      this.waiting.push(resolve);
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
    return end();
  }

  started(): Promise<void> {
    return new Promise((resolve) => this.begun.push(resolve));
  }

  end(end: () => JobSummary = () => ({ did: this.runs })): void {
    this.waiting.splice(0).forEach((resolve) => resolve(end));
  }
}

/** A process with a clock of its own, on the shared database. */
function aRunner(job: Job) {
  const clock = new TestClock();
  clock.stop(START);
  const metrics = new Metrics();
  const store = new JobsStore();
  const log = Log.create({ level: 'silent', format: 'json' });
  const { unitOfWork } = database;
  const runner = new JobRunner(unitOfWork, store, clock, log, new JobMetrics(metrics, unitOfWork, store));
  runner.register(job);
  return { runner, clock, metrics };
}

const guarded = (lease: RunLease) => database.unitOfWork.write((em) => lease.guard(em));

it('runs a job at the times of its schedule and records what it did, and nothing before it was known', async () => {
  const task = new Task();
  const { runner, clock, metrics } = aRunner(task);
  await runner.runDueJobs();
  expect(task.runs).toBe(0);
  clock.advance(MINUTE);
  await runner.runDueJobs();
  await runner.runDueJobs();
  expect(task.runs).toBe(1);
  clock.advance(MINUTE);
  await runner.runDueJobs();
  expect(await runner.runs('task', 10)).toEqual([
    {
      runNumber: 2,
      status: 'done',
      error: null,
      summary: { did: 2 },
      startedAt: START + 2 * MINUTE,
      finishedAt: START + 2 * MINUTE,
    },
    {
      runNumber: 1,
      status: 'done',
      error: null,
      summary: { did: 1 },
      startedAt: START + MINUTE,
      finishedAt: START + MINUTE,
    },
  ]);
  const text = await metrics.text();
  expect(text).toContain('graphomat_job_runs_total{job_name="task",status="done"} 2');
  expect(text).toContain(
    `graphomat_job_last_success_timestamp_seconds{job_name="task"} ${(START + 2 * MINUTE) / 1_000}`,
  );
});

it('makes up once for any number of missed times, also after a restart', async () => {
  const first = aRunner(new Task());
  await first.runner.runDueJobs();
  await first.runner.drain();
  const task = new Task();
  const { runner, clock } = aRunner(task);
  clock.advance(7 * 24 * 60 * MINUTE);
  await runner.runDueJobs();
  await runner.runDueJobs();
  expect(task.runs).toBe(1);
});

it('runs once when several processes find it due at the same moment', async () => {
  const tasks = Array.from({ length: 4 }, () => new Task());
  const runners = tasks.map((task) => aRunner(task));
  await Promise.all(runners.map(({ runner }) => runner.runDueJobs()));
  for (let minute = 0; minute < 3; minute += 1) {
    for (const { clock } of runners) clock.advance(MINUTE);
    await Promise.all(runners.map(({ runner }) => runner.runDueJobs()));
  }
  expect(tasks.reduce((sum, { runs }) => sum + runs, 0)).toBe(3);
});

it('does not begin a run while one is going on, here, elsewhere or by hand', async () => {
  const task = new Task('* * * * *', true);
  const here = aRunner(task);
  const other = new Task();
  const elsewhere = aRunner(other);
  const { runNumber, ended } = await here.runner.trigger('task');
  for (const { runner, clock } of [here, elsewhere]) {
    clock.advance(2 * MINUTE);
    if (runner === here.runner) await runner.renewLeases();
    await runner.runDueJobs();
    await expect(runner.trigger('task')).rejects.toMatchObject({ kind: 'conflict', code: 'job-running' });
  }
  expect(task.runs + other.runs).toBe(1);
  task.end();
  expect(await ended).toEqual({ status: 'done', error: null, summary: { did: 1 } });
  expect(runNumber).toBe(1);
});

it('leaves the schedule alone when a run is begun by hand, and lets it do other work', async () => {
  const task = new Task();
  const { runner, clock } = aRunner(task);
  await runner.runDueJobs();
  const { ended } = await runner.trigger('task', () => Promise.resolve({ other: true }));
  expect((await ended).summary).toEqual({ other: true });
  expect(task.runs).toBe(0);
  clock.advance(MINUTE);
  await runner.runDueJobs();
  expect(task.runs).toBe(1);
});

it('takes over from a process that died once its lease has expired, and refuses the old run by its number', async () => {
  const dead = new Task('* * * * *', true);
  const died = aRunner(dead);
  await died.runner.runDueJobs();
  died.clock.advance(MINUTE);
  void died.runner.runDueJobs();
  await dead.started();

  const task = new Task();
  const { runner, clock } = aRunner(task);
  clock.advance(MINUTE + 20_000);
  await runner.runDueJobs();
  expect(task.runs).toBe(0);
  await guarded(dead.lease!);
  clock.advance(11_000);
  await runner.runDueJobs();
  expect(task.runs).toBe(1);
  await expect(guarded(dead.lease!)).rejects.toThrow(LeaseLostError);
  const [newer, older] = await runner.runs('task', 2);
  expect([newer!.status, older!.status]).toEqual(['done', 'interrupted']);

  died.clock.advance(MINUTE);
  await died.runner.renewLeases();
  expect(dead.signal!.aborted).toBe(true);
  expect(dead.signal!.reason).toBeInstanceOf(LeaseLostError);
  expect((await runner.runs('task', 2)).map(({ status }) => status)).toEqual(['done', 'interrupted']);
});

it('keeps the lease of a run that goes on for long', async () => {
  const task = new Task('* * * * *', true);
  const { runner, clock } = aRunner(task);
  const { ended } = await runner.trigger('task');
  const other = aRunner(new Task());
  for (let step = 0; step < 20; step += 1) {
    for (const each of [clock, other.clock]) each.advance(25_000);
    await runner.renewLeases();
    await expect(other.runner.trigger('task')).rejects.toThrow(AppError);
  }
  task.end();
  expect((await ended).status).toBe('done');
});

it('asks a run to end at its deadline, and holds the lease until it has', async () => {
  const task = new Task('* * * * *', true);
  const { runner, clock } = aRunner(task);
  let end: () => void = () => undefined;
  const { ended } = await runner.trigger('task', async (signal) => {
    task.signal = signal;
    await new Promise<void>((resolve) => (end = resolve));
    return { half: true };
  });
  clock.advance(10 * MINUTE);
  await runner.renewLeases();
  expect(task.signal!.aborted).toBe(true);
  const other = aRunner(new Task());
  other.clock.advance(10 * MINUTE);
  await expect(other.runner.trigger('task')).rejects.toMatchObject({ code: 'job-running' });
  end();
  expect(await ended).toEqual({
    status: 'failed',
    error: 'The job task took longer than 600000 ms.',
    summary: { half: true },
  });
});

it('records a failure without its insides, and waits for the next time', async () => {
  const task = new Task('* * * * *', true);
  const { runner, clock } = aRunner(task);
  await runner.runDueJobs();
  clock.advance(MINUTE);
  const run = runner.runDueJobs();
  await task.started();
  task.end(() => {
    throw new Error('SELECT secret FROM /some/file');
  });
  await run;
  await runner.runDueJobs();
  expect(task.runs).toBe(1);
  const [record] = await runner.runs('task', 1);
  expect(record).toMatchObject({ status: 'failed', error: 'Unexpected error. See the log for details.' });
  clock.advance(MINUTE);
  const next = runner.runDueJobs();
  await task.started();
  task.end();
  await next;
  expect(task.runs).toBe(2);
});

it('lets a stop interrupt the run, and the next process starts it again at once', async () => {
  const task = new Task('* * * * *', true);
  const { runner, clock } = aRunner(task);
  await runner.runDueJobs();
  clock.advance(MINUTE);
  const run = runner.runDueJobs();
  await task.started();
  await runner.drain();
  await run;
  expect(task.signal!.reason).toBeInstanceOf(DrainError);
  await expect(runner.trigger('task')).rejects.toMatchObject({ kind: 'unavailable' });
  clock.advance(MINUTE);
  await runner.runDueJobs();
  expect(task.runs).toBe(1);

  const again = new Task();
  const next = aRunner(again);
  next.clock.advance(MINUTE);
  await next.runner.runDueJobs();
  expect(again.runs).toBe(1);
  expect((await next.runner.runs('task', 2)).map(({ status }) => status)).toEqual(['done', 'interrupted']);
});

it('continues after the clock was a year ahead, whichever process ran or died meanwhile', async () => {
  const ahead = new Task('* * * * *', true);
  const wrong = aRunner(ahead);
  await wrong.runner.runDueJobs();
  wrong.clock.advance(YEAR);
  void wrong.runner.runDueJobs();
  await ahead.started();

  const task = new Task();
  const { runner, clock } = aRunner(task);
  clock.advance(MINUTE);
  await runner.runDueJobs();
  expect(task.runs).toBe(1);

  const done = aRunner(task);
  done.clock.advance(YEAR);
  await done.runner.runDueJobs();
  expect(task.runs).toBe(2);
  clock.advance(MINUTE);
  await runner.runDueJobs();
  clock.advance(MINUTE);
  await runner.runDueJobs();
  expect(task.runs).toBe(3);
});

it('goes on in the same process when its clock is set back', async () => {
  const task = new Task();
  const { runner, clock } = aRunner(task);
  await runner.runDueJobs();
  clock.advance(YEAR);
  await runner.runDueJobs();
  clock.advance(-YEAR);
  await runner.runDueJobs();
  expect(task.runs).toBe(1);
  clock.advance(MINUTE);
  await runner.runDueJobs();
  expect(task.runs).toBe(2);
});

it('keeps the records of the last 200 runs', async () => {
  const { runner } = aRunner(new Task());
  for (let run = 0; run < 205; run += 1) await (await runner.trigger('task')).ended;
  const records = await runner.runs('task', 1_000);
  expect([records.length, records[0]!.runNumber, records.at(-1)!.runNumber]).toEqual([200, 205, 6]);
});

it('refuses a second job of the same id, and an unknown one', async () => {
  const { runner } = aRunner(new Task());
  expect(() => runner.register(new Task())).toThrow('Two jobs have the id task');
  await expect(runner.trigger('nothing')).rejects.toThrow('Unknown job: nothing');
});
