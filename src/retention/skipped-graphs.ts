import { Injectable } from '@nestjs/common';
import { GraphRetentionService, type DueGraph } from '../graphs/upkeep/graph-retention.service';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { Log } from '../platform/logging/log';
import type { RetentionRunContext } from './retention-run-context';

/** Makes sure that the next run finds the graphs again that this one skipped because of an error. */
@Injectable()
export class SkippedGraphs {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly graphs: GraphRetentionService,
    private readonly log: Log,
  ) {}

  async skip(graph: DueGraph, { plan, lease }: RetentionRunContext, error: unknown): Promise<void> {
    this.log.error('retention skips a graph', { graph: graph.graphId, error });
    const { prune_due_at: dueAt } = graph.row;
    if (dueAt !== null && dueAt <= plan.at) return;
    // It was looked at because of a changed policy, which the next run may no longer see as changed.
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.graphs.makeDue(em, graph, plan.at);
    });
  }
}
