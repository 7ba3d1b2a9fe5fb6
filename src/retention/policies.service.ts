import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService } from '../audit/journal.service';
import { GraphRetentionService, type DueGraph } from '../graphs/upkeep/graph-retention.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import {
  BUILT_IN_POLICY,
  POLICY_FIELDS,
  keepsSomething,
  type Policy,
  type PolicyPart,
} from '../platform/config/policy-limits';
import { OnAccountRemoved, type RemovedAccount } from '../platform/access/on-account-removed.decorator';
import type { TrashPolicy } from '../graphs/trash-retention.service';
import { OnGraphPurged } from '../graphs/upkeep/on-graph-purged.decorator';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { invalid, notFound } from '../platform/errors/app-error';
import { WHOLE_ACCOUNT, type PolicyRow } from './domain/policy.entity';
import { inherit, type EffectivePolicy } from './domain/policy';
import type { PolicyChange } from './domain/policy-change';
import { PoliciesStore } from './policies.store';

/** A policy in effect. */
export interface ReadPolicy extends EffectivePolicy {
  /** The rows that it was read from: as long as this is the same, so is the policy. */
  stamp: string;
  /** The user's levels that changed and apply here, the graph's first. */
  changes: readonly PolicyChange[];
}

/** Policies on three levels: instance, user, graph. */
@Injectable()
export class PoliciesService implements TrashPolicy {
  /** The policy of the instance. */
  readonly instanceDefault: Policy;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: PoliciesStore,
    private readonly graphs: GraphRetentionService,
    private readonly journal: JournalService,
    private readonly clock: Clock,
    config: AppConfig,
  ) {
    this.instanceDefault = {
      ...BUILT_IN_POLICY,
      deleted_retention_days: config.get('DELETED_RETENTION_DAYS'),
      ...config.get('DEFAULT_POLICY'),
    };
  }

  /** The policy of the whole account. */
  ofUser(userKey: number): Promise<EffectivePolicy> {
    return this.unitOfWork.read((em) => this.read(em, userKey, WHOLE_ACCOUNT));
  }

  /** The policy of one of the caller's graphs; 404 for any other. */
  async ofGraph(caller: Caller, id: string): Promise<EffectivePolicy> {
    const graph = await this.graph(caller, id);
    return this.unitOfWork.read((em) => this.read(em, caller.key, graph.key));
  }

  /** The policy in effect for a graph; with `WHOLE_ACCOUNT` the one for graphs without their own. */
  async read(em: EntityManager, userKey: number, graphKey: number): Promise<ReadPolicy> {
    const rows = await this.store.of(em, userKey, graphKey);
    const part = (key: number) => partOf(rows.find(({ graph_key }) => graph_key === key));
    const graphPart = graphKey === WHOLE_ACCOUNT ? {} : part(graphKey);
    const effective = inherit(this.instanceDefault, part(WHOLE_ACCOUNT), graphPart);
    return { ...effective, stamp: stampOf(rows), changes: changesOf(rows, effective) };
  }

  /**
   * Whether the policy of a graph is still the one with this stamp, inside the caller's write transaction. It stays so
   * until the transaction ends: a change that is answered earlier is seen here, and a later one waits.
   */
  async isCurrent(em: EntityManager, userKey: number, graphKey: number, stamp: string): Promise<boolean> {
    await this.store.lockForUse(em, userKey);
    return stampOf(await this.store.of(em, userKey, graphKey)) === stamp;
  }

  /** How many days a graph that is deleted now stays in the trash. */
  async trashDays(userKey: number, graphKey: number): Promise<number> {
    const { policy } = await this.unitOfWork.read((em) => this.read(em, userKey, graphKey));
    return policy.deleted_retention_days;
  }

  /** The fields that each level of a user sets, by graph key; `WHOLE_ACCOUNT` for the account. */
  async partsOf(userKey: number): Promise<ReadonlyMap<number, PolicyPart>> {
    const rows = await this.unitOfWork.read((em) => this.store.ofUser(em, userKey));
    return new Map(rows.map((row) => [row.graph_key, partOf(row)]));
  }

  /** The fields that the account's own policy sets, or that of one graph; null without one. 404 for any other graph. */
  async ownPart(caller: Caller, graphId: string | null): Promise<PolicyPart | null> {
    const key = graphId === null ? WHOLE_ACCOUNT : (await this.graph(caller, graphId)).key;
    const rows = await this.unitOfWork.read((em) => this.store.of(em, caller.key, key));
    const part = partOf(rows.find(({ graph_key }) => graph_key === key));
    return Object.keys(part).length === 0 ? null : part;
  }

  /** Replaces the account's policy; fields that are left out are inherited. 400 when it keeps nothing. */
  async putForUser(caller: Caller, part: PolicyPart): Promise<EffectivePolicy> {
    const effective = inherit(this.instanceDefault, part);
    requireKeeping(effective.policy);
    await this.write(caller, WHOLE_ACCOUNT, part, null);
    return effective;
  }

  /** Replaces the policy of one graph. 404 for a graph that is not the caller's, 400 when it keeps nothing. */
  async putForGraph(caller: Caller, id: string, part: PolicyPart): Promise<EffectivePolicy> {
    const graph = await this.graph(caller, id);
    const account = await this.ofUser(caller.key);
    requireKeeping({ ...account.policy, ...part });
    await this.write(caller, graph.key, part, graph);
    return this.unitOfWork.read((em) => this.read(em, caller.key, graph.key));
  }

  /** Whether a graph of the caller can have this policy of its own: with the account's, it keeps something. */
  async canHave(caller: Caller, part: PolicyPart): Promise<boolean> {
    const account = await this.ofUser(caller.key);
    return keepsSomething({ ...account.policy, ...part });
  }

  /**
   * How the transaction that creates a graph gives it a policy: `lock` comes before its other statements. The policy
   * must satisfy `canHave`.
   */
  forNewGraph(caller: Caller, part: PolicyPart) {
    return {
      lock: (em: EntityManager) => this.store.lockForChange(em, caller.key),
      put: (em: EntityManager, graph: { key: number; id: string }) =>
        this.put(em, caller, graph.key, graph.id, part),
    };
  }

  /** Deletes the account's policy: everything is inherited again. */
  async removeForUser(caller: Caller): Promise<void> {
    await this.write(caller, WHOLE_ACCOUNT, {}, null);
  }

  /** Deletes the policy of one graph. */
  async removeForGraph(caller: Caller, id: string): Promise<void> {
    const graph = await this.graph(caller, id);
    await this.write(caller, graph.key, {}, graph);
  }

  /** Removes all policies of a deleted account. */
  @OnAccountRemoved()
  async forget({ key }: RemovedAccount): Promise<void> {
    await this.unitOfWork.write((em) => this.store.removeOfUser(em, key));
  }

  /** Removes the policy of a purged graph inside the caller's transaction. */
  @OnGraphPurged()
  forgetGraph(em: EntityManager, userKey: number, graphKey: number): Promise<void> {
    return this.store.removeOf(em, userKey, graphKey);
  }

  /** A graph of the caller, in the trash or not; else 404. */
  async graph(caller: Caller, id: string): Promise<DueGraph> {
    const graph = await this.graphs.find(caller.key, id, this.clock.now());
    if (!graph) throw notFound('graph');
    return graph;
  }

  private async write(
    caller: Caller,
    graphKey: number,
    part: PolicyPart,
    graph: DueGraph | null,
  ): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      await this.store.lockForChange(em, caller.key);
      const at = await this.put(em, caller, graphKey, graph?.graphId ?? caller.id, part);
      if (graph && !(await this.graphs.makeDue(em, graph, at))) throw notFound('graph');
    });
  }

  /** Writes the fields of a level and returns the time of the change, ms since the epoch. */
  private async put(
    em: EntityManager,
    { key, origin }: Caller,
    graphKey: number,
    subjectId: string,
    part: PolicyPart,
  ): Promise<number> {
    const at = this.clock.now();
    const event = { at, userKey: key, actorKey: key, subjectId, origin, details: { ...part } };
    const seq = await this.journal.append(em, { action: 'policy.changed', ...event });
    const fields = Object.fromEntries(POLICY_FIELDS.map((field) => [field, part[field] ?? null]));
    const row = { ...fields, user_key: key, graph_key: graphKey, seq, changed_at: at };
    await this.store.put(em, row as PolicyRow);
    return at;
  }
}

