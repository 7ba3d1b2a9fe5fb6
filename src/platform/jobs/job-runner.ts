import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Clock } from '../clock/clock';
import { UnitOfWork } from '../database/unit-of-work';
import { AppError, unavailable } from '../errors/app-error';
import { Log } from '../logging/log';
import { parseCron, type Schedule } from './cron';
import {
  DeadlineError,
  DrainError,
  LeaseLostError,
  PartialRunError,
  type Job,
  type JobSummary,
  type RunLease,
} from './job';
import type { JobRow, JobRunRow, RunStatus } from './job.entity';
import { JobLease, LEASE_MS, SKEW_MS, type LeaseParts } from './job-lease';
import { JobMetrics } from './job-metrics';
import { JobsStore } from './jobs.store';

/** How often leases and deadlines of running jobs are checked, ms. */
const RENEWAL_CHECK_MS = 1_000;
/** How soon a due job is checked again while another process holds its lease, ms. */
const CHECK_AGAIN_MS = 5_000;
/** How often a run renews its lease, ms. */
const RENEW_EVERY_MS = LEASE_MS / 3;
/** How long a shutdown waits for running jobs, ms; less than the process has. */
const DRAIN_MS = 20_000;

/** The work of a run; by default the job's own `run`. */
export type RunWork = (signal: AbortSignal, lease: RunLease) => Promise<JobSummary>;

/** How a run ended. */
export interface RunOutcome {
  status: Exclude<RunStatus, 'running'>;
  /** A message for the operator; null for a run that succeeded. */
  error: string | null;
  summary: JobSummary | null;
}

/** A run that was started by a request. */
export interface StartedRun {
  /** The run's number, unique for its job. */
  runNumber: number;
  /** Never rejects. */
  ended: Promise<RunOutcome>;
}

/** A run as it is recorded. Times in ms since the epoch. */
export interface RunRecord extends Omit<RunOutcome, 'status'> {
  runNumber: number;
  status: RunStatus;
  startedAt: number;
  finishedAt: number | null;
}

interface Known {
  job: Job;
  schedule: Schedule;
  /** When to check the job's row next, ms since the epoch. */
  checkAt: number;
}

interface Running {
  job: Job;
  lease: JobLease;
  abort: AbortController;
  ended: Promise<RunOutcome>;
  /** When to renew the lease, and when to abort, ms since the epoch. */
  renewAt: number;
  deadline: number;
}

/**
 * Runs the jobs: each one at a time, however many processes share the database, at the times of its schedule. Missed
 * times are caught up with one run; a run that was killed starts again when its lease has expired. Runs that take too
 * long are aborted, and keep their lease until they have ended.
 */
@Injectable()
export class JobRunner implements BeforeApplicationShutdown {
  private readonly parts: LeaseParts;
  private readonly known = new Map<string, Known>();
  private readonly running = new Map<string, Running>();
  private renewalTimer: NodeJS.Timeout | undefined;
  private lastCheck = 0;
  private draining = false;

  constructor(
    unitOfWork: UnitOfWork,
    store: JobsStore,
    clock: Clock,
    private readonly log: Log,
    private readonly metrics: JobMetrics,
  ) {
    this.parts = { unitOfWork, store, clock };
  }

  /** Adds a job. Throws if a job with the same id exists. */
  register(job: Job): void {
    if (this.known.has(job.id)) throw new Error(`Two jobs have the id ${job.id}.`);
    this.known.set(job.id, { job, schedule: parseCron(job.cron), checkAt: 0 });
    this.metrics.register(job.id);
  }

  /** All registered jobs. */
  jobs(): Job[] {
    return [...this.known.values()].map(({ job }) => job);
  }

  /** Starts a run of the job if it is due and no process runs it; resolves when the run has ended. Never rejects. */
  async runIfDue(id: string): Promise<void> {
    const known = this.known.get(id);
    if (!known || this.draining || this.running.has(id)) return;
    const now = this.parts.clock.now();
    if (known.checkAt <= now) await this.checkDue(known, now);
  }

  /** Starts the runs that are due; resolves when they have ended. Never rejects. */
  async runDueJobs(): Promise<void> {
    const now = this.parts.clock.now();
    // The clock was set back: a job may be due before its next check.
    if (now < this.lastCheck) for (const known of this.known.values()) known.checkAt = now;
    this.lastCheck = now;
    await Promise.all([...this.known.keys()].map((id) => this.runIfDue(id)));
  }

  /**
   * Starts a run now, regardless of the schedule and without changing it. `work` replaces the job's own work, for a
   * run with options. 409 if the job is running, here or elsewhere.
   */
  async trigger(id: string, work?: RunWork): Promise<StartedRun> {
    const known = this.known.get(id);
    if (!known) throw new Error(`Unknown job: ${id}.`);
    if (this.draining) throw unavailable('service');
    await this.parts.unitOfWork.write((em) => this.parts.store.register(em, id, this.parts.clock.now()));
    const lease = this.running.has(id) ? undefined : await JobLease.take(this.parts, id);
    if (!lease)
      throw new AppError(
        'conflict',
        'job-running',
        `The job ${id} is already running. Wait until it has ended.`,
      );
    return { runNumber: lease.runNumber, ended: this.begin(known.job, lease, null, work) };
  }

  /** The newest runs of a job, in any process, newest first; the last 200 are kept. */
  async runs(id: string, limit: number): Promise<RunRecord[]> {
    const rows = await this.parts.unitOfWork.read((em) => this.parts.store.runs(em, id, limit));
    return rows.map(recordOf);
  }

