import { compareEdges, type EdgeDifference } from './compare-edges';
import { ContentIds } from './content-ids';
import { containersOf, type DialectName, type GraphNode } from './dialects/graph';
import { readGraphs, type Document, type ReadOptions } from './dialects/read-graph';
import type { Json, JsonObject } from './json';
import { matchNodes, type NodePair } from './match-nodes';
import { renameIds } from './rename-ids';

/** A node that is on both sides, and what became of it. */
export interface ComparedNode extends NodePair {
  /** Its content differs; `before` is the old content with the ids as they are now. */
  changed: boolean;
  /** Its place, its author-given extent or what holds it differs. */
  moved: boolean;
  before: JsonObject;
}

/** Two configs compared as graphs; `ids` has the content ids of both, for further comparisons. */
export interface Comparison {
  dialect: DialectName;
  from: Document;
  to: Document;
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
 * who). A reference to a re-made id, such as a Node-RED node's tab, is no change. O(size · log).
 */
export function compareGraphs(from: Json, to: Json, options?: ReadOptions): Comparison {
  const graphs = readGraphs(from, to, options);
  const ids = new ContentIds();
  const { pairs, added, removed } = matchNodes(graphs.from, graphs.to, ids);
  const remade = remadeIds(pairs);
  const newId = (id: string): string => remade.get(id) ?? id;
  const references = withoutSerial(remade, pairs);
  const content = (body: JsonObject): JsonObject =>
    references.size === 0 ? body : (renameIds(body, references) as JsonObject);
  const edges = compareEdges(graphs.from.edges, graphs.to.edges, { id: newId, content }, ids);
  const both = pairs.map((pair) => comparePair(pair, content, newId, ids));
  return { ...graphs, added, removed, both, edges, newId, ids };
}

function remadeIds(pairs: readonly NodePair[]): Map<string, string> {
  return new Map(pairs.filter(({ from, to }) => from.id !== to.id).map(({ from, to }) => [from.id, to.id]));
}

/** A serial number in a content is a number like any other, unless it is behind a word (`chatOpenAI_0`). */
function withoutSerial(remade: ReadonlyMap<string, string>, pairs: readonly NodePair[]): Map<string, string> {
  const unsure = pairs.filter(({ from }) => from.anonymous || (from.weak && /^\d+$/.test(from.id)));
  const serial = new Set(unsure.map(({ from }) => from.id));
  return new Map([...remade].filter(([id]) => !serial.has(id)));
}

function comparePair(
  pair: NodePair,
  content: (body: JsonObject) => JsonObject,
  newId: (id: string) => string,
  ids: ContentIds,
): ComparedNode {
  const before = content(pair.from.body);
  const { from, to } = pair;
  return {
    ...pair,
    before,
    changed: !ids.sameMembers(before, to.body),
    moved: !samePlace(from, to) || !sameContainers(from, to, newId),
  };
}

function samePlace(from: GraphNode, to: GraphNode): boolean {
  return (
    from.position?.x === to.position?.x &&
    from.position?.y === to.position?.y &&
    from.size?.width === to.size?.width &&
    from.size?.height === to.size?.height
  );
}

function sameContainers(from: GraphNode, to: GraphNode, newId: (id: string) => string): boolean {
  const [before, after] = [containersOf(from), containersOf(to)];
  return before.length === after.length && before.every((id, index) => newId(id) === after[index]);
}
