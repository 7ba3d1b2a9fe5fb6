import { setImmediate as otherWork } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { GraphRetention, type DueGraph } from '../graphs/upkeep/graph-retention.service';
import { Clock } from '../platform/clock/clock';
import { JobRunner } from '../platform/jobs/job-runner';
import { tooMuch, type BrakeReason } from './domain/brake';
import { DueWork, type ChangedPolicies } from './due-work';
import { RETENTION_JOB } from './domain/retention-run';

/** What a run would do to one graph. `bytes` are those of sealed frames. */
export interface PlannedGraph {
  graphId: string;
  action: 'purge' | 'prune';
  versions: number;
  bytes: number;
}

/** What a run would do. */
export interface RetentionPlan {
  /** By this time is decided, ms since the epoch. */
  at: number;
  graphsToPurge: number;
  versionsToPurge: number;
  graphsToPrune: number;
  versionsToPrune: number;
  bytes: number;
  /** The first thousand graphs of which anything would go. */
  graphs: readonly PlannedGraph[];
  /** Graphs that could not be read; nothing of them goes. */
  failed: readonly string[];
  /** Why the run would stop without being forced. */
  brake: BrakeReason | null;
  changed: ChangedPolicies;
}

const LISTED_GRAPHS = 1_000;
/** Runs that the usual number is taken from. */
const RECENT_RUNS = 200;

/** Says what a run would do, and does nothing. */
@Injectable()
export class RetentionPlanner {
  constructor(
    private readonly graphs: GraphRetention,
    private readonly work: DueWork,
    private readonly runner: JobRunner,
    private readonly clock: Clock,
  ) {}

  /** What is to do now. Reads the rows of graphs of which versions may have to go, and no other's. */
  async plan(signal: AbortSignal): Promise<RetentionPlan> {
    const now = this.clock.now();
    const changed = await this.work.changedPolicies();
    const draft = new Draft();
    for await (const graph of this.graphs.toPurge(now))
      await this.add(draft, signal, graph, 'purge', () => this.whole(graph));
    for await (const graph of this.work.toPrune(now, changed))
      await this.add(draft, signal, graph, 'prune', () => this.thinned(graph, now));
    return { at: now, ...draft.counts(), brake: await this.brake(draft.versions), changed };
  }

  private async add(
    draft: Draft,
    signal: AbortSignal,
    { graphId }: DueGraph,
    action: PlannedGraph['action'],
    read: () => Promise<{ versions: number; bytes: number }>,
  ): Promise<void> {
    signal.throwIfAborted();
    await otherWork();
    try {
      draft.add({ graphId, action, ...(await read()) });
    } catch (error) {
      if ((error as { kind?: unknown }).kind === 'unavailable') throw error;
      draft.failed.push(graphId);
    }
  }

  private async whole(graph: DueGraph): Promise<{ versions: number; bytes: number }> {
    const versions = await this.graphs.agesOf(graph);
    return {
      versions: versions.length,
      bytes: versions.reduce((sum, { frameBytes }) => sum + frameBytes, 0),
    };
  }

  private async thinned(graph: DueGraph, now: number): Promise<{ versions: number; bytes: number }> {
    const versions = await this.graphs.agesOf(graph);
    const thinner = this.work.thinner(graph, now, () => Promise.resolve());
    const going = new Set((await thinner.choose(versions)).goners);
    const gone = versions.filter(({ version }) => going.has(version));
    return { versions: gone.length, bytes: gone.reduce((sum, { frameBytes }) => sum + frameBytes, 0) };
  }

  private async brake(versions: number): Promise<BrakeReason | null> {
    if (versions === 0) return null;
    const total = await this.graphs.countVersions(2 * versions);
    return tooMuch({ versions, total, usual: await this.usual() });
  }

  private async usual(): Promise<number[]> {
    const runs = await this.runner.runs(RETENTION_JOB, RECENT_RUNS);
    return runs
      .filter(
        ({ status, summary }) => status === 'done' && summary?.['dry_run'] === false && !summary['forced'],
      )
      .map(({ summary }) => Number(summary?.['versions_purged']) + Number(summary?.['versions_pruned']))
      .filter((removed) => removed > 0);
  }
}

/** A plan that is being made. */
class Draft {
  readonly failed: string[] = [];
  private readonly graphs: PlannedGraph[] = [];
  private readonly sums = {
    graphsToPurge: 0,
    versionsToPurge: 0,
    graphsToPrune: 0,
    versionsToPrune: 0,
    bytes: 0,
  };

  get versions(): number {
    return this.sums.versionsToPurge + this.sums.versionsToPrune;
  }

  add(graph: PlannedGraph): void {
    if (graph.action === 'prune' && graph.versions === 0) return;
    this.sums[graph.action === 'purge' ? 'graphsToPurge' : 'graphsToPrune'] += 1;
    this.sums[graph.action === 'purge' ? 'versionsToPurge' : 'versionsToPrune'] += graph.versions;
    this.sums.bytes += graph.bytes;
    if (this.graphs.length < LISTED_GRAPHS) this.graphs.push(graph);
  }

  counts() {
    return { ...this.sums, graphs: this.graphs, failed: this.failed };
  }
}