/** Refuses (400) a policy that keeps nothing: it would delete all history. */
export function requireKeeping(policy: Policy): void {
  if (keepsSomething(policy)) return;
  const message = 'the policy keeps nothing: with what it inherits, all its keep_ rules are 0';
  throw invalid([{ field: 'keep_last', message }], 'The policy keeps nothing; see "errors".');
}

function stampOf(rows: readonly PolicyRow[]): string {
  return rows.map(({ graph_key, seq }) => `${graph_key}:${seq}`).join(' ');
}

/** A level that is overruled in every field by more specific ones changes nothing. */
function changesOf(rows: readonly PolicyRow[], { levels }: EffectivePolicy): PolicyChange[] {
  const accountCounts = Object.values(levels).some((level) => level !== 'graph');
  return rows
    .filter(
      ({ changed_at, graph_key }) => changed_at !== null && (graph_key !== WHOLE_ACCOUNT || accountCounts),
    )
    .map(({ user_key: userKey, graph_key: graphKey, seq }) => ({
      level: graphKey === WHOLE_ACCOUNT ? ('user' as const) : ('graph' as const),
      userKey,
      graphKey,
      seq,
    }))
    .reverse();
}

function partOf(row: PolicyRow | undefined): PolicyPart {
  if (!row) return {};
  const said = POLICY_FIELDS.filter((field) => row[field] !== null);
  return Object.fromEntries(said.map((field) => [field, row[field]]));
}
