import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService } from '../audit/journal.service';
import { GraphRetention, type DueGraph } from '../graphs/upkeep/graph-retention.service';
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
import { UnitOfWork } from '../platform/database/unit-of-work';
import { invalid, notFound } from '../platform/errors/app-error';
import { WHOLE_ACCOUNT, type PolicyRow } from './domain/policy.entity';
import { inherit, type EffectivePolicy } from './domain/policy';
import { PoliciesStore } from './policies.store';

/** A policy in effect, and the rows it was read from: as long as these are the same, so is it. */
export interface ReadPolicy extends EffectivePolicy {
  stamp: string;
}

/** What users say about what is kept, on the three levels: instance, user, graph. */
@Injectable()
export class PoliciesService {
  /** What is kept where nobody says otherwise. */
  readonly instanceDefault: Policy;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: PoliciesStore,
    private readonly graphs: GraphRetention,
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

  /** The policy of a graph of the caller's. 404 for what is not the caller's. */
  async ofGraph(caller: Caller, id: string): Promise<EffectivePolicy> {
    const graph = await this.graph(caller, id);
    return this.unitOfWork.read((em) => this.read(em, caller.key, graph.key));
  }

  /** The policy in effect for a graph, or with `WHOLE_ACCOUNT` for those without one of their own. */
  async read(em: EntityManager, userKey: number, graphKey: number): Promise<ReadPolicy> {
    const rows = await this.store.of(em, userKey, graphKey);
    const part = (key: number) => partOf(rows.find(({ graph_key }) => graph_key === key));
    const graphPart = graphKey === WHOLE_ACCOUNT ? {} : part(graphKey);
    const stamp = rows.map(({ graph_key, seq }) => `${graph_key}:${seq}`).join(' ');
    return { ...inherit(this.instanceDefault, part(WHOLE_ACCOUNT), graphPart), stamp };
  }

  /** How many days a graph that is deleted now can be recovered. */
  async binDays(userKey: number, graphKey: number): Promise<number> {
    const { policy } = await this.unitOfWork.read((em) => this.read(em, userKey, graphKey));
    return policy.deleted_retention_days;
  }

  /** The parts of all levels of a user's: the account's, and each graph's own by its key. */
  async partsOf(userKey: number): Promise<ReadonlyMap<number, PolicyPart>> {
    const rows = await this.unitOfWork.read((em) => this.store.ofUser(em, userKey));
    return new Map(rows.map((row) => [row.graph_key, partOf(row)]));
  }

  /** Replaces what the user says for the whole account; fields that are not in it are inherited. 400 when it keeps nothing. */
  async putForUser(caller: Caller, part: PolicyPart): Promise<EffectivePolicy> {
    const effective = inherit(this.instanceDefault, part);
    requireKeeping(effective.policy);
    await this.write(caller, WHOLE_ACCOUNT, part, null);
    return effective;
  }

  /** The same for one graph. */
  async putForGraph(caller: Caller, id: string, part: PolicyPart): Promise<EffectivePolicy> {
    const graph = await this.graph(caller, id);
    const account = await this.ofUser(caller.key);
    requireKeeping({ ...account.policy, ...part });
    await this.write(caller, graph.key, part, graph);
    return this.unitOfWork.read((em) => this.read(em, caller.key, graph.key));
  }

  /** Takes back what the user said for the whole account. */
  async removeForUser(caller: Caller): Promise<void> {
    await this.write(caller, WHOLE_ACCOUNT, {}, null);
  }

  /** The same for one graph. */
  async removeForGraph(caller: Caller, id: string): Promise<void> {
    const graph = await this.graph(caller, id);
    await this.write(caller, graph.key, {}, graph);
  }

  /** Forgets everything that a user said whose account is gone. */
  async forget(userKey: number): Promise<void> {
    await this.unitOfWork.write((em) => this.store.removeOfUser(em, userKey));
  }

  /** Forgets inside the caller's transaction what a user said for a graph that goes. */
  forgetGraph(em: EntityManager, userKey: number, graphKey: number): Promise<void> {
    return this.store.removeOf(em, userKey, graphKey);
  }

  /** A graph of the caller's, in the bin or not; else 404. */
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
    const { key, origin } = caller;
    const at = this.clock.now();
    const subjectId = graph?.graphId ?? caller.id;
    const event = { at, userKey: key, actorKey: key, subjectId, origin, details: { ...part } };
    await this.unitOfWork.write(async (em) => {
      const seq = await this.journal.append(em, { action: 'policy.changed', ...event });
      const fields = Object.fromEntries(POLICY_FIELDS.map((field) => [field, part[field] ?? null]));
      const row = { ...fields, user_key: key, graph_key: graphKey, seq, changed_at: graph ? null : at };
      await this.store.put(em, row as PolicyRow);
      if (graph && !(await this.graphs.makeDue(em, graph, at))) throw notFound('graph');
    });
  }
}

/** A candidate or a new policy that keeps nothing is refused: it would be the same as deleting all history. */
export function requireKeeping(policy: Policy): void {
  if (keepsSomething(policy)) return;
  const message = 'the policy keeps nothing: with what it inherits, all its keep_ rules are 0';
  throw invalid([{ field: 'keep_last', message }], 'The policy keeps nothing; see "errors".');
}

function partOf(row: PolicyRow | undefined): PolicyPart {
  if (!row) return {};
  const said = POLICY_FIELDS.filter((field) => row[field] !== null);
  return Object.fromEntries(said.map((field) => [field, row[field]]));
}
