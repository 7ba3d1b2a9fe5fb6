import type { GraphNode } from './dialects/graph';
import type { BothSides } from './match-score';
import type { NodeTraits } from './node-traits';

/** How many nodes that share a trait are looked at as candidates for one node: those nearest to it in order. */
const NEAREST = 4;

/** The rarest parts of a content, by which nodes are found whose content is similar. */
const RAREST = 3;

type Trait = (node: GraphNode) => string | undefined;

/** What a node of each side is looked up by; by several keys, each of which may fit. */
interface Look {
  before: (node: GraphNode) => readonly (string | undefined)[];
  after: (node: GraphNode) => readonly (string | undefined)[];
}

/** For nodes of `found` those of `lost` with which they have something in common, at most 2 × NEAREST for each look. */
export function candidates(
  lost: readonly GraphNode[],
  found: readonly GraphNode[],
  sides: BothSides,
): Map<GraphNode, Set<GraphNode>> {
  const pairs = new Map<GraphNode, Set<GraphNode>>();
  for (const { before, after } of looksOf(sides)) {
    const groups = groupedBy(lost, before);
    const counts = new Map<string, number>();
    for (const node of found) {
      for (const key of after(node)) {
        const group = key === undefined ? undefined : groups.get(key);
        if (key === undefined || group === undefined) continue;
        const at = counts.get(key) ?? 0;
        counts.set(key, at + 1);
        const known = pairs.get(node) ?? new Set();
        for (const other of nearest(group, at)) known.add(other);
        pairs.set(node, known);
      }
    }
  }
  return pairs;
}

function looksOf({ from, to, features, partners }: BothSides): Look[] {
  const look = (before: Trait, after: Trait): Look => ({
    before: (node) => [before(node)],
    after: (node) => [after(node)],
  });
  const both = (traitOf: (traits: NodeTraits, node: GraphNode) => string | undefined): Look =>
    look(
      (node) => traitOf(from, node),
      (node) => traitOf(to, node),
    );
  const idOf: Trait = ({ id, anonymous }) => (anonymous ? undefined : id);
  const around =
    partners === undefined
      ? [both((traits, node) => traits.surroundings(node)), both((traits, node) => traits.kindsAround(node))]
      : [
          look(
            (node) => from.neighbours(node, (other) => partners.after.get(other)?.id),
            (node) => to.neighbours(node, (other) => (partners.before.has(other) ? other.id : undefined)),
          ),
        ];
  return [
    look(idOf, idOf),
    both((traits, node) => `${node.name} ${traits.kind(node)}`),
    both((traits, node) => `${traits.content(node)} ${traits.kind(node)}`),
    both((traits, node) => traits.place(node)),
    look(
      (node) => features.from.coreOfKind(node),
      (node) => features.to.coreOfKind(node),
    ),
    {
      before: (node) => features.from.rarest(node, features.to, RAREST),
      after: (node) => features.to.rarest(node, features.from, RAREST),
    },
    ...around,
  ];
}

/** The nodes by what they have in common. */
export function groupedBy(
  nodes: readonly GraphNode[],
  keysOf: (node: GraphNode) => readonly (string | undefined)[],
): Map<string, GraphNode[]> {
  const groups = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const key of keysOf(node)) {
      if (key === undefined) continue;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [node]);
      else group.push(node);
    }
  }
  return groups;
}

/** Of several the ones around the same place in the order, and in a small group all. */
function nearest(group: readonly GraphNode[], at: number): readonly GraphNode[] {
  return group.length <= 2 * NEAREST
    ? group
    : group.slice(Math.max(0, Math.min(at, group.length - 1) - NEAREST), at + NEAREST);
}
