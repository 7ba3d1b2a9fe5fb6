import { Injectable } from '@nestjs/common';
import { GraphRetentionService, type DueGraph } from '../graphs/upkeep/graph-retention.service';
import {
  GraphUpkeepService,
  UPKEEP_ATTEMPTS,
  type GraphAges,
  type GraphOwner,
  type PreparedPrune,
  type Pruned,
} from '../graphs/upkeep/graph-upkeep.service';
import { undefinedOnConcurrentChange } from '../graphs/domain/concurrent-change.error';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { unavailable } from '../platform/errors/app-error';
import type { RunLease } from '../platform/jobs/job';
import { QuotaService } from '../usage/quota.service';
import { policyKey } from './domain/policy-change';
import { PoliciesService } from './policies.service';
import { PruneSelector, type SelectedVersions } from './prune-selector';
import type { RetentionPlan } from './retention-planner';

/** What a batch removed; `held` when a changed policy applies that the run must not apply. */
export type PrunedBatch = (Pruned & { held: false; selection: SelectedVersions | null }) | { held: true };

const NOTHING = { removed: 0, bytes: 0, more: false, held: false, selection: null } as const;

/** Prunes one graph by the policy in effect, batch by batch. */
@Injectable()
export class GraphPruner {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly graphs: GraphRetentionService,
    private readonly upkeep: GraphUpkeepService,
    private readonly selector: PruneSelector,
    private readonly policies: PoliciesService,
    private readonly quota: QuotaService,
  ) {}

  /**
   * Removes the next versions of a graph that the plan allows, in one transaction, and records when the graph is due
   * again. Selects again when the graph or its policy changes meanwhile; 503 for a graph that changes too often.
   */
  async prune(graph: DueGraph, plan: RetentionPlan, lease: RunLease): Promise<PrunedBatch> {
    const owner = await this.graphs.ownerOf(graph);
    for (let attempt = 0; attempt < UPKEEP_ATTEMPTS; attempt += 1) {
      const batch = await this.attempt(graph, owner, plan, lease, attempt);
      if (batch) return batch;
    }
    throw unavailable('graph');
  }

  /** Undefined when something changed while the batch was prepared. */
  private async attempt(
    graph: DueGraph,
    owner: GraphOwner,
    plan: RetentionPlan,
    lease: RunLease,
    attempt: number,
  ): Promise<PrunedBatch | undefined> {
    const ages = await this.upkeep.ages(owner);
    if (!ages) return NOTHING;
    const selection = await this.selector.select(graph, ages.versions, plan.at, plan.changed);
    if (!mayApply(plan, selection)) return { held: true };
    const prepared = await this.upkeep.preparePrune(ages, selection, attempt);
    if (!prepared || !(await this.write(ages, selection, prepared, lease))) return undefined;
    if (prepared.result.removed > 0) this.quota.invalidate(graph.userKey);
    return { ...prepared.result, held: false, selection };
  }

  private async write(
    { row }: GraphAges,
    selection: SelectedVersions,
    prepared: PreparedPrune,
    lease: RunLease,
  ): Promise<boolean> {
    if (!prepared.changes) return true;
    const written = this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      if (!(await this.policies.isCurrent(em, row.user_key, row.key, selection.stamp))) return false;
      await this.upkeep.applyPrune(em, prepared);
      return true;
    });
    return (await written.catch(undefinedOnConcurrentChange)) === true;
  }
}

/** Whether the plan knew all changed policies that apply here, and holds none of them. */
function mayApply({ seen, held }: RetentionPlan, { changes }: SelectedVersions): boolean {
  return changes.every((change) => {
    const key = policyKey(change);
    return seen.get(key) === change.seq && !held.some((policy) => policy.key === key);
  });
}
