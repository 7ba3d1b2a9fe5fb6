import { containersOf, type GraphNode } from '../dialects/graph';
import type { EditRules } from './edit-rules';
import { EditRefusedError } from './edit-refused.error';
import type { Side } from './side';

/** The nodes that come with the named ones. */
export interface Wanted {
  ids: ReadonlySet<string>;
  /** Those that were not named: missing containers and definitions, and what a missing container holds. */
  along: GraphNode[];
}

/**
 * The named nodes and what they cannot be without. A container that is missing in the present state comes back with
 * its nodes; one that is missing and not named comes without them. A missing definition comes back with its nodes.
 */
export function wantedNodes(
  source: Side,
  named: readonly string[],
  isPresent: (id: string) => boolean,
  rules: EditRules,
): Wanted {
  const { nodes } = source.document;
  const unknown = named.filter((id) => source.node(id) === undefined);
  if (unknown.length > 0) throw unknownNodes(unknown);
  const ids = new Set(named);
  const along: GraphNode[] = [];
  const inside = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const container of containersOf(node)) {
      const held = inside.get(container);
      if (held === undefined) inside.set(container, [node]);
      else held.push(node);
    }
  }
  const queue = named.map((id) => ({ id, whole: true }));
  const want = (node: GraphNode, whole: boolean): void => {
    if (ids.has(node.id) || isPresent(node.id)) return;
    ids.add(node.id);
    along.push(node);
    queue.push({ id: node.id, whole });
  };
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const node = source.node(next.id);
    if (node === undefined) continue;
    for (const container of containersOf(node)) {
      const holder = source.node(container);
      if (holder !== undefined) want(holder, rules.wholeSheets === true);
    }
    if (isPresent(node.id)) continue;
    for (const inner of inside.get(node.id) ?? []) if (next.whole || inner.role === 'port') want(inner, true);
    if (rules.needs === undefined) continue;
    for (const other of nodes) if (other.role === 'sheet' && rules.needs(node, other)) want(other, true);
  }
  return { ids, along };
}

function unknownNodes(ids: readonly string[]): EditRefusedError {
  const count = ids.length === 1 ? 'One of the nodes is' : `${ids.length} of the nodes are`;
  return new EditRefusedError(
    'unknown-nodes',
    `${count} not in that version. Use the ids that the diff shows for that version.`,
    ids
      .slice(0, 100)
      .map((id) => ({ field: 'nodes', message: `"${id.slice(0, 200)}" is not a node of that version` })),
  );
}
