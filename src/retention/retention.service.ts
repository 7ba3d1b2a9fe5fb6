import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { ClockWatchService } from '../platform/clock/clock-watch.service';
import { PartialRunError, type JobSummary, type RunLease } from '../platform/jobs/job';
import { JobRunner, type RunRecord } from '../platform/jobs/job-runner';
import { RETENTION_JOB, noCounts, type RetentionCounts, type RetentionStatus } from './domain/retention-run';
import { RetentionExecutor } from './retention-executor';
import { RetentionJournal } from './retention-journal';
import { RetentionPacking } from './retention-packing';
import type { RetentionRunContext } from './retention-run-context';
import { RetentionPlanner, type HeldPolicy, type RetentionPlan } from './retention-planner';

/** What kind of run is requested. */
export interface RunRequest {
  /** Only say what would be done. */
  dryRun: boolean;
  /** Ignore the brake and the clock: the operator has looked. */
  force: boolean;
  /** Who asks for it; null for the schedule and for tools. */
  caller: Caller | null;
}

/** A run. Times in ms since the epoch. */
export interface RetentionRun {
  id: number;
  status: RetentionStatus;
  startedAt: number;
  finishedAt: number | null;
  error: string | null;
  /** Null for one that has not ended or was killed. */
  counts: RetentionCounts | null;
  /** What was planned; only for the run that was just requested. */
  plan: RetentionPlan | null;
}

/** What a run hands back: its counts, and its plan. */
export interface RunResult {
  counts: RetentionCounts;
  plan: RetentionPlan;
}

/** What the schedule does. */
const BY_SCHEDULE: RunRequest = { dryRun: false, force: false, caller: null };
/** Run records that are kept. */
export const RUNS_KEPT = 200;
/** How long a request waits for the end of its run, ms; most runs are shorter. */
const WAIT_MS = 2_000;
/** Policies that a run record names. */
const NAMED_POLICIES = 10;

/** Retention as operators see it: planned first, stopped by a doubtful clock, braked where a changed policy removes too much. */
@Injectable()
export class RetentionService {
  constructor(
    private readonly runner: JobRunner,
    private readonly planner: RetentionPlanner,
    private readonly executor: RetentionExecutor,
    private readonly packing: RetentionPacking,
    private readonly clockWatch: ClockWatchService,
    private readonly journal: RetentionJournal,
  ) {}

  /** One run of the job. Throws PartialRunError with the counts of what was done. */
  async run(signal: AbortSignal, lease: RunLease, request: RunRequest = BY_SCHEDULE): Promise<RunResult> {
    const counts = noCounts(request.dryRun, request.force);
    try {
      return { counts, plan: await this.fill(counts, signal, lease, request) };
    } catch (error) {
      throw new PartialRunError({ ...counts }, error);
    }
  }

  private async fill(
    counts: RetentionCounts,
    signal: AbortSignal,
    lease: RunLease,
    { dryRun, force, caller }: RunRequest,
  ): Promise<RetentionPlan> {
    const trusted = dryRun ? await this.clockWatch.isTrusted() : await this.clockWatch.check(lease);
    const plan = await this.planner.plan(signal, force && !dryRun);
    Object.assign(counts, plannedCounts(plan));
    const doubt = trusted ? null : ('clock_jumped' as const);
    if (dryRun) Object.assign(counts, dryCounts(plan));
    if (dryRun || (doubt && !force)) counts.stopped = doubt;
    if (!dryRun && doubt && !force) await this.journal.note('retention.stopped', doubt, plan, caller, lease);
    if (dryRun || (doubt && !force)) return plan;
    const overridden = doubt ?? plan.overridden;
    if (overridden) await this.journal.note('retention.forced', overridden, plan, caller, lease);
    if (doubt) await this.clockWatch.accept(lease);
    await this.remove({ plan, counts, lease, signal });
    return plan;
  }

  private async remove(run: RetentionRunContext): Promise<void> {
    await this.noteHeld(run.plan, run.lease);
    // Counted again by those that still fail.
    run.counts.graphs_failed = 0;
    await this.executor.execute(run);
    await this.packing.pack(run);
  }

