import { compareGraphs, type ComparedNode, type Comparison } from './compare-graphs';
import type { DialectName, GraphEdge, GraphNode, Point, Size } from './dialects/graph';
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

/** A place, with the extent where the author gives one. */
export type Place = Point & Partial<Size>;

/** A node whose content changed. The paths of `changes` begin at the node; place and edges are not among them. */
export interface ChangedNode extends NodeName {
  changes: PatchOperation[];
  /** Present when the node moved as well. */
  moved?: Move;
}

/** The graph-aware difference of two configs; the contract's Diff without `from`, `to` and `fields`. */
export interface ConfigDiff {
  dialect: DialectName;
  /** The bytes differ, but not what they mean: white space, order of keys, spelling of numbers and escapes. */
  formatting_only: boolean;
  summary: {
    nodes_added: number;
    nodes_removed: number;
    nodes_changed: number;
    nodes_moved: number;
    edges_added: number;
    edges_removed: number;
  };
  nodes: { added: NodeName[]; removed: NodeName[]; changed: ChangedNode[]; moved: (NodeName & Move)[] };
  edges: { added: GraphEdge[]; removed: GraphEdge[] };
  /** RFC 6902; applied to `from` it gives exactly `to`. */
  patch: PatchOperation[];
}

/**
 * The difference of two configs, given as bytes. Compares what they mean (`readExact` says what is
 * lost); bytes that differ in spelling only give an empty patch and `formatting_only`. The answer holds
 * exact numbers as marked strings: write it with `writeExact`. Throws SyntaxError when a side is not JSON.
 */
export function diffConfigs(from: Uint8Array, to: Uint8Array): ConfigDiff {
  const diff = diffValues(readExact(from), readExact(to));
  return { ...diff, formatting_only: diff.patch.length === 0 && Buffer.compare(from, to) !== 0 };
}

/** The difference of two parsed configs; see {@link diffConfigs}. Time is about linear in their size. */
export function diffValues(from: Json, to: Json): ConfigDiff {
  const comparison = compareGraphs(from, to);
  const nodes = nodesOf(comparison);
  const edges = { added: comparison.edges.added, removed: comparison.edges.removed };
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
    },
    nodes,
    edges,
    patch: makePatch(from, to, comparison.ids),
  };
}

function nodesOf({ added, removed, both, ids }: Comparison): ConfigDiff['nodes'] {
  return {
    added: added.map(nameOf),
    removed: removed.map(nameOf),
    changed: both
      .filter((node) => node.changed)
      .map((node) => ({
        ...nameOf(node.to),
        changes: makePatch(node.before, node.to.body, ids),
        ...(node.moved && { moved: moveOf(node) }),
      })),
    moved: both
      .filter((node) => node.moved && !node.changed)
      .map((node) => ({ ...nameOf(node.to), ...moveOf(node) })),
  };
}

function nameOf({ id, name, type }: GraphNode): NodeName {
  return { id, name, type };
}

function moveOf({ from, to }: ComparedNode): Move {
  return { from: placeOf(from), to: placeOf(to) };
}

function placeOf({ position, size }: GraphNode): Place | null {
  return position === undefined ? null : { ...position, ...size };
}
