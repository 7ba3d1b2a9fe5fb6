import { Injectable } from '@nestjs/common';
import {
  GraphRetentionService,
  type AgedVersion,
  type DueGraph,
} from '../graphs/upkeep/graph-retention.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import type { PolicyPart } from '../platform/config/policy-limits';
import { decide, type Verdict } from './domain/decide';
import { WHOLE_ACCOUNT } from './domain/policy.entity';
import { inherit, type EffectivePolicy } from './domain/policy';
import { PoliciesService, requireKeeping } from './policies.service';

/** What a policy would keep and remove of one graph, newest version first. */
export interface GraphPreview {
  graph: DueGraph;
  effective: EffectivePolicy;
  verdicts: Array<Verdict<AgedVersion>>;
}

/** A preview of all graphs; they are decided one after the other, as they are asked for. */
export interface AccountPreview {
  at: number;
  effective: EffectivePolicy;
  graphs: AsyncGenerator<GraphPreview>;
}

/** Says what a policy, the present one or a candidate, would keep and remove. Changes nothing. */
@Injectable()
export class PreviewService {
  constructor(
    private readonly policies: PoliciesService,
    private readonly graphs: GraphRetentionService,
    private readonly clock: Clock,
  ) {}

  /** Of one graph; a candidate replaces the graph's own policy. 404, 400 for one that keeps nothing. */
  async ofGraph(
    caller: Caller,
    id: string,
    candidate: PolicyPart | null,
  ): Promise<GraphPreview & { at: number }> {
    const graph = await this.policies.graph(caller, id);
    const parts = await this.policies.partsOf(caller.key);
    const own = candidate ?? parts.get(graph.key) ?? {};
    const effective = inherit(this.policies.instanceDefault, parts.get(WHOLE_ACCOUNT) ?? {}, own);
    if (candidate) requireKeeping(effective.policy);
    const at = this.clock.now();
    return { at, ...decided(graph, await this.graphs.agesOf(graph), effective, at) };
  }

  /**
   * Of the whole account; a candidate replaces the account's policy, and graphs that say something for
   * themselves go on doing so. 400 for one that keeps nothing.
   */
  async ofAccount(caller: Caller, candidate: PolicyPart | null): Promise<AccountPreview> {
    const parts = await this.policies.partsOf(caller.key);
    const account = candidate ?? parts.get(WHOLE_ACCOUNT) ?? {};
    const effective = inherit(this.policies.instanceDefault, account);
    if (candidate) requireKeeping(effective.policy);
    const at = this.clock.now();
    return { at, effective, graphs: this.allOf(caller, account, parts, at) };
  }

  private async *allOf(
    caller: Caller,
    account: PolicyPart,
    parts: ReadonlyMap<number, PolicyPart>,
    at: number,
  ): AsyncGenerator<GraphPreview> {
    for await (const { graph, ages } of this.graphs.allWithAges(caller.key)) {
      if (graph.row.purge_at !== null && graph.row.purge_at <= at) continue;
      const effective = inherit(this.policies.instanceDefault, account, parts.get(graph.key) ?? {});
      yield decided(graph, ages, effective, at);
    }
  }
}

function decided(
  graph: DueGraph,
  ages: readonly AgedVersion[],
  effective: EffectivePolicy,
  at: number,
): GraphPreview {
  return { graph, effective, verdicts: decide(ages, effective.policy, at) };
}
