import { type ContentIds } from './content-ids';
import type { GraphEdge, GraphNode } from './dialects/graph';
import { candidates, groupedBy } from './match-candidates';
import { type BothSides, enoughFor, PairScore } from './match-score';
import { FeatureIds, NodeFeatures } from './node-features';
import { NodeTraits } from './node-traits';

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

/** How often what is left is scored again with the neighbours that were matched before. */
const ROUNDS = 3;

/**
 * Pairs the nodes of two versions, each at most once.
 *
 * What a random id and the type say together is believed at once, and so is a node that is the same in everything, or
 * in everything but its id and like no other.
 * For all others candidates are found by what they share (id, name, content, the rarest parts of the content,
 * neighbours, place), scored, and taken from the best score down; then again for what is left, with the partners of
 * neighbours. A small serial number is worth little, since editors and scripts renumber nodes: content, name and
 * neighbours decide against it. What is left is paired by name and type, last by the id alone (its type was changed).
 *
 * For n nodes, e edges: O((n + e) log n) time, at most 9 × 8 candidates a node (`match-candidates.ts`), each compared by at
 * most 128 features.
 */
export function matchNodes(from: Side, to: Side, ids: ContentIds): NodeMatching {
  return new Matcher(from, to, ids).match();
}

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
    this.pairUnchanged();
    this.pairUnique((node, traits) => traits.exact(node));
    this.pairUncontested();
    this.scoreRest();
    // Their types were changed: a random id is proof enough, a serial number together with the name, and a
    // name where there are no ids.
    this.pairByKey((node) => (node.anonymous || node.weak ? undefined : node.id));
    this.pairByKey((node) => (node.anonymous ? undefined : `${node.id} ${node.name}`));
    this.pairUnique((node) => (node.anonymous && node.name !== node.type ? node.name : undefined));
    const removed = this.lost();
    const added = this.found();
    const pairs = this.to.nodes.flatMap((node) => {
      const partner = this.partners.get(node);
      return partner === undefined ? [] : [{ from: partner, to: node }];
    });
    return { pairs, removed, added };
  }

  /** Half of the ids name a node of the same kind on the other side; serial numbers, of the same name or content, too. */
  private idsAreStable(): boolean {
    const { from, to } = this.traits;
    const later = new Map(this.to.nodes.map((node) => [node.id, node]));
    const told = this.from.nodes.filter(({ anonymous, role }) => !anonymous && role !== 'port');
    const kept = told.filter((node) => {
      const other = later.get(node.id);
      if (other === undefined || from.kind(node) !== to.kind(other)) return false;
      return (
        !node.weak ||
        (node.name === other.name && node.name !== node.type) ||
        from.content(node) === to.content(other)
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

  /** Nodes that are the same in everything but their edges. Compared without naming their contents. */
  private pairUnchanged(): void {
    const { from, to } = this.traits;
    const later = new Map(this.found().map((node) => [node.id, node]));
    for (const node of this.lost()) {
      const other = node.anonymous ? undefined : later.get(node.id);
      if (other === undefined || other.anonymous || node.name !== other.name) continue;
      if (from.kind(node) !== to.kind(other) || !areAtOnePlace(node, other)) continue;
      if (this.ids.sameMembers(node.body, other.body)) this.pair(node, other);
    }
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
  private pairByKey(
    keyOf: (node: GraphNode, traits: NodeTraits) => string | undefined,
    mayBeOne: (from: GraphNode, to: GraphNode) => boolean = () => true,
  ): void {
    const waiting = groupedBy(this.lost().reverse(), (node) => [keyOf(node, this.traits.from)]);
    for (const node of this.found()) {
      const key = keyOf(node, this.traits.to);
      const group = key === undefined ? undefined : waiting.get(key);
      const partner = group?.at(-1);
      if (partner === undefined || !mayBeOne(partner, node)) continue;
      group?.pop();
      this.pair(partner, node);
    }
  }

  /** Nodes with a key that only one node has on each side. */
  private pairUnique(keyOf: (node: GraphNode, traits: NodeTraits) => string | undefined): void {
    const before = groupedBy(this.lost(), (node) => [keyOf(node, this.traits.from)]);
    const after = groupedBy(this.found(), (node) => [keyOf(node, this.traits.to)]);
    for (const [key, [node, ...more]] of after) {
      const [partner, ...others] = before.get(key) ?? [];
      if (node === undefined || partner === undefined || more.length + others.length > 0) continue;
      this.pair(partner, node);
    }
  }

  private scoreRest(): void {
    const [lost, found] = [this.lost(), this.found()];
    if (lost.length === 0 || found.length === 0) return;
    const ids = new FeatureIds(this.ids);
    const features = {
      from: new NodeFeatures(lost, this.from.nodes, ids),
      to: new NodeFeatures(found, this.to.nodes, ids),
    };
    const sides = { ...this.traits, features, stable: this.stable };
    for (let round = 0; round < ROUNDS; round++) {
      const partners = round === 0 ? undefined : { before: this.partners, after: this.successors };
      if (this.pairByScore({ ...sides, ...(partners && { partners }) }) === 0 && round > 0) break;
    }
    const score = new PairScore(sides);
    this.pairByKey(
      (node, traits) => traits.named(node),
      (before, after) => before.name !== before.type || score.mayBeOne(before, after),
    );
  }

  private pairByScore(sides: BothSides): number {
    const score = new PairScore(sides);
    const [lost, found] = [this.lost(), this.found()];
    const rank = new Map(lost.map((node, index) => [node, index]));
    const scored: { from: GraphNode; to: GraphNode; score: number; distance: number }[] = [];
    let index = 0;
    for (const [to, others] of candidates(lost, found, sides)) {
      for (const from of others) {
        const points = score.of(from, to);
        if (points < enoughFor(from, to)) continue;
        scored.push({ from, to, score: points, distance: Math.abs((rank.get(from) ?? 0) - index) });
      }
      index++;
    }
    scored.sort((a, b) => b.score - a.score || a.distance - b.distance);
    let paired = 0;
    for (const { from, to } of scored) {
      if (this.successors.has(from) || this.partners.has(to)) continue;
      this.pair(from, to);
      paired++;
    }
    return paired;
  }
}

function areAtOnePlace(one: GraphNode, two: GraphNode): boolean {
  return (
    one.position?.x === two.position?.x &&
    one.position?.y === two.position?.y &&
    one.sheet === two.sheet &&
    one.within === two.within
  );
}
