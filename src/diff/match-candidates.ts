import type { GraphNode } from './dialects/graph';
import type { BothSides } from './match-score';

/** How many nodes that share a trait are looked at as candidates for one node: those nearest to it in order. */
const NEAREST = 4;

/** The rarest parts of a content, by which nodes are found whose content is similar. */
const RAREST = 3;

type Trait = (node: GraphNode) => string | undefined;

/** What a node of each side is looked up by. */
interface Look {
  before: Trait;
  after: Trait;
}

/** For nodes of `found` those of `lost` with which they have something in common, at most 2 × NEAREST for each look. */
export function candidates(
  lost: readonly GraphNode[],
  found: readonly GraphNode[],
  sides: BothSides,
): Map<GraphNode, Set<GraphNode>> {
  const pairs = new Map<GraphNode, Set<GraphNode>>();
  for (const { before, after } of looksOf(lost, found, sides)) {
    const groups = groupedBy(lost, before);
    const counts = new Map<string, number>();
    for (const node of found) {
      const key = after(node);
      const group = key === undefined ? undefined : groups.get(key);
      if (key === undefined || group === undefined) continue;
      const at = counts.get(key) ?? 0;
      counts.set(key, at + 1);
      const known = pairs.get(node) ?? new Set();
      for (const other of nearest(group, at)) known.add(other);
      pairs.set(node, known);
    }
  }
  return pairs;
}

function looksOf(lost: readonly GraphNode[], found: readonly GraphNode[], sides: BothSides): Look[] {
  const { from, to, features, partners } = sides;
  const idOf: Trait = ({ id, anonymous }) => (anonymous ? undefined : id);
  const both = (traitOf: (traits: typeof from, node: GraphNode) => string | undefined): Look => ({
    before: (node) => traitOf(from, node),
    after: (node) => traitOf(to, node),
  });
  const core = (of: typeof features.from, node: GraphNode): string | undefined => {
    const own = of.core(node);
    return own === undefined ? undefined : `${from.kind(node)} ${own}`;
  };
  return [
    { before: idOf, after: idOf },
    both((traits, node) => `${node.name} ${traits.kind(node)}`),
    both((traits, node) => `${traits.content(node)} ${traits.kind(node)}`),
    both((traits, node) => traits.place(node)),
    { before: (node) => core(features.from, node), after: (node) => core(features.to, node) },
    ...rareLooks(lost, found, sides),
    ...(partners === undefined
      ? [both((traits, node) => traits.surroundings(node)), both((traits, node) => traits.kindsAround(node))]
      : [
          {
            before: (node: GraphNode) => from.neighbours(node, (other) => partners.after.get(other)?.id),
            after: (node: GraphNode) =>
              to.neighbours(node, (other) => (partners.before.has(other) ? other.id : undefined)),
          },
        ]),
  ];
}

/** Nodes that share one of the rarest parts of their contents, whichever it is for each. */
function rareLooks(lost: readonly GraphNode[], found: readonly GraphNode[], { features }: BothSides): Look[] {
  const before = new Map(lost.map((node) => [node, features.from.rarest(node, features.to, RAREST)]));
  const after = new Map(found.map((node) => [node, features.to.rarest(node, features.from, RAREST)]));
  return Array.from({ length: RAREST }, (_, index) => ({
    before: (node) => before.get(node)?.[index],
    after: (node) => after.get(node)?.[index],
  }));
}

/** The nodes by what they have in common. */
export function groupedBy(nodes: readonly GraphNode[], trait: Trait): Map<string, GraphNode[]> {
  const groups = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const key = trait(node);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node]);
    else group.push(node);
  }
  return groups;
}

/** Of several the ones around the same place in the order, and in a small group all. */
function nearest(group: readonly GraphNode[], at: number): readonly GraphNode[] {
  return group.length <= 2 * NEAREST
    ? group
    : group.slice(Math.max(0, Math.min(at, group.length - 1) - NEAREST), at + NEAREST);
}
