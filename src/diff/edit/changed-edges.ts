import type { Comparison } from '../compare-graphs';
import type { ReadEdge } from '../dialects/graph';
import type { Json } from '../json';

/** The older edges that are not there, among them all of nodes that are not: their ids may be those of others now. */
export function missingEdges({ from, edges }: Comparison, gone: ReadonlyMap<string, unknown>): ReadEdge[] {
  const removed = new Set(edges.removed);
  return from.edges.filter((edge) => removed.has(edge) || isAt(edge, gone));
}

/** Whether one of an edge's nodes is among the given ones. */
export function isAt({ source, target }: ReadEdge, nodes: ReadonlyMap<string, unknown>): boolean {
  return nodes.has(source) || nodes.has(target);
}

/** The newer edges that were not there, among them all of nodes that were not. */
export function newEdges({ to, edges, added }: Comparison): ReadEdge[] {
  const come = new Set(edges.added);
  const nodes = new Map(added.map((node) => [node.id, node]));
  return to.edges.filter((edge) => come.has(edge) || isAt(edge, nodes));
}

/** For edges in lists, which elements they are on the other side. */
export function edgePartners({ edges }: Comparison): Map<object, Json> {
  const partners = new Map<object, Json>();
  for (const [after, before] of edges.before) {
    const [old, now] = [elementOf(before), elementOf(after)];
    if (typeof old === 'object' && old !== null && now !== undefined) partners.set(old, now);
  }
  return partners;
}

function elementOf({ site: { holder, key } }: ReadEdge): Json | undefined {
  return Array.isArray(holder) ? holder[Number(key)] : undefined;
}