  /** Records policies that the last run did not hold yet: a run each hour must not fill the audit log. */
  private async noteHeld({ held, brake }: RetentionPlan, lease: RunLease): Promise<void> {
    if (brake === null) return;
    const known = (await this.lastRun())?.counts?.held?.split(' ') ?? [];
    const news = held.filter((policy) => !known.includes(nameOf(policy))).slice(0, NAMED_POLICIES);
    if (news.length > 0) await this.journal.held(news, brake, lease);
  }

  /**
   * Begins a run and waits a little for its end; a dry run to its end, and its plan comes with it. 409 while another
   * run is in progress.
   */
  async begin(request: RunRequest): Promise<RetentionRun> {
    if (request.caller && !request.dryRun) await this.journal.requested(request.caller, request.force);
    const { id, ended } = await this.trigger(request);
    if (request.dryRun) return ended;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), WAIT_MS)));
    const run = await Promise.race([ended, late]);
    clearTimeout(timer);
    return run ?? (await this.find(id));
  }

  /** Runs to the end, for a tool. */
  async runToEnd(request: RunRequest): Promise<RetentionRun> {
    return (await this.trigger(request)).ended;
  }

  /** The newest runs, newest first. */
  async runs(): Promise<RetentionRun[]> {
    return (await this.runner.runs(RETENTION_JOB, RUNS_KEPT)).map((record) => runOf(record, null));
  }

  /** The newest run that has ended and was no dry run. */
  async lastRun(): Promise<RetentionRun | undefined> {
    return (await this.runs()).find(({ status, counts }) => status !== 'running' && !counts?.dry_run);
  }

  private async trigger(request: RunRequest): Promise<{ id: number; ended: Promise<RetentionRun> }> {
    let plan: RetentionPlan | null = null;
    const { runNumber, ended } = await this.runner.trigger(RETENTION_JOB, async (signal, lease) => {
      const result = await this.run(signal, lease, request);
      plan = result.plan;
      return summaryOf(result.counts);
    });
    return { id: runNumber, ended: ended.then(async () => ({ ...(await this.find(runNumber)), plan })) };
  }

  private async find(id: number): Promise<RetentionRun> {
    const found = (await this.runs()).find((run) => run.id === id);
    if (!found) throw new Error(`The run ${id} has no record.`);
    return found;
  }
}

/** The counts as a run record keeps them. */
export function summaryOf(counts: RetentionCounts): JobSummary {
  return { ...counts };
}

function plannedCounts(plan: RetentionPlan): Partial<RetentionCounts> {
  const names = plan.held.slice(0, NAMED_POLICIES).map(nameOf);
  return {
    versions_planned: plan.purges.versions + plan.prunes.versions,
    policies_held: plan.held.length,
    versions_held: plan.versionsHeld,
    held_because: plan.brake,
    held: names.length > 0 ? names.join(' ') : null,
    graphs_failed: plan.failed.length,
  };
}

function dryCounts({ purges, prunes }: RetentionPlan): Partial<RetentionCounts> {
  return {
    graphs_purged: purges.graphs,
    versions_purged: purges.versions,
    graphs_pruned: prunes.graphs,
    versions_pruned: prunes.versions,
    frame_bytes: purges.bytes + prunes.bytes,
  };
}

function nameOf({ level, id }: HeldPolicy): string {
  return id === null ? level : `${level}:${id}`;
}

function runOf(
  { runNumber, status, startedAt, finishedAt, error, summary }: RunRecord,
  plan: RetentionPlan | null,
): RetentionRun {
  // Records of earlier releases lack some of the counts.
  const counts = summary && { ...noCounts(false, false), ...(summary as Partial<RetentionCounts>) };
  return { id: runNumber, status: statusOf(status, counts), startedAt, finishedAt, error, counts, plan };
}

function statusOf(status: RunRecord['status'], counts: RetentionCounts | null): RetentionStatus {
  if (status !== 'done' || !counts) return status;
  if (counts.stopped !== null && !counts.forced && !counts.dry_run) return 'stopped';
  if (counts.policies_held > 0 && !counts.dry_run) return 'held';
  return counts.graphs_failed > 0 ? 'incomplete' : 'done';
}
