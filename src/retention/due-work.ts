import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import {
  GraphRetention,
  type Choose,
  type DueGraph,
  type Guard,
} from '../graphs/upkeep/graph-retention.service';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { decide, goners, nextDue } from './domain/decide';
import { PoliciesService } from './policies.service';
import { PoliciesStore, type ChangedUser } from './policies.store';
import { RetentionStateStore } from './retention-state.store';

/** How a graph's versions are chosen, and the check that goes first in the transaction that removes them. */
export interface Thinner {
  choose: Choose;
  /** Throws when the run may not write any more; false when the policy is another one by now. */
  still: (em: EntityManager) => Promise<boolean>;
}

/** Policies that have changed and that not all graphs have been looked at with. */
export interface ChangedPolicies {
  /** The instance's default policy (JSON), when it is another one than before. */
  instance: string | null;
  users: readonly ChangedUser[];
}

/** Users whose policy has changed, read at once. */
const USERS_AT_ONCE = 500;

/** What there is to do for retention, by index: what is neither due nor under a changed policy is not read. */
@Injectable()
export class DueWork {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly graphs: GraphRetention,
    private readonly policies: PoliciesService,
    private readonly policiesStore: PoliciesStore,
    private readonly state: RetentionStateStore,
  ) {}

  /** What has changed about policies since all graphs were looked at. */
  async changedPolicies(): Promise<ChangedPolicies> {
    const present = JSON.stringify(this.policies.instanceDefault);
    const state = await this.unitOfWork.read((em) => this.state.find(em));
    const users: ChangedUser[] = [];
    for (let part = users; part === users || part.length === USERS_AT_ONCE;) {
      const after = users.at(-1) ?? { user_key: -1, changed_at: 0 };
      part = await this.unitOfWork.read((em) => this.policiesStore.changed(em, after, USERS_AT_ONCE));
      users.push(...part);
    }
    return { instance: state?.default_policy === present ? null : present, users };
  }

  /** Graphs of which versions may have to go at `now` (ms), each once; none whose time in the bin is over. */
  async *toPrune(now: number, { instance, users }: ChangedPolicies): AsyncGenerator<DueGraph> {
    const inBin = ({ row }: DueGraph) => row.purge_at === null || row.purge_at > now;
    for await (const graph of this.graphs.toPrune(now)) if (inBin(graph)) yield graph;
    const owners = instance === null ? users.map(({ user_key }) => user_key) : [null];
    for (const owner of owners) {
      for await (const graph of this.graphs.all(owner)) {
        const due = graph.row.prune_due_at !== null && graph.row.prune_due_at <= now;
        if (!due && inBin(graph)) yield graph;
      }
    }
  }

  /** All graphs have been looked at with the policies that had changed. */
  async applied({ instance, users }: ChangedPolicies, guard: Guard): Promise<void> {
    if (instance === null && users.length === 0) return;
    await this.unitOfWork.write(async (em) => {
      await guard(em);
      if (instance !== null) await this.state.applied(em, instance);
      for (const { user_key, changed_at } of users)
        await this.policiesStore.applied(em, user_key, changed_at);
    });
  }

  /** Chooses by the policy in effect, which must still be so when the versions go. */
  thinner(graph: DueGraph, now: number, guard: Guard): Thinner {
    const read = (em: EntityManager) => this.policies.read(em, graph.userKey, graph.key);
    let stamp = '';
    return {
      choose: async (versions) => {
        const effective = await this.unitOfWork.read(read);
        stamp = effective.stamp;
        const verdicts = decide(versions, effective.policy, now);
        return {
          goners: goners(verdicts).map(({ version }) => version),
          dueAt: nextDue(verdicts, effective.policy, now),
        };
      },
      still: async (em) => {
        await guard(em);
        return (await read(em)).stamp === stamp;
      },
    };
  }
}
