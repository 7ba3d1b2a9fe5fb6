import { Injectable } from '@nestjs/common';
import { Pace } from '../platform/async/pace';
import {
  GraphRetentionService,
  type AgedVersion,
  type DueGraph,
} from '../graphs/upkeep/graph-retention.service';
import { Clock } from '../platform/clock/clock';
import { JobRunner } from '../platform/jobs/job-runner';
import { brakeOf, type BrakeReason } from './domain/brake';
import type { PolicyLevel } from './domain/policy';
import { policyKey } from './domain/policy-change';
import { WHOLE_ACCOUNT } from './domain/policy.entity';
import { RETENTION_JOB } from './domain/retention-run';
import { DueGraphs, type ChangedPolicies } from './due-graphs';
import { PlanDraft, type MetPolicy, type PlannedGraph, type PlanTotals } from './plan-draft';
import { PruneSelector } from './prune-selector';

export type { PlannedGraph };

/** A changed policy that a run does not apply until an operator forces it. */
export interface HeldPolicy {
  key: string;
  level: PolicyLevel;
  userKey: number;
  /** The id of the user or the graph; null for the instance's default. */
  id: string | null;
  /** Versions that it would prune, alone or together with other changed policies. */
  versions: number;
}

/** What a run would do. */
export interface RetentionPlan {
  /** Versions are judged by this time, ms since the epoch. */
  at: number;
  purges: PlanTotals;
  /** Without the prunes that are held. */
  prunes: PlanTotals;
  /** The first thousand graphs of which anything would be removed, held ones included. */
  graphs: readonly PlannedGraph[];
  /** Graphs that could not be read; nothing of them is removed. */
  failed: readonly string[];
  /** Why policies are held; null when none are. */
  brake: BrakeReason | null;
  /** Why policies would be held if the run were not forced; null when none would. */
  overridden: BrakeReason | null;
  held: readonly HeldPolicy[];
  /** Versions that are not pruned because policies are held. */
  versionsHeld: number;
  changed: ChangedPolicies;
  /** The changed policies that the plan has taken into account: the `seq` of each by its key. */
  seen: ReadonlyMap<string, number>;
}

/** Runs that the usual number is taken from. */
const RECENT_RUNS = 200;

/** Says what a run would do, and does nothing. */
@Injectable()
export class RetentionPlanner {
  constructor(
    private readonly graphs: GraphRetentionService,
    private readonly due: DueGraphs,
    private readonly selector: PruneSelector,
    private readonly runner: JobRunner,
    private readonly clock: Clock,
  ) {}

  /** Plans a run. Reads graphs that are due or under a changed policy, and no others. If `force`, it holds no policy. */
  async plan(signal: AbortSignal, force: boolean): Promise<RetentionPlan> {
    const at = this.clock.now();
    const changed = await this.due.changedPolicies();
    const draft = new PlanDraft();
    const pace = new Pace();
    for await (const graph of this.graphs.toPurge(at)) {
      await between(pace, signal);
      await this.add(draft, graph, (versions) =>
        draft.purge(graph.graphId, versions.length, bytesOf(versions)),
      );
    }
    for await (const graph of this.due.toPrune(at, changed)) {
      await between(pace, signal);
      await this.add(draft, graph, async (versions) => {
        const { toRemove, changes } = await this.selector.select(graph, versions, at, changed);
        const numbers = new Set(toRemove);
        const gone = versions.filter(({ version }) => numbers.has(version));
        draft.prune(graph, gone.length, bytesOf(gone), changes);
      });
    }
    return this.finished(draft, at, changed, force);
  }

  private async add(
    draft: PlanDraft,
    graph: DueGraph,
    note: (versions: readonly AgedVersion[]) => void | Promise<void>,
  ): Promise<void> {
    try {
      await note(await this.graphs.agesOf(graph));
    } catch (error) {
      if ((error as { kind?: unknown }).kind === 'unavailable') throw error;
      draft.failed.push(graph.graphId);
    }
  }

  private async finished(
    draft: PlanDraft,
    at: number,
    changed: ChangedPolicies,
    force: boolean,
  ): Promise<RetentionPlan> {
    const brake = await this.brake(draft);
    const keys = force ? [] : (brake?.held ?? []);
    const reason = brake?.reason ?? null;
    return {
      at,
      purges: draft.purges,
      prunes: draft.prunesOf(keys, 'without'),
      graphs: draft.listed,
      failed: draft.failed,
      brake: force ? null : reason,
      overridden: force ? reason : null,
      held: await Promise.all(keys.map((key) => this.held(draft, draft.met.get(key)!))),
      versionsHeld: draft.prunesOf(keys, 'with').versions,
      changed,
      seen: seenBy(draft, changed),
    };
  }

  private async brake(draft: PlanDraft) {
    const caused = draft.caused();
    if (caused.length === 0) return null;
    const versions = caused.reduce((sum, part) => sum + part.versions, 0);
    const purged = draft.purges.versions;
    const total = (await this.graphs.countVersions(2 * versions + purged)) - purged;
    return brakeOf(caused, { total, usual: await this.usual() });
  }

  private async held(draft: PlanDraft, { key, level, userKey, graph }: MetPolicy): Promise<HeldPolicy> {
    const { versions } = draft.prunesOf([key], 'with');
    const owner = level === 'user' ? await this.graphs.ownerOf(graph) : null;
    return { key, level, userKey, versions, id: level === 'graph' ? graph.graphId : (owner?.userId ?? null) };
  }

  private async usual(): Promise<number[]> {
    const runs = await this.runner.runs(RETENTION_JOB, RECENT_RUNS);
    return runs
      .filter(
        ({ status, summary }) => status === 'done' && summary?.['dry_run'] === false && !summary['forced'],
      )
      .map(({ summary }) => Number(summary?.['versions_pruned']))
      .filter((pruned) => pruned > 0);
  }
}

function between(pace: Pace, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return pace.pause();
}

function bytesOf(versions: readonly AgedVersion[]): number {
  return versions.reduce((sum, { frameBytes }) => sum + frameBytes, 0);
}

/**
 * The changed policies that the whole plan has taken into account. A user's policy that changed while the plan was made
 * was seen by some of its graphs only, and waits for the next run.
 */
function seenBy(draft: PlanDraft, { users }: ChangedPolicies): ReadonlyMap<string, number> {
  const others = [...draft.met].filter(([, { level }]) => level !== 'user');
  const seen = new Map(others.map(([key, { seq }]) => [key, seq]));
  for (const { user_key, seq } of users)
    seen.set(policyKey({ level: 'user', userKey: user_key, graphKey: WHOLE_ACCOUNT }), seq);
  return seen;
}
