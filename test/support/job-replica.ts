/**
 * A process that runs jobs on a shared database by the real runner, for leases.spec.ts, which kills and pauses it.
 * Each number in its input sets its clock forward by so many ms: a lease ends when the test says so, and never because
 * a busy machine was late. `pause` stops the process between two steps of its endless run, after it has said `paused`: a
 * process that is stopped inside a transaction would hold the job's row locked. Each step that a run is allowed to write is a row of the table `steps`; each that is refused
 * is a line.
 */
import 'reflect-metadata';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { databaseSchema } from '../../src/database-schema';
import { Clock } from '../../src/platform/clock/clock';
import { openDatabase, type OpenDatabase } from '../../src/platform/database/database';
import { parseDatabaseUrl } from '../../src/platform/database/database-url';
import { Statement } from '../../src/platform/database/statement';
import { LeaseLostError, type Job, type JobSummary, type RunLease } from '../../src/platform/jobs/job';
import { JobMetrics } from '../../src/platform/jobs/job-metrics';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import { JobsStore } from '../../src/platform/jobs/jobs.store';
import { Log } from '../../src/platform/logging/log';
import { Metrics } from '../../src/platform/metrics/metrics';

const ORIGIN = Date.UTC(2026, 0, 1, 0, 0, 30);
const STEP_MS = 20;
/** How often it looks whether a job is due, ms. */
const LOOK_MS = 50;
const insert = new Statement(
  'INSERT INTO steps (job, fence, pid, minute) VALUES (:job, :fence, :pid, :minute)',
);

/** In the middle of a minute, alike in all processes; stands still until the test sets it forward. */
class ForwardClock extends Clock {
  ahead = 0;

  override now(): number {
    return ORIGIN + this.ahead;
  }
}

let isPauseAsked = false;

function pauseIfAsked(): void {
  if (!isPauseAsked) return;
  isPauseAsked = false;
  writeSync(1, 'paused\n');
  process.kill(process.pid, 'SIGSTOP');
}

/** Writes one step a run, or, when it is endless, one after the other until a step is refused. */
class Stepping implements Job {
  readonly cron = '* * * * *';
  readonly deadlineMs = 86_400_000;

  constructor(
    readonly id: string,
    private readonly endless: boolean,
    private readonly database: OpenDatabase,
    private readonly clock: Clock,
  ) {}

  async run(_signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    do {
      await this.step(lease);
      if (this.endless) pauseIfAsked();
      if (this.endless) await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    } while (this.endless);
    return {};
  }

  /** A step that fails for another reason is tried again by the next: only the number may stop a run. */
  private async step(lease: RunLease): Promise<void> {
    const minute = Math.floor(this.clock.now() / 60_000);
    try {
      await this.database.unitOfWork.write(async (em) => {
        await lease.guard(em);
        await insert.run(em, { job: this.id, fence: lease.runNumber, pid: process.pid, minute });
      });
    } catch (error) {
      if (!(error instanceof LeaseLostError) && this.endless) return;
      process.stdout.write(`refused ${lease.runNumber}\n`);
      throw error;
    }
  }
}

async function main(): Promise<void> {
  const [url] = process.argv.slice(2);
  const database = await openDatabase(parseDatabaseUrl(url!), databaseSchema, { poolSize: 4 });
  const { unitOfWork } = database;
  const clock = new ForwardClock();
  const store = new JobsStore();
  const log = Log.create({ level: 'silent', format: 'json' });
  const metrics = new JobMetrics(new Metrics(), unitOfWork, store);
  const runner = new JobRunner(unitOfWork, store, clock, log, metrics);
  runner.register(new Stepping('short', false, database, clock));
  runner.register(new Stepping('endless', true, database, clock));
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      if (line === 'pause') isPauseAsked = true;
      else clock.ahead += Number(line);
    })
    .once('close', () => process.exit(0));
  // Registers the jobs at the first minute: at a later one, no run would be due before the next.
  await runner.runDueJobs();
  setInterval(() => void runner.runDueJobs(), LOOK_MS);
  process.stdout.write('ready\n');
}

void main();
