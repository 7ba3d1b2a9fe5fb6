import { ownMember } from '../platform/hardening/own-member';
import type { ContentIds } from './content-ids';
import type { GraphNode } from './dialects/graph';
import { isObject, type Json, type JsonObject } from './json';

/** Of one content, at most this many features; the first ones have to tell apart a node that has more. */
const MAX_FEATURES = 128;
/** How deep a content is looked into; what is deeper counts as a whole. */
const MAX_DEPTH = 9;
/** A longer text is compared line by line: one line of a prompt or a script may change. */
const LONG_TEXT = 60;
const MAX_LINES = 24;
/** Of a list, at most this many items. */
const MAX_ITEMS = 8;
/** Members that say what kind of node it is, which is scored by itself. */
const TYPE_MEMBERS = new Set(['type', 'class_type', 'kind', 'typeVersion']);
/** Members that hold the node's name, if they say the same; it is scored by itself, too. */
const NAME_MEMBERS = new Set(['name', 'title', 'label', 'display_name', 'customized_name', 'type']);
/** Nodes with a partner that say how rare features are, at most. */
const MAX_OTHERS = 1_000;
/** A shorter text, in UTF-16 units, or a number is often one of a few choices, which two nodes share by chance. */
const TELLING = 10;
/** What a choice says at most, however rare it is here; see {@link NodeFeatures.rarity}. */
const CHOICE = 2;
/** With fewer features a content says little, unless no other node has it. */
const THIN = 4;

/** What a node's content consists of, without name and type. */
interface Features {
  /** Numbers of features, sorted. */
  readonly list: readonly number[];
  /** Equal for equal lists. */
  readonly core: string;
}

/** Numbers for features, the same on both sides: a member's path and its value, a line of a long text. */
export class FeatureIds {
  private readonly known = new Map<string, number>();
  /** Features that are a text of some length: no number, no choice of a few. */
  readonly telling = new Set<number>();

  constructor(private readonly contents: ContentIds) {}

  /** Feature numbers of a node's content. O(size), at most {@link MAX_FEATURES}. */
  of({ body, name, type }: GraphNode): number[] {
    const found: number[] = [];
    const add = (path: string, value: Json): void => {
      if (found.length >= MAX_FEATURES) return;
      const feature = this.number(`${path} ${this.contents.of(value)}`);
      if (typeof value === 'string' && value.length >= TELLING) this.telling.add(feature);
      found.push(feature);
    };
    const read = (path: string, value: Json, depth: number): void => {
      if (found.length >= MAX_FEATURES) return;
      if (typeof value === 'string' && value.length > LONG_TEXT) {
        for (const line of linesOf(value)) add(path, line);
      } else if (Array.isArray(value) && depth < MAX_DEPTH) {
        for (const item of value.slice(0, MAX_ITEMS)) read(`${path}[]`, item, depth + 1);
      } else if (isObject(value) && depth < MAX_DEPTH) readMembers(path, value, depth);
      else if (!isEmpty(value)) add(path, value);
    };
    const readMembers = (path: string, value: JsonObject, depth: number): void => {
      for (const member of Object.keys(value)) {
        if (depth === 0 && TYPE_MEMBERS.has(member)) continue;
        const inner = ownMember(value, member) ?? null;
        if (NAME_MEMBERS.has(member) && (inner === name || inner === type)) continue;
        read(`${path}/${member}`, inner, depth + 1);
        if (found.length >= MAX_FEATURES) return;
      }
    };
    readMembers('', body, 0);
    return found.sort((a, b) => a - b);
  }

  private number(feature: string): number {
    const known = this.known.get(feature);
    if (known !== undefined) return known;
    this.known.set(feature, this.known.size);
    return this.known.size - 1;
  }
}