  /** Aborts all runs of this process and waits for them, at most 20 s. No new run starts. */
  async drain(): Promise<void> {
    this.draining = true;
    for (const { abort } of this.running.values()) abort.abort(new DrainError());
    let late: NodeJS.Timeout | undefined;
    const limit = new Promise((resolve) => (late = setTimeout(resolve, DRAIN_MS)));
    await Promise.race([Promise.all([...this.running.values()].map(({ ended }) => ended)), limit]);
    clearTimeout(late);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.drain();
  }

  /** Renews the leases of this process's runs and checks their deadlines; a timer calls it while a job runs. */
  async renewLeases(): Promise<void> {
    const now = this.parts.clock.now();
    const renewals = [...this.running.values()].map(async (run) => {
      if (now >= run.deadline) run.abort.abort(new DeadlineError(run.job.id, run.job.deadlineMs));
      // Also if the clock was set back and the next renewal would be far in the future.
      if (now < run.renewAt && run.renewAt - now <= RENEW_EVERY_MS) return;
      run.renewAt = now + RENEW_EVERY_MS;
      await run.lease.renew().catch((error: unknown) => run.abort.abort(error));
    });
    await Promise.all(renewals);
  }

  private async checkDue(known: Known, now: number): Promise<void> {
    const { job, schedule } = known;
    known.checkAt = now + CHECK_AGAIN_MS;
    try {
      const row = await this.row(job.id, now);
      const due = schedule.next(row.done_until);
      if (due === null || due > now) known.checkAt = due ?? Infinity;
      const lease = due !== null && due <= now && (await JobLease.take(this.parts, job.id, due - 1));
      if (lease) await this.begin(job, lease, now);
    } catch (error) {
      this.log.error('a job could not be started', { job: job.id, error });
    }
  }

  private async row(id: string, now: number): Promise<JobRow> {
    const { unitOfWork, store } = this.parts;
    const found = await unitOfWork.read((em) => store.find(em, id));
    if (found && found.done_until <= now + SKEW_MS) return found;
    await unitOfWork.write(async (em) => {
      await store.register(em, id, now);
      await store.forgetFuture(em, id, now, now + SKEW_MS);
    });
    return { id, fence: 0, expires_at: 0, done_until: now };
  }

  private begin(job: Job, lease: JobLease, dueUntil: number | null, work?: RunWork): Promise<RunOutcome> {
    const abort = new AbortController();
    if (this.draining) abort.abort(new DrainError());
    const ended = this.run(job, lease, abort, work).then((outcome) =>
      this.end(job, lease, outcome, dueUntil),
    );
    const now = this.parts.clock.now();
    const renewAt = now + RENEW_EVERY_MS;
    this.metrics.begun(job.id);
    this.running.set(job.id, { job, lease, abort, ended, renewAt, deadline: now + job.deadlineMs });
    this.renewalTimer ??= setInterval(() => void this.renewLeases(), RENEWAL_CHECK_MS).unref();
    return ended;
  }

  private async run(
    job: Job,
    lease: JobLease,
    abort: AbortController,
    work: RunWork = (signal, own) => job.run(signal, own),
  ): Promise<RunOutcome> {
    const { signal } = abort;
    try {
      const summary = await work(signal, lease);
      return signal.aborted ? aborted(signal, summary) : { status: 'done', error: null, summary };
    } catch (thrown) {
      const partial = thrown instanceof PartialRunError ? thrown : null;
      const error = partial ? partial.cause : thrown;
      const summary = partial?.summary ?? null;
      if (error instanceof LeaseLostError) abort.abort(error);
      if (signal.aborted) return aborted(signal, summary);
      this.log.error('a job failed', { job: job.id, run: lease.runNumber, error });
      return { status: 'failed', error: sentenceOf(error), summary };
    }
  }

  private async end(
    job: Job,
    lease: JobLease,
    outcome: RunOutcome,
    dueUntil: number | null,
  ): Promise<RunOutcome> {
    const { status, error } = outcome;
    const summary = outcome.summary && JSON.stringify(outcome.summary);
    // An interrupted run is still due: the next check, here or elsewhere, starts it again.
    const doneUntil = status === 'interrupted' ? null : dueUntil;
    await lease.end({ status, error, summary, doneUntil }).catch((failure: unknown) => {
      this.log.error('the end of a job could not be recorded', {
        job: job.id,
        run: lease.runNumber,
        error: failure,
      });
    });
    const known = this.known.get(job.id);
    if (known) known.checkAt = 0;
    this.running.delete(job.id);
    if (this.running.size === 0) {
      clearInterval(this.renewalTimer);
      this.renewalTimer = undefined;
    }
    this.metrics.ended(job.id, status);
    this.log.info('job ended', {
      job: job.id,
      run: lease.runNumber,
      status,
      reason: error,
      ...outcome.summary,
    });
    return outcome;
  }
}

function aborted({ reason }: AbortSignal, summary: JobSummary | null): RunOutcome {
  const late = reason instanceof DeadlineError;
  return { status: late ? 'failed' : 'interrupted', error: sentenceOf(reason), summary };
}

/** The message for a run's record, which operators read. Details are in the log. */
function sentenceOf(error: unknown): string {
  const known = [AppError, DeadlineError, DrainError, LeaseLostError].some((kind) => error instanceof kind);
  return known ? (error as Error).message : 'Unexpected error. See the log for details.';
}

function recordOf(row: JobRunRow): RunRecord {
  const summary = row.summary === null ? null : (JSON.parse(row.summary) as JobSummary);
  const { fence: runNumber, status, error, started_at: startedAt, finished_at: finishedAt } = row;
  return { runNumber, status, error, summary, startedAt, finishedAt };
}
