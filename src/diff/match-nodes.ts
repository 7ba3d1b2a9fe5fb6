import { type ContentIds } from './content-ids';
import type { GraphEdge, GraphNode } from './dialects/graph';
import { NodeTraits, similarity } from './node-traits';

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

/** One side of a matching. */
export interface Side {
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
}

/** How many nodes that share a trait are looked at as candidates for one node: those nearest to it in order. */
const NEAREST = 4;

/** The least score of a pair. See {@link score} for what counts how much. */
const ENOUGH = 4;
/** The same where the file gives no ids that could agree. */
const ENOUGH_WITHOUT_IDS = 3;

/** How often what is left is scored again with the neighbours that were matched before. */
const ROUNDS = 3;

/**
 * Pairs the nodes of two versions, each at most once.
 *
 * What a random id and the type say together is believed at once, and so is a node that is the same in everything.
 * For all others candidates are found by what they share (id, name, content, neighbours, place), scored, and taken
 * from the best score down; then again for what is left, with the partners of neighbours. A small serial number is
 * worth little, since editors and scripts renumber nodes: content, name and neighbours decide against it. What is left
 * is paired by name and type, last by the id alone (its type was changed).
 *
 * For n nodes, e edges: O((n + e) log n) time, at most 5 × 2 × NEAREST candidates a node.
 */
export function matchNodes(from: Side, to: Side, ids: ContentIds): NodeMatching {
  return new Matcher(from, to, ids).match();
}

type Trait = (node: GraphNode) => string | undefined;

class Matcher {
  /** For nodes of `to`, the node of `from` that each was, and the other way round. */
  private readonly partners = new Map<GraphNode, GraphNode>();
  private readonly successors = new Map<GraphNode, GraphNode>();
  private readonly traits: { from: NodeTraits; to: NodeTraits };
  /** Most ids are the same on both sides, so that another id speaks against a pair. */
  private readonly stable: boolean;

  constructor(
    private readonly from: Side,
    private readonly to: Side,
    private readonly ids: ContentIds,
  ) {
    this.traits = { from: new NodeTraits(from, ids), to: new NodeTraits(to, ids) };
    this.stable = this.idsAreStable();
  }

  match(): NodeMatching {
    this.pairByKey((node, traits) =>
      node.anonymous || node.weak ? undefined : `${node.id} ${traits.kind(node)}`,
    );
    this.pairByKey((node, traits) => (node.anonymous ? undefined : `${node.id} ${traits.exact(node)}`));
    this.pairUncontested();
    for (let round = 0; round < ROUNDS && this.pairByScore(round > 0) > 0; round++);
    this.pairByKey((node, traits) => traits.named(node));
    // Their types were changed: a random id is proof enough, a serial number together with the name.
    this.pairByKey((node) => (node.anonymous || node.weak ? undefined : node.id));
    this.pairByKey((node) => (node.anonymous ? undefined : `${node.id} ${node.name}`));
    const removed = this.lost();
    const added = this.found();
    const pairs = this.to.nodes.flatMap((node) => {
      const partner = this.partners.get(node);
      return partner === undefined ? [] : [{ from: partner, to: node }];
    });
    return { pairs, removed, added };
  }

  /** Half of the ids name a node of the same name or content on the other side. */
  private idsAreStable(): boolean {
    const { from, to } = this.traits;
    const later = new Map(this.to.nodes.map((node) => [node.id, node]));
    const told = this.from.nodes.filter(({ anonymous, role }) => !anonymous && role !== 'port');
    const kept = told.filter((node) => {
      const other = later.get(node.id);
      if (other === undefined || from.kind(node) !== to.kind(other)) return false;
      return (
        (node.name === other.name && node.name !== node.type) || from.content(node) === to.content(other)
      );
    });
    return kept.length * 2 >= told.length;
  }

  private lost(): GraphNode[] {
    return this.from.nodes.filter((node) => !this.successors.has(node));
  }

  private found(): GraphNode[] {
    return this.to.nodes.filter((node) => !this.partners.has(node));
  }

  private pair(from: GraphNode, to: GraphNode): void {
    this.partners.set(to, from);
    this.successors.set(from, to);
  }

  /**
   * Nodes with the same serial number, type and place, whose names and contents fit no other node. Spares
   * scoring where all nodes changed and none is new.
   */
  private pairUncontested(): void {
    const { from, to } = this.traits;
    const later = new Map(this.found().map((node) => [node.id, node]));
    for (const node of this.lost()) {
      const other = node.anonymous ? undefined : later.get(node.id);
      if (other === undefined || other.anonymous || from.place(node) === undefined) continue;
      if (from.kind(node) !== to.kind(other) || from.place(node) !== to.place(other)) continue;
      const names = node.name === other.name || !(to.hasName(node.name) || from.hasName(other.name));
      const contents = !to.hasContent(from.content(node)) && !from.hasContent(to.content(other));
      if (names && contents) this.pair(node, other);
    }
  }

