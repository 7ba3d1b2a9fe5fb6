import type { GraphNode, ReadEdge } from '../dialects/graph';
import type { Json, JsonObject } from '../json';
import type { JsonEdits } from './json-edits';
import type { Transplant } from './transplant';

/** What a dialect says about editing its files. */
export interface EditRules {
  /** Members of a node's item that are edges, other nodes, or what others refer to: an overwritten node keeps them. */
  structure(item: JsonObject, node: GraphNode): readonly string[];
  /** Members of an edge that say between what it runs. */
  ends: readonly string[];
  /** Ids are unique within a sheet only. */
  idsOfSheets?: true;
  /** Whether the node is the definition that another one cannot do without, such as that of its subflow. */
  needs?(node: GraphNode, definition: GraphNode): boolean;
  /** Writes ids and references of a node that was added or overwritten as they are in the present file. */
  settle(to: Transplant, node: GraphNode, item: JsonObject): void;
  /** Writes the ends of an edge as they are in the present file. `at` is where the edge is now. */
  settleEdge(to: Transplant, edge: ReadEdge, at: { holder: Json[] | JsonObject; key: number | string }): void;
  /** A step of the path to an edge's place as it is in the present file. */
  step?(
    now: (id: string) => JsonObject | undefined,
    edits: JsonEdits,
    edge: ReadEdge,
    path: readonly (string | number)[],
    index: number,
  ): string | number;
  /** Adds an edge; returns why it cannot be added. Without it, an edge is inserted at its place. */
  connect?(to: Transplant, edge: ReadEdge): string | undefined;
  /** Updates what else knows of an edge that was added. */
  connected?(to: Transplant, edge: ReadEdge): void;
  /** Updates what else knows of a present edge that was removed. */
  disconnected?(to: Transplant, edge: ReadEdge): void;
  /** Updates what else knows of a present node that was removed. */
  removed?(to: Transplant, node: GraphNode): void;
  /** Before a node is overwritten. */
  overwriting?(to: Transplant, node: GraphNode, present: GraphNode): void;
  /** After everything was added. */
  finish?(to: Transplant): void;
}
