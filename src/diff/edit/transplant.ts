import type { GraphNode, ReadEdge } from '../dialects/graph';
import { textOf } from '../exact-json';
import { isObject, type Json, type JsonObject } from '../json';
import { ownMember } from '../../platform/hardening/own-member';
import { renamedText } from '../rename-ids';
import { notEditable } from './edit-refused.error';
import { UsedIds } from './used-ids';
import type { Editing } from './edit-rules';
import { Places, type TransplantParts } from './places';
import type { JsonEdits, Origin } from './json-edits';
import type { Side } from './side';

/**
 * Brings nodes and edges of one config (the source) into another one (the target), as edits of the target's bytes.
 * First all nodes are added and overwritten, then `settle` is called, then edges are connected.
 */
export class Transplant implements Editing {
  readonly edits: JsonEdits;
  readonly source: Side;
  readonly target: Side;
  readonly places: Places;
  /** Source nodes that were added, by id. */
  readonly added = new Map<string, GraphNode>();
  private readonly overwritten: GraphNode[] = [];
  private readonly units = new Set<object>();
  private readonly rawIds = new Map<string, Json>();
  private readonly used: UsedIds;

  constructor(private readonly parts: TransplantParts) {
    ({ edits: this.edits, source: this.source, target: this.target } = parts);
    this.places = new Places(parts, this.added);
    this.used = new UsedIds();
    for (const node of parts.target.document.nodes)
      this.used.note(this.rawIdOf(this.target, node), this.presentScope(node));
  }

  /** The item that a source node is in the target; undefined if it is not there. */
  now(id: string): JsonObject | undefined {
    return this.places.now(id);
  }

  /** Equal contents. */
  same(a: Json, b: Json): boolean {
    return this.parts.same(a, b);
  }

  /** The item that the sheet of a source node is in the target. */
  sheetNow(id: string): JsonObject | undefined {
    return this.now(this.source.node(id)?.sheet ?? '');
  }

  /** Whether a target node is within the item of its container. */
  isNested({ item, containers = [], sheet }: GraphNode): boolean {
    const outer = [...containers, sheet ?? ''].map((id) => this.target.item(id));
    return outer.some((container) => item && container && this.target.isWithin(item, container));
  }

  /** The present node that a source node is. */
  partner(id: string): GraphNode | undefined {
    return this.parts.partners.get(id);
  }

  /** The id in the target's file of a source node; undefined if it is not there. */
  rawId(id: string): Json | undefined {
    const partner = this.parts.partners.get(id);
    if (this.rawIds.has(id)) return this.rawIds.get(id);
    return partner && this.rawIdOf(this.target, partner);
  }

  /** The id that the source's file gives a node. */
  oldRawId(id: string): Json | undefined {
    const node = this.source.node(id);
    return node && this.rawIdOf(this.source, node);
  }

  isThere(id: string): boolean {
    return this.added.has(id) || this.parts.partners.has(id);
  }

  /** Whether the value came in with an added node. */
  isAdded(value: object): boolean {
    return this.source.isWithinAny(value, this.units);
  }

  /** Adds a source node where its neighbours of the source are. `keep` says which nodes within it come along. */
  add(node: GraphNode, keep: (node: GraphNode) => boolean): void {
    const { item } = node;
    if (item === undefined) throw notEditable(`"${node.name}" is not a part of its own in the file`);
    this.added.set(node.id, node);
    if (this.isAdded(item)) return void this.takeId(node, item);
    const place = this.source.placeOf(node);
    if (place === undefined) throw notEditable(`"${node.name}" is the whole file`);
    const raw = this.takeId(node, item, typeof place.key === 'string' ? place.key : undefined);
    const container = this.places.counterpart(place.container);
    this.places.insert(place, container, typeof raw === 'string' ? raw : String(place.key));
    this.units.add(place.element);
    if (node.role !== 'sheet') return;
    for (const inner of this.source.document.nodes) {
      // A node that is elsewhere now is moved here later.
      const stays = keep(inner) && !this.parts.partners.has(inner.id);
      if (inner === node || stays || inner.item === undefined) continue;
      if (this.source.isWithin(inner.item, place.element)) this.places.takeOut(this.source.placeOf(inner));
      else if (inner.placement !== undefined && this.source.isWithin(inner.placement, place.element))
        this.places.takeOut(this.source.placementOf(inner));
    }
  }

