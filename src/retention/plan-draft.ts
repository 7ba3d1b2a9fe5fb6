import type { DueGraph } from '../graphs/upkeep/graph-retention.service';
import type { CausedPrunes } from './domain/brake';
import { policyKey, type PolicyChange } from './domain/policy-change';

/** What a run would do to one graph. `bytes` counts sealed frames. */
export interface PlannedGraph {
  graphId: string;
  action: 'purge' | 'prune';
  versions: number;
  bytes: number;
  /** Keys of the changed policies that apply to the graph. */
  policies: readonly string[];
}

/** A changed policy that a plan met, with one of its graphs. */
export interface MetPolicy extends PolicyChange {
  key: string;
  graph: DueGraph;
}

/** Totals of planned work. */
export interface PlanTotals {
  graphs: number;
  versions: number;
  bytes: number;
}

const LISTED_GRAPHS = 1_000;

/** A plan while it is made. */
export class PlanDraft {
  /** Graphs that could not be read. */
  readonly failed: string[] = [];
  /** The first graphs of which anything would be removed. */
  readonly listed: PlannedGraph[] = [];
  readonly purges: PlanTotals = noTotals();
  /** Changed policies by their key. */
  readonly met = new Map<string, MetPolicy>();
  private readonly prunes = new Map<string, PlanTotals & CausedPrunes>();

  purge(graphId: string, versions: number, bytes: number): void {
    addTo(this.purges, versions, bytes);
    this.list({ graphId, action: 'purge', versions, bytes, policies: [] });
  }

  prune(graph: DueGraph, versions: number, bytes: number, changes: readonly PolicyChange[]): void {
    const policies = changes.map(policyKey);
    for (const [index, change] of changes.entries()) {
      const key = policies[index]!;
      if (!this.met.has(key)) this.met.set(key, { ...change, key, graph });
    }
    if (versions === 0) return;
    const combination = policies.join(',');
    const totals = this.prunes.get(combination) ?? { ...noTotals(), policies };
    this.prunes.set(combination, totals);
    addTo(totals, versions, bytes);
    this.list({ graphId: graph.graphId, action: 'prune', versions, bytes, policies });
  }

  /** Prunes that changed policies cause, by the set of these policies. */
  caused(): CausedPrunes[] {
    return [...this.prunes.values()].filter(({ policies }) => policies.length > 0);
  }

  /** Totals of the prunes to which one of the policies applies (`with`), or none of them. */
  prunesOf(keys: readonly string[], which: 'with' | 'without'): PlanTotals {
    const totals = noTotals();
    for (const { policies, graphs, versions, bytes } of this.prunes.values()) {
      if (policies.some((policy) => keys.includes(policy)) !== (which === 'with')) continue;
      totals.graphs += graphs;
      totals.versions += versions;
      totals.bytes += bytes;
    }
    return totals;
  }

  private list(graph: PlannedGraph): void {
    if (this.listed.length < LISTED_GRAPHS) this.listed.push(graph);
  }
}

function noTotals(): PlanTotals {
  return { graphs: 0, versions: 0, bytes: 0 };
}

function addTo(totals: PlanTotals, versions: number, bytes: number): void {
  totals.graphs += 1;
  totals.versions += versions;
  totals.bytes += bytes;
}
