import type { ContentIds } from './content-ids';
import type { GraphNode } from './dialects/graph';

/** A node before and after. */
export interface NodePair {
  from: GraphNode;
  to: GraphNode;
}

/** Who became whom. */
export interface NodeMatching {
  pairs: NodePair[];
  removed: GraphNode[];
  added: GraphNode[];
}

/** What two nodes must have in common to be one. */
type Trait = (node: GraphNode) => string;

/**
 * Pairs the nodes of two versions, each at most once, in rounds that ask less and less: the same id and type;
 * then, where ids were re-made, the same name, type and content, and the same name and type; last, the same
 * id alone (its type was changed). Editors that number nodes give old numbers to new nodes, so an id
 * alone is no proof. Among several the k-th goes with the k-th, in the order of the file. O(n).
 */
export function matchNodes(
  from: readonly GraphNode[],
  to: readonly GraphNode[],
  ids: ContentIds,
): NodeMatching {
  const named: Trait = (node) => JSON.stringify([node.name, node.type]);
  const same: Trait = (node) => `${ids.of(node.body)} ${named(node)}`;
  const rounds: ((lost: readonly GraphNode[], found: readonly GraphNode[], partners: Partners) => void)[] = [
    (lost, found, partners) => pairById(lost, found, (a, b) => a.type === b.type, partners),
    (lost, found, partners) => pairUp(lost, found, same, partners),
    (lost, found, partners) => pairUp(lost, found, named, partners),
    (lost, found, partners) => pairById(lost, found, () => true, partners),
  ];
  const partners: Partners = new Map();
  let [lost, found] = [from, to];
  for (const round of rounds) {
    if (lost.length > 0 && found.length > 0) round(lost, found, partners);
    const taken = new Set(partners.values());
    lost = lost.filter((node) => !taken.has(node));
    found = found.filter((node) => !partners.has(node));
  }
  return { pairs: pairsInOrder(to, partners), removed: [...lost], added: [...found] };
}

/** For nodes of `to`, the node of `from` that each was. */
type Partners = Map<GraphNode, GraphNode>;

function pairById(
  lost: readonly GraphNode[],
  found: readonly GraphNode[],
  fit: (a: GraphNode, b: GraphNode) => boolean,
  partners: Partners,
): void {
  const byId = new Map(lost.filter((node) => !node.anonymous).map((node) => [node.id, node]));
  for (const node of found) {
    const partner = node.anonymous ? undefined : byId.get(node.id);
    if (partner !== undefined && fit(partner, node)) partners.set(node, partner);
  }
}

function pairUp(
  lost: readonly GraphNode[],
  found: readonly GraphNode[],
  trait: Trait,
  partners: Partners,
): void {
  const waiting = new Map<string, GraphNode[]>();
  for (const node of lost.toReversed()) {
    const key = trait(node);
    const queue = waiting.get(key);
    if (queue === undefined) waiting.set(key, [node]);
    else queue.push(node);
  }
  for (const node of found) {
    const partner = waiting.get(trait(node))?.pop();
    if (partner !== undefined) partners.set(node, partner);
  }
}

function pairsInOrder(to: readonly GraphNode[], partners: Partners): NodePair[] {
  return to.flatMap((node) => {
    const from = partners.get(node);
    return from === undefined ? [] : [{ from, to: node }];
  });
}
