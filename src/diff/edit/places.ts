import type { EdgeSite, GraphNode, ReadEdge } from '../dialects/graph';
import type { Json, JsonObject } from '../json';
import { notEditable } from './edit-refused.error';
import type { EditRules } from './edit-rules';
import type { JsonEdits } from './json-edits';
import type { Place, Side } from './side';

/** An array or object of a file. */
export type Container = Json[] | JsonObject;

/** What a transplant works on. `partners`: for ids of the source, the nodes that they are in the target. */
export interface TransplantParts {
  edits: JsonEdits;
  source: Side;
  target: Side;
  partners: ReadonlyMap<string, GraphNode>;
  rules: EditRules;
  /** For list elements of the source that are edges, the elements that they are in the target. */
  edgePartners: ReadonlyMap<object, Json>;
  /** Equal contents; ids of the source are read as the target has them. */
  same: (a: Json, b: Json) => boolean;
}

/** Finds and changes the places of the target that are what those of the source are. */
export class Places {
  private readonly edits: JsonEdits;
  private readonly source: Side;
  private readonly target: Side;

  /** `added` are the source nodes that were added so far, by id. */
  constructor(
    private readonly parts: TransplantParts,
    private readonly added: ReadonlyMap<string, GraphNode>,
  ) {
    ({ edits: this.edits, source: this.source, target: this.target } = parts);
  }

  /** The item that a source node is in the target; undefined if it is not there. */
  now(id: string): JsonObject | undefined {
    return this.added.get(id)?.item ?? this.parts.partners.get(id)?.item;
  }

  /** The array or object of the target that is what one of the source is; made if it is missing. */
  counterpart(container: Container, edge?: ReadEdge): Container {
    const path: (string | number)[] = [];
    const shapes: Container[] = [];
    let base: Json | undefined;
    for (let at: object = container; ;) {
      base = this.baseFor(at);
      if (base !== undefined) break;
      const parent = this.edits.spans.parentOf(at);
      if (parent === undefined) throw notEditable('the present file is built in another way');
      path.unshift(parent.key);
      shapes.unshift(at as Container);
      at = parent.container;
    }
    return path.reduce<Container>((at, step, index) => {
      const own = edge && this.parts.rules.step?.((id) => this.now(id), this.edits, edge, path, index);
      return this.enter(at, own ?? step, shapes[index] ?? []);
    }, base as Container);
  }

  /** Puts an element where its neighbours of the source are; into an object under the name `raw`. */
  insert({ container, key, element }: Place, into: Container, raw: string): void {
    if (Array.isArray(container) && Array.isArray(into)) {
      this.edits.insert(into, this.indexFor(container, Number(key), into), element as Json);
      return;
    }
    if (Array.isArray(container) || Array.isArray(into))
      throw notEditable('the present file is built in another way');
    const names = Object.keys(container);
    let at = names.indexOf(String(key)) - 1;
    while (at >= 0 && this.edits.get(into, names[at] ?? '') === undefined) at--;
    this.edits.setAfter(into, raw, element as Json, names[at] ?? null);
  }

  /** Where in a list an element of the source belongs. */
  indexOf({ holder, key }: EdgeSite, into: Json[]): number {
    return this.indexFor(Array.isArray(holder) ? holder : [], Number(key), into);
  }

  /** Behind the nearest element in front that both lists have, or in front of the nearest one behind; else last. */
  indexFor(from: Json[], key: number, into: Json[]): number {
    const present = this.edits.items(into);
    const own = this.source.nodeAt(from[key] ?? null);
    const elementAt = (index: number): Json | undefined => {
      const element = from[index] ?? null;
      if (own !== undefined && this.parts.rules.byOrder && !this.isInSameContainer(own, element))
        return undefined;
      return this.partnerElement(element) ?? element;
    };
    // Most often the neighbour in front is there; only else all places are needed.
    const before = key > 0 ? elementAt(key - 1) : undefined;
    const found = before === undefined ? -1 : present.indexOf(before);
    return found === -1 ? this.nearest(elementAt, { key, length: from.length }, present) : found + 1;
  }

  private nearest(
    elementAt: (index: number) => Json | undefined,
    { key, length }: { key: number; length: number },
    present: readonly Json[],
  ): number {
    const places = new Map(present.map((element, index) => [element, index]));
    const at = (index: number): number | undefined => {
      const element = elementAt(index);
      return element === undefined ? undefined : places.get(element);
    };
    for (let index = key - 1; index >= 0; index--) {
      const found = at(index);
      if (found !== undefined) return found + 1;
    }
    for (let index = key + 1; index < length; index++) {
      const found = at(index);
      if (found !== undefined) return found;
    }
    return present.length;
  }

  /** Whether a neighbour of the source is in the node's container now, or is that container. */
  private isInSameContainer({ containers = [] }: GraphNode, element: Json): boolean {
    const other = this.source.nodeAt(element);
    const [container] = containers;
    if (other === undefined || other.id === container) return true;
    const partner = this.parts.partners.get(other.id);
    if (partner === undefined) return other.containers?.[0] === container;
    const now = container === undefined ? undefined : (this.parts.partners.get(container)?.id ?? container);
    return partner.containers?.[0] === now;
  }

  private partnerElement(element: Json): Json | undefined {
    const edge =
      typeof element === 'object' && element !== null ? this.parts.edgePartners.get(element) : undefined;
    if (edge !== undefined) return edge;
    const node = this.source.nodeAt(element);
    if (node === undefined || this.added.has(node.id)) return undefined;
    const partner = this.parts.partners.get(node.id);
    if (partner !== undefined && node.placement === element) return partner.placement;
    return partner && (this.target.placeOf(partner)?.element as Json | undefined);
  }

  /** Removes an element. */
  takeOut(place: Place | undefined): void {
    if (place === undefined) throw notEditable('a node is the whole file');
    const { container, key, element } = place;
    if (!Array.isArray(container)) return this.edits.remove(container, String(key));
    const at = this.edits.items(container).indexOf(element as Json);
    if (at !== -1) this.edits.take(container, at);
  }

  private baseFor(at: object): Json | undefined {
    const owner = this.source.ownerOf(at);
    const item = owner && this.now(owner.id);
    if (item !== undefined) return item;
    const single =
      this.source.document.graphs.length === 1 && this.source.document.graphs[0]?.plural === false;
    const own = this.target.document.graphs;
    if (
      single &&
      at === this.source.document.graphs[0]?.value &&
      own.length === 1 &&
      own[0]?.plural === false
    )
      return own[0].value;
    return at === this.source.root ? this.target.root : undefined;
  }

  private enter(at: Container, step: string | number, shape: Container): Container {
    const fresh = (): Container => (Array.isArray(shape) ? [] : {});
    if (Array.isArray(at)) {
      const index = Number(step);
      for (let length = this.edits.items(at).length; length <= index; length++)
        this.edits.insert(at, length, []);
      const inner = this.edits.items(at)[index];
      if (isContainer(inner)) return inner;
      const made = fresh();
      this.edits.replace(at, index, made);
      return made;
    }
    const inner = this.edits.get(at, String(step));
    if (isContainer(inner) && Array.isArray(inner) === Array.isArray(shape)) return inner;
    const made = fresh();
    this.edits.set(at, String(step), made);
    return made;
  }
}

function isContainer(value: Json | undefined): value is Container {
  return typeof value === 'object' && value !== null;
}
