import { contentOf } from './compare-edges';
import { compareGraphs, type ComparedNode, type Comparison } from './compare-graphs';
import { compareRest, compareWrapped, leftOver, type OtherChange } from './compare-rest';
import { containersOf } from './dialects/graph';
import type { DialectName, GraphEdge, GraphNode, Point, ReadEdge, Size } from './dialects/graph';
import { endNamer, type EndNames, type NamedEdge } from './end-names';
import { readExact } from './exact-json';
import type { Json } from './json';
import type { PatchOperation } from './patch/array-operations';
import { makePatch } from './patch/json-patch';

/** A node by what people know it by. */
export interface NodeName {
  id: string;
  name: string;
  type: string;
}

/** Where a node stood and stands, in the file's own units; null where it had or has no place. */
export interface Move {
  from: Place | null;
  to: Place | null;
}

/** A place, with the extent where the author gives one, and the id of what holds the node where that changed. */
export type Place = Partial<Point> & Partial<Size> & { container?: string };

/** An edge whose content changed. The paths of `changes` begin at the edge. */
export interface ChangedEdge extends GraphEdge, EndNames {
  changes: PatchOperation[];
}

/** A node whose content changed. The paths of `changes` begin at the node; place and edges are not among them. */
export interface ChangedNode extends NodeName {
  changes: PatchOperation[];
  /** The node before, to which `changes` apply; only if it was asked for. */
  before?: Json;
  /** Present when the node moved as well. */
  moved?: Move;
}

/** The graph-aware difference of two configs; the contract's Diff without `from`, `to` and `fields`. */
export interface ConfigDiff {
  dialect: DialectName;
  /** The bytes differ, but not what they mean: white space, order of keys, spelling of numbers and escapes. */
  formatting_only: boolean;
  /** All zeros when the two mean the same. */
  summary: {
    nodes_added: number;
    nodes_removed: number;
    nodes_changed: number;
    nodes_moved: number;
    edges_added: number;
    edges_removed: number;
    edges_changed: number;
    other_changed: number;
  };
  nodes: { added: NodeName[]; removed: NodeName[]; changed: ChangedNode[]; moved: (NodeName & Move)[] };
  edges: { added: NamedEdge[]; removed: NamedEdge[]; changed: ChangedEdge[] };
  /** Parts of the document outside nodes and edges. */
  other: OtherChange[];
  /** RFC 6902; applied to `from` it gives exactly `to`. */
  patch: PatchOperation[];
}

/**
 * The difference of two configs, given as bytes. Compares what they mean (`readExact` says what is
 * lost); bytes that differ in spelling only give an empty patch and `formatting_only`. The answer holds
 * exact numbers as marked strings: write it with `writeExact`. Throws SyntaxError when a side is not JSON.
 */
export function diffConfigs(from: Uint8Array, to: Uint8Array, withBefore = false): ConfigDiff {
  const diff = diffValues(readExact(from), readExact(to), withBefore);
  return { ...diff, formatting_only: diff.patch.length === 0 && Buffer.compare(from, to) !== 0 };
}

/** The difference of two parsed configs; see {@link diffConfigs}. Time is about linear in their size. */
export function diffValues(from: Json, to: Json, withBefore = false): ConfigDiff {
  const comparison = compareGraphs(from, to, { oneForm: true });
  const nodes = nodesOf(comparison, withBefore);
  const edges = edgesOf(comparison);
  const patch = makePatch(from, to, comparison.ids);
  const other = otherChanges(comparison, patch);
  return {
    dialect: comparison.dialect,
    formatting_only: false,
    summary: {
      nodes_added: nodes.added.length,
      nodes_removed: nodes.removed.length,
      nodes_changed: nodes.changed.length,
      nodes_moved: nodes.moved.length,
      edges_added: edges.added.length,
      edges_removed: edges.removed.length,
      edges_changed: edges.changed.length,
      other_changed: other.length,
    },
    nodes,
    edges,
    other,
    patch,
  };
}

/** What differs outside nodes and edges; where nothing else differs, also what is not part of the graph's meaning. */
export function otherChanges(
  { from, to, added, removed, both, edges, ids }: Comparison,
  patch: readonly PatchOperation[],
): OtherChange[] {
  const alike = from.path.join() === to.path.join();
  const other =
    alike || from.own === undefined || to.own === undefined
      ? compareRest(from.rest, to.rest, alike ? to.path : [], ids)
      : compareWrapped(from, to, ids);
  const found =
    other.length +
      added.length +
      removed.length +
      edges.added.length +
      edges.removed.length +
      edges.changed.length >
      0 || both.some(({ changed, moved }) => changed || moved);
  return found ? other : leftOver(patch);
}

function nodesOf({ added, removed, both, ids, newId }: Comparison, withBefore: boolean): ConfigDiff['nodes'] {
  return {
    added: added.map(nameOf),
    removed: removed.map(nameOf),
    changed: both
      .filter((node) => node.changed)
      .map((node) => ({
        ...nameOf(node.to),
        changes: makePatch(node.before, node.to.body, ids),
        ...(withBefore && { before: node.before }),
        ...(node.moved && { moved: moveOf(node, newId) }),
      })),
    moved: both
      .filter((node) => node.moved && !node.changed)
      .map((node) => ({ ...nameOf(node.to), ...moveOf(node, newId) })),
  };
}

function edgesOf({ from, to, edges, ids }: Comparison): ConfigDiff['edges'] {
  const [before, now] = [endNamer(from.nodes), endNamer(to.nodes)];
  return {
    added: edges.added.map((edge) => now(endsOf(edge))),
    removed: edges.removed.map((edge) => before(endsOf(edge))),
    changed: edges.changed.map(({ edge, before: old }) => ({
      ...now(endsOf(edge)),
      changes: makePatch(old, contentOf(edge), ids),
    })),
  };
}

function endsOf({ source, source_port, target, target_port, virtual }: ReadEdge): GraphEdge {
  return { source, source_port, target, target_port, ...(virtual && { virtual }) };
}

function nameOf({ id, name, type }: GraphNode): NodeName {
  return { id, name, type };
}

function moveOf({ from, to }: ComparedNode, newId: (id: string) => string): Move {
  const [before, after] = [containersOf(from).map(newId), containersOf(to)];
  if (before.join() === after.join()) return { from: placeOf(from), to: placeOf(to) };
  return { from: placeOf(from, before[0]), to: placeOf(to, after[0]) };
}

function placeOf({ position, size }: GraphNode, container?: string): Place | null {
  if (position === undefined && container === undefined) return null;
  return { ...position, ...size, ...(container !== undefined && { container }) };
}
