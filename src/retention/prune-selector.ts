import { Injectable } from '@nestjs/common';
import type { AgedVersion, DueGraph } from '../graphs/upkeep/graph-retention.service';
import type { PruneSelection } from '../graphs/upkeep/graph-upkeep.service';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { decide, nextDue, toRemove } from './domain/decide';
import { INSTANCE_CHANGE, type PolicyChange } from './domain/policy-change';
import type { ChangedPolicies } from './due-graphs';
import { PoliciesService } from './policies.service';

/** Which versions of a graph go, and under which policy: good only while that policy is in effect. */
export interface SelectedVersions extends PruneSelection {
  /** Of the policy; see PoliciesService.isCurrent. */
  stamp: string;
  /** The changed levels that apply to the graph. */
  changes: readonly PolicyChange[];
}

/** Selects the versions to prune of one graph by the policy in effect. */
@Injectable()
export class PruneSelector {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly policies: PoliciesService,
  ) {}

  /** `now` in ms since the epoch; `changed` says whether the instance's default is among the changed policies. */
  async select(
    { userKey, key }: Pick<DueGraph, 'userKey' | 'key'>,
    versions: readonly AgedVersion[],
    now: number,
    changed: ChangedPolicies,
  ): Promise<SelectedVersions> {
    const effective = await this.unitOfWork.read((em) => this.policies.read(em, userKey, key));
    const verdicts = decide(versions, effective.policy, now);
    const inherits = Object.values(effective.levels).includes('default');
    const instance = changed.instance !== null && inherits ? [INSTANCE_CHANGE] : [];
    return {
      toRemove: toRemove(verdicts).map(({ version }) => version),
      dueAt: nextDue(verdicts, effective.policy, now),
      stamp: effective.stamp,
      changes: [...effective.changes, ...instance],
    };
  }
}
