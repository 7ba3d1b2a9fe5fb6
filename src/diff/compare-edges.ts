import type { GraphEdge } from './dialects/graph';

/** Edges of one side that the other has not, and those that both have. */
export interface EdgeDifference {
  added: GraphEdge[];
  removed: GraphEdge[];
  kept: GraphEdge[];
}

/**
 * The difference of two multisets of edges: two equal edges of which one goes is one removal. `newId` gives
 * the present id of a node of `from`, so that a node with a re-made id keeps its edges. Removed
 * edges are told with the ids of `from`, the others with those of `to`.
 */
export function compareEdges(
  from: readonly GraphEdge[],
  to: readonly GraphEdge[],
  newId: (id: string) => string,
): EdgeDifference {
  const counts = new Map<string, number>();
  for (const edge of to) count(counts, edgeKey(edge), 1);
  const removed = from.filter((edge) => {
    const key = edgeKey({ ...edge, source: newId(edge.source), target: newId(edge.target) });
    const left = counts.get(key) ?? 0;
    if (left > 0) counts.set(key, left - 1);
    return left <= 0;
  });
  // What is left over was not in `from`: of several equal edges the last ones count as added.
  const added: GraphEdge[] = [];
  const kept: GraphEdge[] = [];
  for (const edge of to.toReversed()) (count(counts, edgeKey(edge), -1) >= 0 ? added : kept).push(edge);
  return { added: added.reverse(), removed, kept: kept.reverse() };
}

function edgeKey({ source, source_port, target, target_port }: GraphEdge): string {
  return JSON.stringify([source, source_port, target, target_port]);
}

function count(counts: Map<string, number>, key: string, by: number): number {
  const sum = (counts.get(key) ?? 0) + by;
  counts.set(key, sum);
  return sum;
}
