import type { Json, JsonObject } from '../json';

/** The kinds of graph files whose structure we know; `json` stands for everything else. */
export type DialectName = 'react-flow' | 'n8n' | 'node-red' | 'comfyui' | 'grafana' | 'json';

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

/** A node as far as comparing and drawing need it. */
export interface GraphNode {
  /** Stable identity within the file; unique among the nodes of one graph. */
  id: string;
  /** The file gives no id: ours only holds within this one reading, so nodes are matched by name and type. */
  anonymous?: true;
  name: string;
  type: string;
  position?: Point;
  /** What `position` means; the top left corner unless said. */
  anchor?: 'centre';
  /** An extent that its author chose: it belongs to the node's place, like `position`. */
  size?: Size;
  /** An extent that the editor measured: for drawing only. */
  measured?: Size;
  /** The id of the node that `position` is relative to. */
  within?: string;
  /** The id of the sheet (tab, subflow, folded row) on which the node stands. */
  sheet?: string;
  /** What the node is besides an ordinary box: a frame round others, a sheet, a setting without a place. */
  role?: 'frame' | 'sheet' | 'setting';
  /** What counts as content: neither identity, place, view state nor edges. */
  body: JsonObject;
}

/** A connection. A port is null where the dialect has none. */
export interface GraphEdge {
  source: string;
  source_port: string | null;
  target: string;
  target_port: string | null;
}

/** A config read as a graph. Edges are a multiset and may name nodes that do not exist. */
export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/** Reads one kind of file. Neither function ever throws, whatever the config holds. */
export interface Dialect {
  name: DialectName;
  /** Whether the config is of this kind. */
  detect(config: Json): boolean;
  /** The config as a graph; parts that are no nodes or edges are left out. */
  read(config: Json): Graph;
}
