import type { GraphNode } from './dialects/graph';
import type { NodeFeatures } from './node-features';
import type { NodeTraits } from './node-traits';

/** The least score of a pair. See {@link PairScore.of} for what counts how much. */
const ENOUGH = 4;
/** The same where the file gives no ids that could agree. */
const ENOUGH_WITHOUT_IDS = 3;

/** A random id, and a serial number, which editors and scripts count again. */
const ID = 8;
const SERIAL_ID = 3;

/** Below this likeness of contents, two nodes with other ids and other names are not one. */
const LIKE = 0.2;

/** Frames that cover this part of their common area are at the same place, though one was moved or resized a bit. */
const OVERLAP = 0.25;

/** What both sides say about their nodes. */
export interface BothSides {
  from: NodeTraits;
  to: NodeTraits;
  features: { from: NodeFeatures; to: NodeFeatures };
  /** Most ids are the same on both sides, so that another id speaks against a pair. */
  stable: boolean;
  /** Who is paired already: for nodes of the newer side the older one, and the other way round. */
  partners?: { before: ReadonlyMap<GraphNode, GraphNode>; after: ReadonlyMap<GraphNode, GraphNode> };
}

/** Scores pairs of nodes; a pair below its {@link enoughFor} is none. */
export class PairScore {
  constructor(private readonly sides: BothSides) {}

  /**
   * How much speaks for a pair. For: the same id 8 (3 when it is a serial number), and a half
   * more where ids are stable; a name 3 (5 when no other node has
   * it, 1 when it is that of the type); the same content 4 (8 when no other node has it), the same but for the name 3
   * (6), and a similar one up to 4 (4 more when both have a text that no other node has); the names and ports of its neighbours up to 3 (6 when it holds nodes: rows of old
   * dashboards have no ids), or their kinds up to 2; its place 2. Against: another type 4, and, where ids are stable,
   * another id half of its worth, the less the more the contents are alike.
   */
  of(from: GraphNode, to: GraphNode): number {
    const { from: before, to: after } = this.sides;
    const sameKind = before.kind(from) === after.kind(to);
    const sameId = !from.anonymous && !to.anonymous && from.id === to.id;
    if (!sameKind && from.name !== to.name && (!sameId || from.weak)) return 0;
    const likeness = this.likeness(from, to);
    const around = this.around(from, to);
    const samePlace = before.place(from) !== undefined && before.place(from) === after.place(to);
    const sameName = from.name === to.name && from.name !== from.type;
    if (!sameId && !sameName && likeness < LIKE && around < (samePlace ? 2 : 4)) return 0;
    const place = samePlace ? 2 : overlap(from, to) >= OVERLAP ? 1.5 : 0;
    const kind = sameKind ? 0 : -4;
    return kind + this.ids(from, to, likeness) + this.names(from, to) + this.contents(from, to, likeness) + around + place; // prettier-ignore
  }

  /** Whether two nodes of one type without names of their own may be one: what they contain is alike, or nothing. */
  mayBeOne(from: GraphNode, to: GraphNode): boolean {
    const { features } = this.sides;
    const isEmpty = features.from.core(from) === undefined || features.to.core(to) === undefined;
    return isEmpty || this.likeness(from, to) >= LIKE;
  }

  private ids(from: GraphNode, to: GraphNode, likeness: number): number {
    if (from.anonymous || to.anonymous) return 0;
    const worth = from.weak || to.weak ? SERIAL_ID : ID;
    if (from.id === to.id) return this.sides.stable ? worth + 0.5 : worth;
    if (!this.sides.stable) return 0;
    if (likeness === 1 && this.isOwnCore(from, to)) return 0;
    return (-worth / 2) * (this.shareOwn(from, to) ? (1 - likeness) / 2 : 1 - likeness / 2);
  }

  private names(from: GraphNode, to: GraphNode): number {
    if (from.name !== to.name) return 0;
    const { from: before, to: after } = this.sides;
    return from.name === from.type ? 1 : before.isOwnName(from) && after.isOwnName(to) ? 5 : 3;
  }

  private contents(from: GraphNode, to: GraphNode, likeness: number): number {
    const { from: before, to: after, features } = this.sides;
    if (before.content(from) === after.content(to))
      return before.isOwnContent(from) && after.isOwnContent(to) ? 8 : 4;
    if (features.from.core(from) === undefined && features.to.core(to) === undefined) return 1;
    if (likeness < 1) return 4 * likeness + (this.shareOwn(from, to) ? 4 : 0);
    return this.isOwnCore(from, to) ? 6 : features.from.isThin(from) ? 1.5 : 3;
  }

  private shareOwn(from: GraphNode, to: GraphNode): boolean {
    return this.sides.features.from.shareOwn(from, this.sides.features.to, to);
  }

  private isOwnCore(from: GraphNode, to: GraphNode): boolean {
    const { features } = this.sides;
    return features.from.isOwnCore(from) && features.to.isOwnCore(to);
  }

  /** From 0 to 1: 1 for contents that are equal but for their names, a half where there is none. */
  private likeness(from: GraphNode, to: GraphNode): number {
    const { from: before, to: after, features } = this.sides;
    if (before.content(from) === after.content(to)) return 1;
    const core = features.from.core(from);
    if (core === features.to.core(to)) return core === undefined ? 0.5 : 1;
    return features.from.similarity(from, features.to, to);
  }

  private around(from: GraphNode, to: GraphNode): number {
    const { from: before, to: after } = this.sides;
    const worth = before.holdsNodes(from) && after.holdsNodes(to) ? 6 : 3;
    const byName = worth * before.alike(from, after, to);
    return byName === worth
      ? byName
      : Math.max(byName, worth * this.sharedPartners(from, to), 2 * before.alikeByKind(from, after, to));
  }

  private sharedPartners(from: GraphNode, to: GraphNode): number {
    const { from: before, to: after, partners } = this.sides;
    if (partners === undefined) return 0;
    return before.alikeBy(from, (other) => partners.after.get(other)?.id, after, to, (other) => partners.before.has(other) ? other.id : undefined); // prettier-ignore
  }
}

/** What two nodes must have in common to be one. */
export function enoughFor(from: GraphNode, to: GraphNode): number {
  return from.anonymous && to.anonymous ? ENOUGH_WITHOUT_IDS : ENOUGH;
}

/** The common part of two extents on the same sheet, of what both cover; 0 where one has no place or no extent. */
function overlap(one: GraphNode, two: GraphNode): number {
  if (one.position === undefined || two.position === undefined) return 0;
  if (one.size === undefined || two.size === undefined || one.type !== two.type) return 0;
  const along = (a: number, b: number, c: number, d: number): number =>
    Math.max(0, Math.min(a + b, c + d) - Math.max(a, c));
  const common =
    along(one.position.x, one.size.width, two.position.x, two.size.width) *
    along(one.position.y, one.size.height, two.position.y, two.size.height);
  const all = one.size.width * one.size.height + two.size.width * two.size.height - common;
  return all > 0 ? common / all : 0;
}
