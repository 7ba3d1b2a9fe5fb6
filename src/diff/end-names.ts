import type { GraphEdge, GraphNode } from './dialects/graph';

/** An edge with the names of its nodes. A name is missing where there is no such node, or the name is its id. */
export type NamedEdge<Edge extends GraphEdge = GraphEdge> = Edge & EndNames;

/** What people know the nodes of an edge by. */
export interface EndNames {
  source_name?: string;
  target_name?: string;
}

/** The first code points of a name: a node with a long name can have thousands of edges. */
const SHOWN = /^.{0,200}/su;

/** Adds the names of nodes to the edges whose ids are theirs. */
export function endNamer(
  nodes: readonly GraphNode[],
): <Edge extends GraphEdge>(edge: Edge) => NamedEdge<Edge> {
  const names = new Map<string, string>();
  for (const { id, name } of nodes) {
    const shown = SHOWN.exec(name)?.[0] ?? '';
    if (shown !== '' && name !== id) names.set(id, shown);
  }
  return (edge) => {
    const [source, target] = [names.get(edge.source), names.get(edge.target)];
    return {
      ...edge,
      ...(source !== undefined && { source_name: source }),
      ...(target !== undefined && { target_name: target }),
    };
  };
}
