import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../platform/access/caller';
import type { JobSummary, RunLease } from '../platform/jobs/job';
import { JobRunner, type RunRecord } from '../platform/jobs/job-runner';
import { BrakeTrace } from './brake-trace';
import { ClockWatch } from '../platform/clock/clock-watch.service';
import type { BrakeReason } from './domain/brake';
import { RETENTION_JOB, noCounts, type RetentionCounts, type RetentionStatus } from './domain/retention-run';
import { RetentionExecutor } from './retention-executor';
import { RetentionPlanner, type RetentionPlan } from './retention-planner';

/** What kind of run is wanted. */
export interface RunWish {
  /** Only say what would be done. */
  dryRun: boolean;
  /** Run although the brake or the clock would stop it: the operator has looked. */
  force: boolean;
  /** Who wants it; null for the schedule and for tools. */
  caller: Caller | null;
}

/** A run. Times in ms since the epoch. */
export interface RetentionRun {
  id: number;
  status: RetentionStatus;
  startedAt: number;
  finishedAt: number | null;
  error: string | null;
  /** Null for one that has not ended, or ended badly. */
  counts: RetentionCounts | null;
  /** What was planned; only of the run that was just asked for. */
  plan: RetentionPlan | null;
}

/** What the schedule does. */
const BY_SCHEDULE: RunWish = { dryRun: false, force: false, caller: null };
/** How many runs are remembered. */
export const RUNS_KEPT = 200;
/** How long a caller waits for the end of the run he begins, ms; most runs are shorter. */
const WAIT_MS = 2_000;

/** Retention as operators see it: planned first, stopped when it is too much to be true, then done. */
@Injectable()
export class RetentionService {
  constructor(
    private readonly runner: JobRunner,
    private readonly planner: RetentionPlanner,
    private readonly executor: RetentionExecutor,
    private readonly clockWatch: ClockWatch,
    private readonly trace: BrakeTrace,
  ) {}

  /** One run of the job. */
  async runOnce(
    signal: AbortSignal,
    lease: RunLease,
    wish: RunWish = BY_SCHEDULE,
    onPlan: (plan: RetentionPlan) => void = () => undefined,
  ): Promise<JobSummary> {
    const guard = (em: EntityManager) => lease.guard(em);
    const counts = noCounts(wish.dryRun, wish.force);
    const jumped = wish.dryRun ? await this.clockWatch.hasJumped() : await this.clockWatch.look(guard);
    const plan = await this.planner.plan(signal);
    counts.versions_planned = plan.versionsToPurge + plan.versionsToPrune;
    const stopped: BrakeReason | null = jumped ? 'clock_jumped' : plan.brake;
    onPlan({ ...plan, brake: stopped });
    if (wish.dryRun) return { ...counts, ...planned(plan), stopped };
    if (stopped !== null && !wish.force) {
      await this.trace.note('retention.stopped', stopped, plan, wish.caller, guard);
      return { ...counts, graphs_failed: plan.failed.length, stopped };
    }
    if (stopped !== null) await this.trace.note('retention.forced', stopped, plan, wish.caller, guard);
    if (jumped) await this.clockWatch.accept(guard);
    try {
      await this.executor.execute(plan, { counts, guard, signal });
    } catch (error) {
      // Asked to end: what was done until then belongs into the record.
      if (!signal.aborted) throw error;
    }
    return { ...counts };
  }

  /**
   * Begins a run and waits a little for its end; a dry run to its end, and its plan comes with it. 409 while one is
   * going on.
   */
  async begin(wish: RunWish): Promise<RetentionRun> {
    if (wish.caller && !wish.dryRun) await this.trace.requested(wish.caller, wish.force);
    const { id, ended } = await this.trigger(wish);
    if (wish.dryRun) return ended;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), WAIT_MS)));
    const run = await Promise.race([ended, late]);
    clearTimeout(timer);
    return run ?? (await this.find(id));
  }

  /** Runs to the end, for a tool. */
  async runToEnd(wish: RunWish): Promise<RetentionRun> {
    return (await this.trigger(wish)).ended;
  }

  /** The newest runs, newest first. */
  async runs(): Promise<RetentionRun[]> {
    return (await this.runner.runs(RETENTION_JOB, RUNS_KEPT)).map((record) => runOf(record, null));
  }

  /** The newest run that has ended and was no dry run. */
  async lastRun(): Promise<RetentionRun | undefined> {
    return (await this.runs()).find(({ status, counts }) => status !== 'running' && !counts?.dry_run);
  }

  private async trigger(wish: RunWish): Promise<{ id: number; ended: Promise<RetentionRun> }> {
    let plan: RetentionPlan | null = null;
    const { fence, ended } = await this.runner.trigger(RETENTION_JOB, (signal, lease) =>
      this.runOnce(signal, lease, wish, (made) => (plan = made)),
    );
    return { id: fence, ended: ended.then(async () => ({ ...(await this.find(fence)), plan })) };
  }

  private async find(id: number): Promise<RetentionRun> {
    const found = (await this.runs()).find((run) => run.id === id);
    if (!found) throw new Error(`The run ${id} has no record.`);
    return found;
  }
}

function planned(plan: RetentionPlan): Partial<RetentionCounts> {
  return {
    graphs_purged: plan.graphsToPurge,
    versions_purged: plan.versionsToPurge,
    graphs_pruned: plan.graphsToPrune,
    versions_pruned: plan.versionsToPrune,
    frame_bytes: plan.bytes,
    graphs_failed: plan.failed.length,
  };
}

function runOf(
  { fence, status, startedAt, finishedAt, error, summary }: RunRecord,
  plan: RetentionPlan | null,
): RetentionRun {
  const counts = summary as unknown as RetentionCounts | null;
  return { id: fence, status: statusOf(status, counts), startedAt, finishedAt, error, counts, plan };
}

function statusOf(status: RunRecord['status'], counts: RetentionCounts | null): RetentionStatus {
  if (status !== 'done' || !counts) return status;
  if (counts.stopped !== null && !counts.forced && !counts.dry_run) return 'stopped';
  return counts.graphs_failed > 0 ? 'incomplete' : 'done';
}