  /** The k-th with a key goes with the k-th with the same one. */
  private pairByKey(keyOf: (node: GraphNode, traits: NodeTraits) => string | undefined): void {
    const waiting = groupedBy(this.lost().reverse(), (node) => keyOf(node, this.traits.from));
    for (const node of this.found()) {
      const key = keyOf(node, this.traits.to);
      const partner = key === undefined ? undefined : waiting.get(key)?.pop();
      if (partner !== undefined) this.pair(partner, node);
    }
  }

  private pairByScore(withPartners: boolean): number {
    const scored = this.candidates(withPartners);
    scored.sort((a, b) => b.score - a.score || a.distance - b.distance);
    let paired = 0;
    for (const { from, to, score } of scored) {
      if (score < enoughFor(from, to) || this.successors.has(from) || this.partners.has(to)) continue;
      this.pair(from, to);
      paired++;
    }
    return paired;
  }

  private candidates(
    withPartners: boolean,
  ): { from: GraphNode; to: GraphNode; score: number; distance: number }[] {
    const lost = this.lost();
    const rank = new Map(lost.map((node, index) => [node, index]));
    const found = this.found();
    const looks: { before: Trait; after: Trait }[] = [
      {
        before: ({ id, anonymous }) => (anonymous ? undefined : id),
        after: ({ id, anonymous }) => (anonymous ? undefined : id),
      },
      ...this.both((traits, node) => `${node.name} ${traits.kind(node)}`),
      ...this.both((traits, node) => `${traits.content(node)} ${traits.kind(node)}`),
      ...this.both((traits, node) => traits.place(node)),
      ...(withPartners ? this.byPartners() : this.both((traits, node) => traits.surroundings(node))),
    ];
    const pairs = new Map<GraphNode, Set<GraphNode>>();
    for (const { before, after } of looks) {
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
    const scored = [...pairs].map(([to, others], index) =>
      [...others].map((from) => ({
        from,
        to,
        score: this.score(from, to),
        distance: Math.abs((rank.get(from) ?? 0) - index),
      })),
    );
    return scored.flat();
  }

  private both(
    traitOf: (traits: NodeTraits, node: GraphNode) => string | undefined,
  ): { before: Trait; after: Trait }[] {
    const { from, to } = this.traits;
    return [{ before: (node) => traitOf(from, node), after: (node) => traitOf(to, node) }];
  }

  private isOwnName(from: GraphNode, to: GraphNode): boolean {
    return this.traits.from.isOwnName(from) && this.traits.to.isOwnName(to);
  }

  /** The same partners at the other ends of the edges. */
  private byPartners(): { before: Trait; after: Trait }[] {
    const { from, to } = this.traits;
    const old = (node: GraphNode): string | undefined => this.partners.get(node)?.id;
    const kept = (node: GraphNode): string | undefined => (this.successors.has(node) ? node.id : undefined);
    return [{ before: (node) => from.neighbours(node, kept), after: (node) => to.neighbours(node, old) }];
  }

  /**
   * How much speaks for a pair: id 8 (3 when it is a serial number), a name 3 (5 when no other node has it, 1 when it
   * is that of the type), the same content 4 (8 when no other node has it) and a similar one up to 2, the names and
   * ports of its neighbours up to 3 (6 when it holds several: rows of old dashboards have no ids), its place 2. Another type costs 4, and another id half of its worth where ids are
   * stable.
   */
  private score(from: GraphNode, to: GraphNode): number {
    const { from: before, to: after } = this.traits;
    const sameKind = before.kind(from) === after.kind(to);
    const idWorth = from.weak || to.weak ? 3 : 8;
    let score = sameKind ? 0 : -4;
    if (!from.anonymous && !to.anonymous) {
      if (from.id === to.id) score += idWorth;
      else if (this.stable) score -= idWorth / 2;
    }
    if (from.name === to.name) score += from.name === from.type ? 1 : this.isOwnName(from, to) ? 5 : 3;
    if (before.content(from) !== after.content(to)) score += 2 * similarity(from.body, to.body, this.ids);
    else score += before.isOwnContent(from) && after.isOwnContent(to) ? 8 : 4;
    score += (before.holdsSeveral(from) && after.holdsSeveral(to) ? 6 : 3) * before.alike(from, after, to);
    if (before.place(from) !== undefined && before.place(from) === after.place(to)) score += 2;
    return score;
  }
}

function enoughFor(from: GraphNode, to: GraphNode): number {
  return from.anonymous && to.anonymous ? ENOUGH_WITHOUT_IDS : ENOUGH;
}

function groupedBy(nodes: readonly GraphNode[], trait: Trait): Map<string, GraphNode[]> {
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