  /** Gives a present node the content and place of the source's, except its id and what belongs to the structure. */
  overwrite(node: GraphNode, present: GraphNode): void {
    const { item } = node;
    const target = present.item;
    if (item === undefined || target === undefined)
      throw notEditable(`"${node.name}" is not a part of its own`);
    this.parts.rules.overwriting?.(this, node, present);
    const kept = new Set([
      'id',
      ...this.parts.rules.structure(item, node),
      ...this.parts.rules.structure(target, present),
    ]);
    this.overwriteMembers(item, target, kept);
    this.overwritten.push(node);
    this.moveTo(node, present);
  }

  /** Writes ids and references, and removes edges of added nodes that lead nowhere. Returns those. */
  settle(): ReadEdge[] {
    const renamed = this.renamedIds();
    for (const node of [...this.added.values(), ...this.overwritten]) {
      const item = this.now(node.id);
      if (item === undefined) continue;
      const structure = new Set(this.parts.rules.structure(item, node));
      if (renamed.size > 0) this.renameWithin(item, renamed, structure);
      this.parts.rules.settle(this, node, item);
    }
    const lost = this.source.document.edges.toReversed().filter((edge) => this.settleInner(edge));
    this.parts.rules.finish?.(this);
    return lost.reverse();
  }

  /** Adds an edge of the source whose ends are there; returns why it cannot be added. */
  connect(edge: ReadEdge): string | undefined {
    const { rules } = this.parts;
    if (rules.connect !== undefined) return rules.connect(this, edge);
    const { holder, key } = edge.site;
    const value = elementAt(edge.site);
    const list = this.places.counterpart(holder, edge);
    if (!Array.isArray(list) || typeof key !== 'number') throw notEditable('its edges are not in lists');
    const index = this.places.indexFor(holder as Json[], key, list);
    this.edits.insert(list, index, value, edge.site);
    rules.settleEdge(this, edge, { holder: list, key: index });
    rules.connected?.(this, edge);
    return undefined;
  }

  /** Gives a present edge the content of the source's; its ends and its id stay. */
  overwriteEdge({ site }: ReadEdge, present: ReadEdge): void {
    const [item, target] = [elementAt(site), elementAt(present.site)];
    if (!isObject(item) || !isObject(target)) throw notEditable('an edge has no content of its own');
    const ends = new Set(['id', ...this.parts.rules.ends]);
    this.overwriteMembers(item, target, ends);
  }

  /** Removes an edge of the target. */
  disconnect(edge: ReadEdge): void {
    const { holder, key } = edge.site;
    if (!Array.isArray(holder)) this.edits.remove(holder, String(key));
    else {
      const at = this.edits.items(holder).indexOf(holder[Number(key)] ?? null);
      if (at !== -1) this.edits.take(holder, at);
    }
    this.parts.rules.disconnected?.(this, edge);
  }

  /** Removes a node of the target; its edges are the caller's. */
  remove(node: GraphNode): void {
    this.places.takeOut(this.target.placeOf(node));
    this.parts.rules.removed?.(this, node);
  }

  /** Sets a member unless it has the same content already. */
  setMember(
    item: JsonObject,
    name: string,
    value: Json,
    at: { after?: string | null; origin?: Origin } = {},
  ): void {
    const present = this.edits.get(item, name);
    if (present !== undefined && this.parts.same(value, present)) return;
    if (at.after === undefined) this.edits.set(item, name, value, at.origin);
    else this.edits.setAfter(item, name, value, at.after, at.origin);
  }

  /** Gives an object the members of the source's, except the named ones. */
  overwriteMembers(item: JsonObject, target: JsonObject, kept: ReadonlySet<string>): void {
    let after: string | null = null;
    for (const [name, value] of Object.entries(item)) {
      if (!kept.has(name))
        this.setMember(target, name, value, { after, origin: { holder: item, key: name } });
      after = name;
    }
    for (const name of Object.keys(target))
      if (!kept.has(name) && !Object.hasOwn(item, name)) this.edits.remove(target, name);
  }

