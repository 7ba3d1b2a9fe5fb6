import type { EdgeSite, GraphNode, ReadEdge } from '../dialects/graph';
import type { Json, JsonObject } from '../json';
import type { Merge } from './merge-values';
import type { JsonEdits, Origin } from './json-edits';
import type { Place, Side } from './side';

/** A present file that nodes of another one (the source) are brought into, as the rules of a dialect see it. */
export interface Editing {
  readonly edits: JsonEdits;
  readonly source: Side;
  readonly target: Side;
  /** Source nodes that were added, by id. */
  readonly added: ReadonlyMap<string, GraphNode>;
  readonly places: {
    /** The array or object of the target that is what one of the source is. */
    counterpart(container: Json[] | JsonObject): Json[] | JsonObject;
    /** Where in a list an element of the source belongs. */
    indexOf(site: EdgeSite, into: Json[]): number;
    takeOut(place: Place): void;
  };
  /** The item that a source node is in the target; undefined if it is not there. */
  now(id: string): JsonObject | undefined;
  /** The item that the sheet of a source node is in the target. */
  sheetNow(id: string): JsonObject | undefined;
  /** The id in the target's file of a source node; undefined if it is not there. */
  rawId(id: string): Json | undefined;
  /** The id that the source's file gives a node. */
  oldRawId(id: string): Json | undefined;
  /** Whether the value came in with an added node. */
  isAdded(value: object): boolean;
  same(a: Json, b: Json): boolean;
  /** Sets a member unless it has the same content already. */
  setMember(
    item: JsonObject,
    name: string,
    value: Json,
    at?: { after?: string | null; origin?: Origin },
  ): void;
  /** Gives an object the members of the source's, except the named ones. */
  overwriteMembers(item: JsonObject, target: JsonObject, kept: ReadonlySet<string>): void;
}

/** What a dialect says about editing its files. */
export interface EditRules {
  /** Members of a node's item that are edges, other nodes, or what others refer to: an overwritten node keeps them. */
  structure(item: JsonObject, node: GraphNode): readonly string[];
  /** The order of a list says which container a node is in. */
  byOrder?: true;
  /** A container is a unit that only makes sense with all that it holds. */
  wholeSheets?: true;
  /** Members of an edge that say between what it runs. */
  ends: readonly string[];
  /** Ids are unique within a sheet only. */
  idsOfSheets?: true;
  /** Whether the node is the definition that another one cannot do without, such as that of its subflow. */
  needs?(node: GraphNode, definition: GraphNode): boolean;
  /** Writes ids and references of a node that was added or overwritten as they are in the present file. */
  settle(to: Editing, node: GraphNode, item: JsonObject): void;
  /** Writes the ends of an edge as they are in the present file. `at` is where the edge is now. */
  settleEdge(to: Editing, edge: ReadEdge, at: { holder: Json[] | JsonObject; key: number | string }): void;
  /** A step of the path to an edge's place as it is in the present file. */
  step?(
    now: (id: string) => JsonObject | undefined,
    edits: JsonEdits,
    edge: ReadEdge,
    path: readonly (string | number)[],
    index: number,
  ): string | number;
  /** Adds an edge; returns why it cannot be added. Without it, an edge is inserted at its place. */
  connect?(to: Editing, edge: ReadEdge): string | undefined;
  /** Updates what else knows of an edge that was added. */
  connected?(to: Editing, edge: ReadEdge): void;
  /** Updates what else knows of a present edge that was removed. */
  disconnected?(to: Editing, edge: ReadEdge): void;
  /** Updates what else knows of a present node that was removed. */
  removed?(to: Editing, node: GraphNode): void;
  /** Before a node is overwritten. */
  overwriting?(to: Editing, node: GraphNode, present: GraphNode): void;
  /** Takes back what a version changed in the structure of a node; `before` and `after` are around that version. */
  reverting?(to: Editing, nodes: { before: GraphNode; after: GraphNode; now: GraphNode }, merge: Merge): void;
  /** After everything was added. */
  finish?(to: Editing): void;
}
