import type { GraphNode } from '../dialects/graph';
import type { Document } from '../dialects/read-graph';
import { ownMember } from '../../platform/hardening/own-member';
import { isObject, type Json } from '../json';
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
  private readonly nodes: Map<string, GraphNode>;

  constructor(
    readonly root: Json,
    readonly document: Document,
    private readonly spans: SpanIndex,
  ) {
    this.nodes = new Map(document.nodes.map((node) => [node.id, node]));
    for (const { texts = [] } of document.graphs)
      for (const text of texts) this.addText(text.path, text.value);
    for (const node of document.nodes) {
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

  /** Whether the value is within the other one, or is it. */
  isWithin(value: object, outer: object): boolean {
    for (let at: object | undefined = value; at !== undefined; at = this.spans.parentOf(at)?.container) {
      if (at === outer) return true;
    }
    return false;
  }

  /** The graph of a list of graphs that holds the value; its index. */
  graphIndexOf(value: object): number {
    for (let at: object | undefined = value; at !== undefined; at = this.spans.parentOf(at)?.container) {
      const index = this.document.graphs.findIndex((graph) => graph.value === at);
      if (index !== -1) return index;
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