  /** A node that is in another list now, or in another row, moves back. */
  moveTo(node: GraphNode, present: GraphNode): void {
    const [was, is] = [this.source.placeOf(node), this.target.placeOf(present)];
    if (was === undefined || is === undefined) return;
    const into = this.places.counterpart(was.container);
    const [row, now] = [node.containers?.[0], present.containers?.[0]];
    const isInRow = !this.parts.rules.byOrder || (row && (this.partner(row)?.id ?? row)) === now;
    if ((into === is.container && isInRow) || !Array.isArray(into)) return;
    this.places.takeOut(is);
    const index = Array.isArray(was.container)
      ? this.places.indexFor(was.container, Number(was.key), into)
      : into.length;
    this.edits.insert(into, index, is.element as Json);
  }

  private rawIdOf(side: Side, node: GraphNode): Json | undefined {
    const place = side.placeOf(node);
    const isNamed = place !== undefined && typeof place.key === 'string' && node.role === undefined;
    return isNamed && node.item?.id === undefined ? place.key : node.item?.id;
  }

  private takeId(node: GraphNode, item: JsonObject, name?: string): Json | undefined {
    const wanted = item.id ?? name;
    if (wanted === undefined) return undefined;
    const id = this.used.take(wanted, this.futureScope(node));
    this.rawIds.set(node.id, id);
    if (item.id !== undefined && id !== item.id) this.edits.set(item, 'id', id);
    return id;
  }

  /** Within a scope ids are unique: that of a graph, for ComfyUI that of a sheet; groups and points have ids apart. */
  private presentScope({ item, sheet, role }: GraphNode): string {
    const graph = item === undefined ? 0 : this.target.graphIndexOf(item);
    return `${graph} ${this.parts.rules.idsOfSheets ? `${sheet} ${role}` : ''}`;
  }

  private futureScope(node: GraphNode): string {
    const sheet = node.sheet && this.partner(node.sheet)?.id;
    const graph =
      this.source.document.graphs[node.item === undefined ? 0 : this.source.graphIndexOf(node.item)];
    const owner = graph?.plural ? this.source.ownerOf(graph.value as object) : undefined;
    const present = owner && this.partner(owner.id);
    if (owner !== undefined && present === undefined) return `new ${owner.id}`;
    const index = present?.item === undefined ? 0 : this.target.graphIndexOf(present.item);
    if (!this.parts.rules.idsOfSheets) return `${index} `;
    return `${index} ${node.sheet !== undefined && sheet === undefined ? `new ${node.sheet}` : sheet} ${node.role}`;
  }

  /** The texts that are ids in the source and read otherwise in the target. Serial numbers may mean anything. */
  private renamedIds(): Map<string, string> {
    const renamed = new Map<string, string>();
    for (const node of this.source.document.nodes) {
      if (node.weak || node.anonymous) continue;
      const [old, now] = [textOf(this.oldRawId(node.id)), textOf(this.rawId(node.id))];
      if (old !== undefined && now !== undefined && old !== now) renamed.set(old, now);
    }
    return renamed;
  }

  private renameWithin(value: Json, renamed: ReadonlyMap<string, string>, except: ReadonlySet<string>): void {
    if (Array.isArray(value)) {
      this.edits.items(value).forEach((item, index) => {
        const text = typeof item === 'string' ? renamedText(item, renamed) : item;
        if (text !== item) this.edits.replace(value, index, text);
        else this.renameWithin(item, renamed, new Set());
      });
    } else if (isObject(value)) {
      for (const name of this.edits.names(value)) {
        const item = this.edits.get(value, name) ?? null;
        if (except.has(name)) continue;
        const text = typeof item === 'string' ? renamedText(item, renamed) : item;
        if (text !== item) this.edits.set(value, name, text);
        else this.renameWithin(item, renamed, new Set());
      }
    }
  }

  /** An edge that came in with an added node: returns whether it had to go, because an end is not there. */
  private settleInner(edge: ReadEdge): boolean {
    const { holder, key } = edge.site;
    if (!this.isAdded(holder)) return false;
    if (this.isThere(edge.source) && this.isThere(edge.target)) {
      this.parts.rules.settleEdge(this, edge, edge.site);
      this.parts.rules.connected?.(this, edge);
      return false;
    }
    if (Array.isArray(holder)) this.edits.take(holder, Number(key));
    else this.edits.remove(holder, String(key));
    return true;
  }
}

function elementAt({ holder, key }: ReadEdge['site']): Json {
  return (Array.isArray(holder) ? holder[Number(key)] : ownMember(holder, String(key))) ?? null;
}
