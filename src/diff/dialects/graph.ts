import type { Json, JsonObject } from '../json';
import type { Scope } from './scope';

/** The kinds of graph files whose structure we know; `json` stands for everything else. */
export type DialectName = 'react-flow' | 'n8n' | 'node-red' | 'comfyui' | 'grafana' | 'node-link' | 'json';

/** A place in the file's own units, as the file spells it. */
export interface Point {
  x: number;
  y: number;
}

/** An extent in the file's own units. */
export interface Size {
  width: number;
  height: number;
}

/** How the editor shows a node that does not simply run. */
export type Display = 'disabled' | 'bypassed' | 'muted';

/**
 * What a node is besides an ordinary box: a frame round others, a sheet, a setting without a place, a note, a port
 * at the edge of a sheet, a point through which an edge runs.
 */
export type Role = 'frame' | 'sheet' | 'setting' | 'note' | 'port' | 'point';

/** A node as far as comparing and drawing need it. */
export interface GraphNode {
  /** Identity within the file; unique among the nodes of one graph. */
  id: string;
  /** The file gives no id: ours only holds within this one reading. */
  anonymous?: true;
  /** The id says little: a small serial number or a name, which another node may have in the next version. */
  weak?: true;
  name: string;
  type: string;
  /** What must be equal for two nodes to be one, where `type` is a name that may change. */
  kind?: string;
  position?: Point;
  /** A place that follows from the order of the file: for drawing only. */
  drawnAt?: Point;
  /** What `position` means; the top left corner unless said. */
  anchor?: 'centre';
  /** An extent that its author chose: it belongs to the node's place, like `position`. */
  size?: Size;
  /** One extent of the size is not in the file: a frame is as large as its members need. */
  openSize?: true;
  /** An extent that the editor measured: for drawing only. */
  measured?: Size;
  /** The id of the node that `position` is relative to. */
  within?: string;
  /** The id of the sheet (tab, subflow, folded row) on which the node is drawn. */
  sheet?: string;
  /** Ids of further nodes that hold this one: a group, an open row. */
  containers?: string[];
  role?: Role;
  display?: Display;
  /** The editor shows the title only. */
  collapsed?: true;
  /** Text for people: what a note says, the slots of a port. For drawing only. */
  note?: string;
  /** What counts as content: no identity, place, view state or edges. */
  body: JsonObject;
  /** The value of the file that the node was read from, for those who edit it; undefined if it is no value of its own. */
  item?: JsonObject;
  /** The value that says where the node is, where that is not in its item: a layout item of Grafana's schema v2. */
  placement?: JsonObject;
}

/** A connection. A port is null where the dialect has none. */
export interface GraphEdge {
  source: string;
  source_port: string | null;
  target: string;
  target_port: string | null;
  /** Not drawn by the editor: what a Node-RED link node sends to. */
  virtual?: true;
}

/** The array or object of the file that holds an edge, and the index or name in it. */
export interface EdgeSite {
  holder: Json[] | JsonObject;
  key: number | string;
}

/** An edge as it is read: with its content, and the points through which it runs. */
export interface ReadEdge extends GraphEdge {
  body: JsonObject;
  via?: string[];
  site: EdgeSite;
}

/** A config read as a graph. Edges are a multiset and may name nodes that do not exist. */
export interface Graph {
  nodes: GraphNode[];
  edges: ReadEdge[];
}

/** One graph, and what its document has besides. */
export interface ReadGraph extends Graph {
  /** The value that was read, without its nodes and edges. */
  rest: Json;
}

/** Reads one kind of file. Neither function ever throws, whatever the config holds. */
export interface Dialect {
  name: DialectName;
  /** Whether the value itself is a graph of this kind, without anything wrapped round it. */
  isGraph(value: Json): boolean;
  read(value: Json, scope: Scope): ReadGraph;
}

/** What holds a node: what it names, its parent, and its sheet unless that repeats one of them. */
export function containersOf({ containers = [], within, sheet }: GraphNode): string[] {
  return [...new Set([...containers, within ?? '', sheet ?? ''])].filter((id) => id !== '');
}
