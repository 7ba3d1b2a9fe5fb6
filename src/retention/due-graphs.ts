import { Injectable, type OnModuleInit } from '@nestjs/common';
import { GraphRetentionService, type DueGraph } from '../graphs/upkeep/graph-retention.service';
import { UnitOfWork } from '../platform/database/unit-of-work';
import type { RunLease } from '../platform/jobs/job';
import { WHOLE_ACCOUNT } from './domain/policy.entity';
import { PoliciesService } from './policies.service';
import { PoliciesStore, type AppliedPolicy, type ChangedUser } from './policies.store';
import { RetentionStateStore } from './retention-state.store';

/** Policies that changed and were not applied to all their graphs since. */
export interface ChangedPolicies {
  /** The instance's default policy (JSON), when it is not the one that was applied last. */
  instance: string | null;
  users: readonly ChangedUser[];
}

/** Users with a changed policy, read at once. */
const USERS_AT_ONCE = 500;

/** Graphs that retention must look at, by index: graphs that are not due and not under a changed policy are not read. */
@Injectable()
export class DueGraphs implements OnModuleInit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly graphs: GraphRetentionService,
    private readonly policies: PoliciesService,
    private readonly policiesStore: PoliciesStore,
    private readonly state: RetentionStateStore,
  ) {}

  /** Records the instance's default policy as applied if there is nothing yet that it could apply to. */
  async onModuleInit(): Promise<void> {
    if (await this.unitOfWork.read((em) => this.state.find(em))) return;
    if ((await this.graphs.countVersions(1)) > 0) return;
    await this.unitOfWork.write((em) => this.state.applied(em, this.instancePolicy()));
  }

  async changedPolicies(): Promise<ChangedPolicies> {
    const state = await this.unitOfWork.read((em) => this.state.find(em));
    const users: ChangedUser[] = [];
    for (let part = users; part === users || part.length === USERS_AT_ONCE;) {
      const after = users.at(-1) ?? { user_key: -1, changed_at: 0 };
      part = await this.unitOfWork.read((em) => this.policiesStore.changed(em, after, USERS_AT_ONCE));
      users.push(...part);
    }
    const instance = this.instancePolicy();
    return { instance: state?.default_policy === instance ? null : instance, users };
  }

  /** Graphs with versions that may have to go at `now` (ms), each once; none whose time in the trash is over. */
  async *toPrune(now: number, { instance, users }: ChangedPolicies): AsyncGenerator<DueGraph> {
    const stays = ({ row }: DueGraph) => row.purge_at === null || row.purge_at > now;
    for await (const graph of this.graphs.toPrune(now)) if (stays(graph)) yield graph;
    const owners = instance === null ? users.map(({ user_key }) => user_key) : [null];
    for (const owner of owners) {
      for await (const graph of this.graphs.all(owner)) {
        const due = graph.row.prune_due_at !== null && graph.row.prune_due_at <= now;
        if (!due && stays(graph)) yield graph;
      }
    }
  }

  /** Records which changed policies were applied to all their graphs. */
  async applied({ instance, users }: ChangedPolicies, lease: Pick<RunLease, 'guard'>): Promise<void> {
    if (instance === null && users.length === 0) return;
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      if (instance !== null) await this.state.applied(em, instance);
      for (const { user_key: userKey, seq } of users)
        await this.policiesStore.applied(em, { userKey, graphKey: WHOLE_ACCOUNT, seq });
    });
  }

  /** Records that a graph's own changed policy was applied to it. */
  async appliedToGraph(policy: AppliedPolicy, lease: Pick<RunLease, 'guard'>): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.policiesStore.applied(em, policy);
    });
  }

  private instancePolicy(): string {
    return JSON.stringify(this.policies.instanceDefault);
  }
}
