import type { EdgeSite, GraphNode } from '../dialects/graph';
import type { Document } from '../dialects/read-graph';
import { ownMember } from '../../platform/hardening/own-member';
import { isObject, type Json, type JsonObject } from '../json';
import { JsonText, type SpanIndex } from './json-text';

/** A place in a list or an object, and the value there. */
export interface Place {
  container: Json[] | Record<string, Json>;
  key: string | number;
  element: object;
}

/** A config with the graph that was read from it, and the way from nodes to their places in the text. */
export class Side {
  private readonly owners = new Map<object, GraphNode>();
  private readonly elements = new Map<object, GraphNode>();
  private readonly edges = new Map<object, Set<string | number>>();
  private readonly nodes: Map<string, GraphNode>;
  private readonly graphs: Map<Json | object, number>;

  constructor(
    readonly root: Json,
    readonly document: Document,
    private readonly spans: SpanIndex,
  ) {
    this.nodes = new Map(document.nodes.map((node) => [node.id, node]));
    this.graphs = new Map(document.graphs.map(({ value }, index) => [value, index]));
    for (const { texts = [] } of document.graphs)
      for (const text of texts) this.addText(text.path, text.value);
    for (const { site } of document.edges) {
      const keys = this.edges.get(site.holder);
      if (keys === undefined) this.edges.set(site.holder, new Set([site.key]));
      else keys.add(site.key);
    }
    for (const node of document.nodes) {
      if (node.placement !== undefined) this.elements.set(node.placement, node);
      if (node.item === undefined) continue;
      this.owners.set(node.item, node);
      const place = this.placeOf(node);
      if (place !== undefined) this.elements.set(place.element, node);
    }
  }

  node(id: string): GraphNode | undefined {
    return this.nodes.get(id);
  }

  /** The node whose item the value is. */
  ownerOf(value: object): GraphNode | undefined {
    return this.owners.get(value);
  }

  /** The node whose element in a list, or member in an object, the value is. */
  nodeAt(value: Json): GraphNode | undefined {
    return typeof value === 'object' && value !== null ? this.elements.get(value) : undefined;
  }

  /**
   * Where a node can be taken out or put in: its item in a list or an object of named nodes, or the element of a list
   * of graphs that holds its graph. Undefined for a node that is the document itself.
   */
  placeOf({ item, type, role }: GraphNode): Place | undefined {
    if (item === undefined) return undefined;
    const climbs = role === 'sheet' && type === 'graph';
    for (let element: object = item; ;) {
      const parent = this.spans.parentOf(element);
      if (parent === undefined) return undefined;
      const container = parent.container as Place['container'];
      if (!climbs || Array.isArray(container)) return { container, key: parent.key, element };
      element = parent.container;
    }
  }

  /** Where the layout item of a node is. */
  placementOf({ placement }: GraphNode): Place | undefined {
    const parent = placement && this.spans.parentOf(placement);
    if (placement === undefined || parent === undefined) return undefined;
    return { container: parent.container as Place['container'], key: parent.key, element: placement };
  }

  /** Whether a member of an object, or an element of an array, is an edge. */
  isEdge(holder: object, key: string | number): boolean {
    return this.edges.get(holder)?.has(key) === true;
  }

  /** The item of a node. */
  item(id: string): JsonObject | undefined {
    return this.nodes.get(id)?.item;
  }

  /** The value at an edge's place in the file. */
  elementOf({ holder, key }: EdgeSite): Json {
    return at(holder, key);
  }

  /** The object that holds the list which holds a node, or the node itself. */
  graphOf({ item }: GraphNode): JsonObject | undefined {
    let container: object | undefined = item && this.spans.parentOf(item)?.container;
    if (Array.isArray(container)) container = this.spans.parentOf(container)?.container;
    return isObject(container as Json | undefined) ? (container as JsonObject) : undefined;
  }

  /** The value to which a path leads, also through texts that hold JSON; undefined if there is none. */
  at(path: readonly string[]): Json | undefined {
    const texts = this.document.graphs.flatMap(({ texts: all = [] }) => all);
    return path.reduce<Json | undefined>((value, step, index) => {
      const text = texts.find((one) => one.path.join('/') === path.slice(0, index + 1).join('/'));
      if (text !== undefined) return text.value;
      return Array.isArray(value)
        ? value[Number(step)]
        : isObject(value)
          ? ownMember(value, step)
          : undefined;
    }, this.root);
  }

  /** Whether the value is within the other one, or is it. */
  isWithin(value: object, outer: object): boolean {
    return this.isWithinAny(value, new Set([outer]));
  }

  /** The same for several. */
  isWithinAny(value: object, outer: ReadonlySet<object>): boolean {
    for (let at: object | undefined = value; at !== undefined; at = this.spans.parentOf(at)?.container) {
      if (outer.has(at)) return true;
    }
    return false;
  }

  /** The graph of a list of graphs that holds the value; its index. */
  graphIndexOf(value: object): number {
    for (let at: object | undefined = value; at !== undefined; at = this.spans.parentOf(at)?.container) {
      const index = this.graphs.get(at);
      if (index !== undefined) return index;
    }
    return 0;
  }

  private addText(path: readonly (string | number)[], value: Json): void {
    let holder: Json = this.root;
    for (const step of path.slice(0, -1)) holder = at(holder, step);
    if (typeof holder === 'object' && holder !== null)
      this.spans.addEmbedded(holder, path.at(-1) ?? '', value);
  }
}

function at(holder: Json, step: string | number): Json {
  if (Array.isArray(holder)) return holder[Number(step)] ?? null;
  return isObject(holder) ? (ownMember(holder, String(step)) ?? null) : null;
}

/** Reads the places of all containers of a config. */
export function index(spans: SpanIndex, bytes: Uint8Array, value: Json): void {
  spans.add(new JsonText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)), value);
}
