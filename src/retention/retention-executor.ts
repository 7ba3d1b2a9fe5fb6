import { setImmediate as otherWork } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import {
  GraphRetention,
  type DueGraph,
  type GraphChore,
  type Guard,
  type Packed,
} from '../graphs/upkeep/graph-retention.service';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError } from '../platform/errors/app-error';
import { LeaseLostError } from '../platform/jobs/job';
import { Log } from '../platform/logging/log';
import type { RetentionCounts } from './domain/retention-run';
import { DueWork } from './due-work';
import type { RetentionPlan } from './retention-planner';

/** A run is over when it has packed for this long; what is left is owed to the next one, ms. */
const REPACK_MS = 300_000;
/** Ids of graphs that a record names. */
const NAMED_GRAPHS = 10;
/** Users go on working while a run works: it may find this much more to remove than was planned, and no more. */
const MORE_THAN_PLANNED = 1.1;
const MORE_AT_LEAST = 100;

/** What a run works with. */
export interface RunTools {
  counts: RetentionCounts;
  guard: Guard;
  signal: AbortSignal;
}

/** The run found much more to remove than it had planned. What it has removed by then was due. */
export class PlanExceededError extends AppError {
  constructor() {
    super('internal', 'plan-exceeded', 'There is much more to remove than was planned; the run has stopped.');
    this.name = 'PlanExceededError';
  }
}

/** Does what was planned, in small transactions each of which leaves everything whole, so that a run may be killed anywhere. */
@Injectable()
export class RetentionExecutor {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly graphs: GraphRetention,
    private readonly work: DueWork,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Purges, prunes, expires, packs and gives space back. A graph that fails is passed over and counted. */
  async execute(plan: RetentionPlan, tools: RunTools): Promise<void> {
    const { counts, guard, signal } = tools;
    const swept = await this.graphs.sweep(guard);
    for await (const graph of this.graphs.toPurge(plan.at))
      await this.each(graph, plan, tools, () => this.purge(graph, plan, tools));
    for await (const graph of this.work.toPrune(plan.at, plan.changed))
      await this.each(graph, plan, tools, () => this.prune(graph, plan, tools));
    counts.versions_purged += swept.versions;
    counts.frame_bytes += swept.bytes;
    await this.work.applied(plan.changed, guard);
    counts.keys_expired = await this.graphs.forgetIdempotencyKeys(plan.at, guard, signal);
    await this.repack(plan.at, tools);
    await this.reclaim(tools);
  }

  private async each(
    graph: DueGraph,
    plan: RetentionPlan,
    { counts, guard, signal }: RunTools,
    work: () => Promise<void>,
  ): Promise<void> {
    signal.throwIfAborted();
    await otherWork();
    try {
      await work();
    } catch (error) {
      if (signal.aborted || isNoFaultOfAGraph(error)) throw error;
      counts.graphs_failed += 1;
      if (counts.graphs_failed <= NAMED_GRAPHS)
        counts.failed = [counts.failed, graph.graphId].filter((id) => id !== null).join(' ');
      this.log.error('retention passes a graph over', { graph: graph.graphId, error });
      // Found by index the next time, whatever made it be looked at now.
      const { prune_due_at: dueAt } = graph.row;
      if (dueAt !== null && dueAt <= plan.at) return;
      await this.unitOfWork.write(async (em) => {
        await guard(em);
        await this.graphs.makeDue(em, graph, plan.at);
      });
    }
  }

  private async purge(graph: DueGraph, plan: RetentionPlan, { counts, guard }: RunTools): Promise<void> {
    const purged = await this.graphs.purge(graph, this.clock.now(), guard);
    if (!purged) return;
    counts.graphs_purged += 1;
    counts.versions_purged += purged.versions;
    counts.frame_bytes += purged.bytes;
    requirePlanned(plan, counts);
  }

  private async prune(
    graph: DueGraph,
    plan: RetentionPlan,
    { counts, guard, signal }: RunTools,
  ): Promise<void> {
    const { choose, still } = this.work.thinner(graph, plan.at, guard);
    let removed = 0;
    for (let more = true; more;) {
      signal.throwIfAborted();
      const step = await this.graphs.prune(graph, choose, still);
      removed += step.removed;
      counts.versions_pruned += step.removed;
      counts.frame_bytes += step.bytes;
      more = step.more;
      requirePlanned(plan, counts);
    }
    if (removed > 0) counts.graphs_pruned += 1;
  }

  /** What pruning has encoded anew, then graphs that rest. */
  private async repack(now: number, tools: RunTools): Promise<void> {
    const { guard } = tools;
    const until = performance.now() + REPACK_MS;
    await this.eachChore(this.graphs.toRepack(), until, tools, (chore) => this.graphs.repack(chore, guard));
    await this.eachChore(this.graphs.toPack(now), until, tools, (chore) =>
      this.graphs.pack(chore, now, guard),
    );
  }

  private async eachChore(
    chores: AsyncIterable<GraphChore>,
    until: number,
    { counts, signal }: RunTools,
    pack: (chore: GraphChore) => Promise<Packed>,
  ): Promise<void> {
    for await (const chore of chores) {
      let savedBytes = 0;
      for (let after: number | null = chore.after_version; after !== null;) {
        signal.throwIfAborted();
        if (performance.now() >= until) return;
        await otherWork();
        const step = await this.packStep({ ...chore, after_version: after }, signal, pack);
        savedBytes += step.savedBytes;
        after = step.next;
      }
      if (savedBytes > 0) counts.graphs_repacked += 1;
      counts.repacked_bytes += savedBytes;
    }
  }

  private async packStep(
    chore: GraphChore,
    signal: AbortSignal,
    pack: (chore: GraphChore) => Promise<Packed>,
  ): Promise<Packed> {
    try {
      return await pack(chore);
    } catch (error) {
      if (signal.aborted || isNoFaultOfAGraph(error)) throw error;
      // Nothing is lost by it but a few bytes; the next run tries again.
      const { user_key, graph_key } = chore;
      this.log.warn('a graph could not be packed', { user_key, graph_key, error });
      return { savedBytes: 0, next: null };
    }
  }

  private async reclaim({ counts, signal }: RunTools): Promise<void> {
    for (let bytes = 1; bytes > 0;) {
      signal.throwIfAborted();
      bytes = await this.unitOfWork.reclaim();
      counts.disk_bytes += bytes;
      await otherWork();
    }
  }
}

function requirePlanned(plan: RetentionPlan, counts: RetentionCounts): void {
  const planned = plan.versionsToPurge + plan.versionsToPrune;
  if (counts.versions_purged + counts.versions_pruned > planned * MORE_THAN_PLANNED + MORE_AT_LEAST)
    throw new PlanExceededError();
}

function isNoFaultOfAGraph(error: unknown): boolean {
  return (
    error instanceof LeaseLostError ||
    error instanceof PlanExceededError ||
    (error as { code?: unknown }).code === 'database-unavailable'
  );
}
