import { Injectable } from '@nestjs/common';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { ExpiredGraphsService } from '../graphs/upkeep/expired-graphs.service';
import { GraphPurgeService } from '../graphs/upkeep/graph-purge.service';
import { GraphRetentionService, type DueGraph } from '../graphs/upkeep/graph-retention.service';
import { WHOLE_ACCOUNT } from './domain/policy.entity';
import { policyKey } from './domain/policy-change';
import { DueGraphs } from './due-graphs';
import { GraphPruner } from './graph-pruner';
import { isGraphFault, type RetentionRunContext } from './retention-run-context';
import type { SelectedVersions } from './prune-selector';
import { SkippedGraphs } from './skipped-graphs';

/** Graph ids that a run record names. */
const NAMED_GRAPHS = 10;

/** Removes what was planned, in small transactions that each leave everything whole: a run may be killed anywhere. */
@Injectable()
export class RetentionExecutor {
  constructor(
    private readonly graphs: GraphRetentionService,
    private readonly purges: GraphPurgeService,
    private readonly expired: ExpiredGraphsService,
    private readonly due: DueGraphs,
    private readonly pruner: GraphPruner,
    private readonly skipped: SkippedGraphs,
  ) {}

  /** Purges, prunes and forgets. A graph that fails is skipped and counted. `run` holds the counts as they grow. */
  async execute(run: RetentionRunContext): Promise<void> {
    const { plan, counts, lease, signal } = run;
    const swept = await this.purges.finishInterrupted(lease);
    counts.versions_purged += swept.versions;
    counts.frame_bytes += swept.bytes;
    for await (const graph of this.graphs.toPurge(plan.at))
      await this.each(graph, run, () => this.purge(graph, run));
    for await (const graph of this.due.toPrune(plan.at, plan.changed))
      await this.each(graph, run, () => this.prune(graph, run));
    await this.recordApplied(run);
    counts.keys_expired = await this.graphs.forgetIdempotencyKeys(plan.at, lease, signal);
  }

  private async each(graph: DueGraph, run: RetentionRunContext, work: () => Promise<void>): Promise<void> {
    const { counts, signal } = run;
    signal.throwIfAborted();
    await yieldToEventLoop();
    try {
      await work();
    } catch (error) {
      if (signal.aborted || !isGraphFault(error)) throw error;
      counts.graphs_failed += 1;
      if (counts.graphs_failed <= NAMED_GRAPHS)
        counts.failed = [counts.failed, graph.graphId].filter((id) => id !== null).join(' ');
      await this.skipped.skip(graph, run, error);
    }
  }

  private async purge(graph: DueGraph, { counts, lease }: RetentionRunContext): Promise<void> {
    const purged = await this.expired.purge(graph, lease);
    if (!purged) return;
    counts.graphs_purged += 1;
    counts.versions_purged += purged.versions;
    counts.frame_bytes += purged.bytes;
  }

  private async prune(graph: DueGraph, { plan, counts, lease, signal }: RetentionRunContext): Promise<void> {
    let removed = 0;
    for (let more = true; more;) {
      signal.throwIfAborted();
      const batch = await this.pruner.prune(graph, plan, lease);
      if (batch.held) return;
      removed += batch.removed;
      counts.graphs_pruned += batch.removed > 0 && removed === batch.removed ? 1 : 0;
      counts.versions_pruned += batch.removed;
      counts.frame_bytes += batch.bytes;
      more = batch.more;
      if (!more) await this.recordAppliedToGraph(batch.selection, lease);
    }
  }

  private async recordAppliedToGraph(
    selection: SelectedVersions | null,
    lease: RetentionRunContext['lease'],
  ): Promise<void> {
    const own = selection?.changes.find(({ level }) => level === 'graph');
    if (own) await this.due.appliedToGraph(own, lease);
  }

  private recordApplied({ plan, lease }: RetentionRunContext): Promise<void> {
    const held = new Set(plan.held.map(({ key }) => key));
    const { instance, users } = plan.changed;
    const applied = users.filter(
      ({ user_key: userKey }) => !held.has(policyKey({ level: 'user', userKey, graphKey: WHOLE_ACCOUNT })),
    );
    return this.due.applied({ instance: held.has('default') ? null : instance, users: applied }, lease);
  }
}
