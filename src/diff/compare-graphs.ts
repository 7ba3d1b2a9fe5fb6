import { compareEdges, type EdgeDifference } from './compare-edges';
import { ContentIds } from './content-ids';
import type { DialectName, GraphNode } from './dialects/graph';
import { readGraphs } from './dialects/read-graph';
import { isObject, type Json, type JsonObject } from './json';
import { matchNodes, type NodePair } from './match-nodes';
import { ownMember } from '../platform/hardening/own-member';

/** A node that is on both sides, and what became of it. */
export interface ComparedNode extends NodePair {
  /** Its content differs; `before` is the old content with the ids as they are now. */
  changed: boolean;
  /** Its place or its author-given extent differs. */
  moved: boolean;
  before: JsonObject;
}

/** Two configs compared as graphs; `ids` knows both, for whoever goes on comparing. */
export interface Comparison {
  dialect: DialectName;
  added: GraphNode[];
  removed: GraphNode[];
  both: ComparedNode[];
  edges: EdgeDifference;
  /** The present id of a node of `from`. */
  newId: (id: string) => string;
  ids: ContentIds;
}

/**
 * Compares two parsed configs as graphs (see `readGraphs` for the dialect, `matchNodes` for who is
 * who). A reference to a re-made id, such as a Node-RED node's tab, is no change. O(size).
 */
export function compareGraphs(from: Json, to: Json): Comparison {
  const graphs = readGraphs(from, to);
  const ids = new ContentIds();
  const { pairs, added, removed } = matchNodes(graphs.from.nodes, graphs.to.nodes, ids);
  const remade = remadeIds(pairs);
  const newId = (id: string): string => remade.get(id) ?? id;
  const edges = compareEdges(graphs.from.edges, graphs.to.edges, newId);
  const both = pairs.map((pair) => comparePair(pair, remade, ids));
  return { dialect: graphs.dialect, added, removed, both, edges, newId, ids };
}

function remadeIds(pairs: readonly NodePair[]): Map<string, string> {
  return new Map(pairs.filter(({ from, to }) => from.id !== to.id).map(({ from, to }) => [from.id, to.id]));
}

function comparePair(pair: NodePair, remade: ReadonlyMap<string, string>, ids: ContentIds): ComparedNode {
  const before = remade.size === 0 ? pair.from.body : (renameIds(pair.from.body, remade) as JsonObject);
  return {
    ...pair,
    before,
    changed: !sameMembers(before, pair.to.body, ids),
    moved: !samePlace(pair.from, pair.to),
  };
}

/** Bodies are fresh objects: comparing their members spares naming each body as a whole. */
function sameMembers(a: JsonObject, b: JsonObject, ids: ContentIds): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every(
    (name) => Object.hasOwn(b, name) && ids.same(ownMember(a, name) ?? null, ownMember(b, name) ?? null),
  );
}

function renameIds(value: Json, remade: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') return remade.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => renameIds(item, remade));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renameIds(item, remade)]));
}

function samePlace(from: GraphNode, to: GraphNode): boolean {
  return (
    from.position?.x === to.position?.x &&
    from.position?.y === to.position?.y &&
    from.size?.width === to.size?.width &&
    from.size?.height === to.size?.height
  );
}
