import type { ComparedNode, Comparison } from '../compare-graphs';
import type { DialectName, Graph, GraphNode, ReadEdge } from '../dialects/graph';

/** What became of a thing between two versions; `plain` in the picture of one version. */
export type State = 'plain' | 'same' | 'added' | 'removed' | 'changed' | 'moved';

/** A node to draw. */
export interface SceneNode {
  node: GraphNode;
  state: State;
  /** Where the node was, when it moved. */
  old?: GraphNode;
}

/** An edge to draw. */
export interface SceneEdge extends ReadEdge {
  state: State;
}

/** All that a picture shows, before it has places. Ids are unique, those of removed nodes included. */
export interface Scene {
  dialect: DialectName;
  nodes: SceneNode[];
  edges: SceneEdge[];
  isDiff: boolean;
  /** JSON pointers of changed parts outside nodes and edges. */
  other: readonly string[];
}

/** The scene of one version. */
export function graphScene(dialect: DialectName, graph: Graph): Scene {
  return {
    dialect,
    nodes: graph.nodes.map((node) => ({ node, state: 'plain' })),
    edges: graph.edges.map((edge) => ({ ...edge, state: 'plain' })),
    isDiff: false,
    other: [],
  };
}

/** Before the ids of removed nodes: an editor may reuse a number, so that it names both a removed and an added node. */
const GONE = '\u0000';

/** The id that the file gives. */
export function idInFile(id: string): string {
  return id.startsWith(GONE) ? id.slice(GONE.length) : id;
}

/** The scene of a difference: all that is there now, and what is gone, at its old place. */
export function diffScene(
  { dialect, added, removed, both, edges, newId }: Comparison,
  other: readonly string[],
): Scene {
  const gone = new Map(removed.map((node) => [node.id, `${GONE}${node.id}`]));
  const idOf = (id: string): string => gone.get(id) ?? newId(id);
  return {
    dialect,
    nodes: [
      ...both.map((node) => comparedNode(node, idOf)),
      ...added.map((node): SceneNode => ({ node, state: 'added' })),
      ...removed.map((node): SceneNode => ({ node: withIds(node, idOf), state: 'removed' })),
    ],
    edges: [
      ...edges.kept.map((edge): SceneEdge => ({ ...edge, state: 'same' })),
      ...edges.changed.map(({ edge }): SceneEdge => ({ ...edge, state: 'changed' })),
      ...edges.added.map((edge): SceneEdge => ({ ...edge, state: 'added' })),
      ...edges.removed.map((edge): SceneEdge => ({
        ...edge,
        source: idOf(edge.source),
        target: idOf(edge.target),
        ...(edge.via && { via: edge.via.map(idOf) }),
        state: 'removed',
      })),
    ],
    isDiff: true,
    other,
  };
}

function comparedNode({ from, to, changed, moved }: ComparedNode, idOf: (id: string) => string): SceneNode {
  const state = changed ? 'changed' : moved ? 'moved' : 'same';
  return { node: to, state, ...(moved && { old: withIds(from, idOf) }) };
}

function withIds(node: GraphNode, idOf: (id: string) => string): GraphNode {
  const { sheet, within, containers } = node;
  return {
    ...node,
    id: idOf(node.id),
    ...(sheet !== undefined && { sheet: idOf(sheet) }),
    ...(within !== undefined && { within: idOf(within) }),
    ...(containers !== undefined && { containers: containers.map(idOf) }),
  };
}