function linesOf(text: string): string[] {
  return text
    .slice(0, 10_000)
    .split(/[\n.;]/, MAX_LINES)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function isEmpty(value: Json): boolean {
  return value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** The features of the nodes of one side that have no partner yet, and how rare each is on this side. */
export class NodeFeatures {
  private readonly byNode = new Map<GraphNode, Features>();
  private readonly nodesWith = new Map<number, number>();
  private readonly cores = new Map<string, number>();

  /** `all` are the nodes of the side; those of the same kinds say what is rare. */
  constructor(
    left: readonly GraphNode[],
    all: readonly GraphNode[],
    private readonly ids: FeatureIds,
  ) {
    const chosen = new Set(left);
    const kinds = new Set(left.map(({ kind, type }) => kind ?? type));
    for (const node of all) {
      if (chosen.size >= left.length + MAX_OTHERS) break;
      if (kinds.has(node.kind ?? node.type)) chosen.add(node);
    }
    for (const node of chosen) {
      const list = ids.of(node);
      const core = list.join();
      this.byNode.set(node, { list, core });
      for (const feature of new Set(list))
        this.nodesWith.set(feature, (this.nodesWith.get(feature) ?? 0) + 1);
      this.cores.set(core, (this.cores.get(core) ?? 0) + 1);
    }
  }

  /** Equal for nodes that are the same in all but type, name, place and edges; undefined without any content. */
  core(node: GraphNode): string | undefined {
    const features = this.byNode.get(node);
    return features === undefined || features.list.length === 0 ? undefined : features.core;
  }

  /** The same with the kind of the node. */
  coreOfKind(node: GraphNode): string | undefined {
    const core = this.core(node);
    return core === undefined ? undefined : `${node.kind ?? node.type} ${core}`;
  }

  /** No other node of this side has this content. */
  isOwnCore(node: GraphNode): boolean {
    const core = this.core(node);
    return core !== undefined && this.cores.get(core) === 1;
  }

  /** Few features. */
  isThin(node: GraphNode): boolean {
    return this.listOf(node).length < THIN;
  }

  /** The rarest features that the other side has, too, as keys by which candidates are found. */
  rarest(node: GraphNode, others: NodeFeatures, count: number): string[] {
    const kind = node.kind ?? node.type;
    const shared = [...new Set(this.listOf(node))].filter((feature) => others.nodesWith.has(feature));
    const keyed = shared.map((feature) => ({ feature, nodes: this.nodesWith.get(feature) ?? 0 }));
    keyed.sort((a, b) => a.nodes - b.nodes || a.feature - b.feature);
    return keyed.slice(0, count).map(({ feature }) => `${kind} ${feature}`);
  }

  /** The weight of what both have, as a part of the weight of what either has; from 0 to 1. Rare features weigh more. */
  similarity(node: GraphNode, others: NodeFeatures, other: GraphNode): number {
    const [ours, theirs] = [this.listOf(node), others.listOf(other)];
    const weight = (feature: number): number => Math.min(this.rarity(feature), others.rarity(feature));
    let [shared, all, at] = [0, 0, 0];
    for (const feature of ours) {
      while (at < theirs.length && (theirs[at] ?? 0) < feature) all += weight(theirs[at++] ?? 0);
      const both = theirs[at] === feature;
      if (both) at++;
      all += weight(feature);
      if (both) shared += weight(feature);
    }
    while (at < theirs.length) all += weight(theirs[at++] ?? 0);
    return all === 0 ? 0 : shared / all;
  }

  /** Whether both have a text that no other node has on either side. */
  shareOwn(node: GraphNode, others: NodeFeatures, other: GraphNode): boolean {
    const theirs = new Set(others.listOf(other));
    return this.listOf(node).some(
      (feature) =>
        this.nodesWith.get(feature) === 1 &&
        others.nodesWith.get(feature) === 1 &&
        theirs.has(feature) &&
        this.ids.telling.has(feature),
    );
  }

  /** What a feature says: 1 for one that all have, more for a rare one (inverse document frequency). */
  private rarity(feature: number): number {
    const nodes = this.nodesWith.get(feature) ?? 1;
    const rarity = Math.log2(1 + this.byNode.size / nodes);
    return this.ids.telling.has(feature) ? rarity : Math.min(CHOICE, rarity);
  }

  private listOf(node: GraphNode): readonly number[] {
    return this.byNode.get(node)?.list ?? [];
  }
}
