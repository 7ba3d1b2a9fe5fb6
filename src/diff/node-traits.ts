import type { ContentIds } from './content-ids';
import { containersOf, type GraphEdge, type GraphNode } from './dialects/graph';

/** More edges of one node than this are not looked at when it is compared with others. */
const MAX_EDGES = 64;

/** Not a port: what a container has to do with what it holds. */
const HOLDS = 'holds';

/** An edge as one of its nodes sees it: the ports and the direction, and the node at the other end. */
interface Contact {
  port: string;
  other: string;
}

/** What the nodes of one version can be told by. */
export class NodeTraits {
  private readonly contacts = new Map<string, Contact[]>();
  private readonly byId: Map<string, GraphNode>;
  private readonly names = new Map<string, number>();
  private readonly places = new Map<GraphNode, string>();
  private counts: Map<number, number> | undefined;
  private readonly labels = new Map<GraphNode, Map<string, number>>();
  private readonly kinds = new Map<GraphNode, Map<string, number>>();

  constructor(
    private readonly graph: { nodes: readonly GraphNode[]; edges: readonly GraphEdge[] },
    private readonly ids: ContentIds,
  ) {
    const { nodes, edges } = graph;
    this.byId = new Map(nodes.map((node) => [node.id, node]));
    for (const node of nodes) increase(this.names, node.name);
    // What they hold tells rows and tabs apart that have no ids. What holds a node says nothing: all in a row share it.
    for (const node of nodes) {
      for (const holder of containersOf(node)) this.touch(holder, { port: HOLDS, other: node.id });
    }
    for (const { source, source_port, target, target_port } of edges) {
      this.touch(source, { port: `${source_port}>${target_port}`, other: target });
      this.touch(target, { port: `${target_port}<${source_port}`, other: source });
    }
  }

  kind({ kind, type }: GraphNode): string {
    return kind ?? type;
  }

  content(node: GraphNode): number {
    return this.ids.of(node.body);
  }

  /** No other node of this side has the name, or the content. */
  isOwnName({ name }: GraphNode): boolean {
    return this.names.get(name) === 1;
  }

  isOwnContent({ body }: GraphNode): boolean {
    return this.contents().get(this.ids.of(body)) === 1;
  }

  hasName(name: string): boolean {
    return this.names.has(name);
  }

  hasContent(content: number): boolean {
    return this.contents().has(content);
  }

  /** Counted when first asked for: in most differences nearly all nodes are paired before. */
  private contents(): ReadonlyMap<number, number> {
    if (this.counts === undefined) {
      this.counts = new Map<number, number>();
      for (const { body } of this.graph.nodes) increase(this.counts, this.ids.of(body));
    }
    return this.counts;
  }

  named(node: GraphNode): string {
    return JSON.stringify([node.name, this.kind(node)]);
  }

  /** Kept, because it is asked for each node that a node may be paired with. */
  place(node: GraphNode): string | undefined {
    const { position, sheet, within, type } = node;
    if (position === undefined) return undefined;
    let place = this.places.get(node);
    if (place === undefined) {
      place = JSON.stringify([type, position.x, position.y, sheet, within]);
      this.places.set(node, place);
    }
    return place;
  }

  /** Equal for nodes that are the same in all but their edges. */
  exact(node: GraphNode): string {
    return `${this.named(node)} ${this.content(node)} ${this.place(node) ?? ''}`;
  }

  /** The node's neighbours by name and port; undefined without edges. */
  surroundings(node: GraphNode): string | undefined {
    const labels = [...this.labelsOf(node).keys()];
    return labels.length === 0 ? undefined : `${this.kind(node)} ${labels.sort().join()}`;
  }

  /** The node's neighbours by `nameOf`; undefined when it names none. */
  neighbours(node: GraphNode, nameOf: (node: GraphNode) => string | undefined): string | undefined {
    const named = this.contactsOf(node).flatMap(({ port, other }) => {
      const neighbour = this.byId.get(other);
      const name = neighbour === undefined ? undefined : nameOf(neighbour);
      return name === undefined ? [] : [`${port} ${name}`];
    });
    return named.length === 0 ? undefined : `${this.kind(node)} ${named.sort().join()}`;
  }

  /** How much the neighbours of two nodes have in common by name and port, from 0 to 1; 0 when one has none. */
  alike(node: GraphNode, others: NodeTraits, other: GraphNode): number {
    return inCommon(this.labelsOf(node), others.labelsOf(other));
  }

  /** The same by the kinds of the neighbours: their names may have changed, too. */
  alikeByKind(node: GraphNode, others: NodeTraits, other: GraphNode): number {
    return inCommon(this.kindsOf(node), others.kindsOf(other));
  }

  /** The same by what the two sides call their neighbours; one without a name equals no other. */
  alikeBy(
    node: GraphNode,
    nameOf: (neighbour: GraphNode) => string | undefined,
    others: NodeTraits,
    other: GraphNode,
    otherNameOf: (neighbour: GraphNode) => string | undefined,
  ): number {
    const ours = this.count(node, (neighbour) => nameOf(neighbour) ?? '\0 before');
    return inCommon(
      ours,
      others.count(other, (neighbour) => otherNameOf(neighbour) ?? '\0 after'),
    );
  }

  /** The kinds and ports of a node's neighbours; undefined without edges. */
  kindsAround(node: GraphNode): string | undefined {
    const kinds = [...this.kindsOf(node)].map(([kind, count]) => `${kind} ${count}`);
    return kinds.length === 0 ? undefined : `${this.kind(node)} ${kinds.sort().join()}`;
  }

  /** A sheet with a node on it, or a group of more than one. */
  holdsNodes(node: GraphNode): boolean {
    const held = this.contactsOf(node).filter(({ port }) => port === HOLDS).length;
    return held > (node.role === 'sheet' ? 0 : 1);
  }

  private touch(id: string, contact: Contact): void {
    const known = this.contacts.get(id);
    if (known === undefined) this.contacts.set(id, [contact]);
    else if (known.length < MAX_EDGES) known.push(contact);
  }

  private contactsOf({ id }: GraphNode): Contact[] {
    return this.contacts.get(id) ?? [];
  }

  private labelsOf(node: GraphNode): Map<string, number> {
    return this.counted(node, this.labels, (neighbour) => this.named(neighbour));
  }

  private kindsOf(node: GraphNode): Map<string, number> {
    return this.counted(node, this.kinds, (neighbour) => this.kind(neighbour));
  }

  private counted(
    node: GraphNode,
    known: Map<GraphNode, Map<string, number>>,
    labelOf: (neighbour: GraphNode) => string,
  ): Map<string, number> {
    const labels = known.get(node) ?? this.count(node, labelOf);
    known.set(node, labels);
    return labels;
  }

  private count(node: GraphNode, labelOf: (neighbour: GraphNode) => string): Map<string, number> {
    const labels = new Map<string, number>();
    for (const { port, other } of this.contactsOf(node)) {
      const neighbour = this.byId.get(other);
      increase(labels, `${port} ${neighbour === undefined ? '' : labelOf(neighbour)}`);
    }
    return labels;
  }
}

function increase<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** The part of labels that both have, of those of the one that has more. */
function inCommon(ours: ReadonlyMap<string, number>, theirs: ReadonlyMap<string, number>): number {
  if (ours.size === 0 || theirs.size === 0) return 0;
  let shared = 0;
  for (const [label, count] of ours) shared += Math.min(count, theirs.get(label) ?? 0);
  return shared / Math.max(sum(ours), sum(theirs));
}

function sum(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}
