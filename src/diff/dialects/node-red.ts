import { textOf } from '../exact-json';
import { isObject, listOf, objectOf, without, type Json, type JsonObject } from '../json';
import { pointOf, present, sizeOf } from './geometry';
import type { Dialect, Graph, GraphEdge, GraphNode } from './graph';
import { NodeIds } from './node-ids';

/** `nodes` of a group only repeats what each member says in `g`. */
const NOT_CONTENT = new Set(['id', 'x', 'y', 'wires']);
const NOT_CONTENT_OF_GROUP = new Set(['id', 'x', 'y', 'w', 'h', 'nodes']);
const NOT_CONTENT_OF_SUBFLOW = new Set(['id', 'in', 'out', 'status']);
/** Where wires meet: the editor draws a dot. */
const JUNCTION = { width: 20, height: 20 };
/** Of a subflow's inputs, and of its outputs; no editor could show more. */
const MAX_PORTS = 1_000;
const SHEETS = new Set(['tab', 'subflow']);

/** Node-RED flows: an array of tabs, subflows, groups, config nodes and nodes; also `{flows: […]}` (its API). */
export const nodeRed: Dialect = {
  name: 'node-red',
  detect: (config) => flowsOf(config).some((item) => isObject(item) && looksLikeNode(item)),
  read: readNodeRed,
};

function flowsOf(config: Json): Json[] {
  return listOf(isObject(config) ? config.flows : config);
}

function looksLikeNode(item: JsonObject): boolean {
  if (typeof item.type !== 'string') return false;
  return SHEETS.has(item.type) || Array.isArray(item.wires) || typeof item.z === 'string';
}

function readNodeRed(config: Json): Graph {
  const items = flowsOf(config).filter(isObject);
  const ids = new NodeIds();
  const subflows = new Map(
    items.filter(isSubflow).map((item) => [`subflow:${textOf(item.id)}`, nameOf(item)]),
  );
  const graph: Graph = { nodes: [], edges: [] };
  for (const item of items) {
    const node = readItem(item, ids, subflows);
    graph.nodes.push(node);
    for (const wire of wiresOf(item.wires)) graph.edges.push({ source: node.id, ...wire, target_port: '0' });
    if (isSubflow(item)) readSubflowPorts(item, node, ids, graph);
  }
  return graph;
}

function isSubflow(item: JsonObject): boolean {
  return item.type === 'subflow';
}

function nameOf(item: JsonObject): string {
  return textOf(item.name) || textOf(item.label) || textOf(item.type) || 'node';
}

function readItem(item: JsonObject, ids: NodeIds, subflows: ReadonlyMap<string, string>): GraphNode {
  const type = textOf(item.type) ?? 'node';
  const known = { ...ids.claim(item.id), name: nameOf(item), type };
  if (SHEETS.has(type)) return { ...known, role: 'sheet', body: without(item, NOT_CONTENT_OF_SUBFLOW) };
  const place = { position: pointOf(item), sheet: textOf(item.z) };
  if (type === 'group') {
    const size = sizeOf({ width: item.w ?? null, height: item.h ?? null });
    return {
      ...known,
      role: 'frame',
      ...present({ ...place, size }),
      body: without(item, NOT_CONTENT_OF_GROUP),
    };
  }
  const node = { ...known, ...asSubflowUse(item, subflows.get(type)), body: without(item, NOT_CONTENT) };
  if (place.position === undefined && !Array.isArray(item.wires)) return { ...node, role: 'setting' };
  const measured = type === 'junction' ? JUNCTION : undefined;
  if (node.type !== type) node.body.type = node.type;
  return { ...node, anchor: 'centre', ...present({ ...place, measured }) };
}

/** The type of a subflow's use holds the subflow's id, which may be re-made: its name says what it is. */
function asSubflowUse(item: JsonObject, subflow: string | undefined): { name?: string; type?: string } {
  if (subflow === undefined) return {};
  return { type: `subflow ${subflow}`, name: textOf(item.name) || subflow };
}

/** `wires[output] = [id, …]`; an output that is a bare id counts as a list of one. */
function wiresOf(wires: Json | undefined): { source_port: string; target: string }[] {
  return listOf(wires).flatMap((targets, output) =>
    (Array.isArray(targets) ? targets : [targets]).flatMap((target) => {
      const id = textOf(target);
      return id === undefined ? [] : [{ source_port: String(output), target: id }];
    }),
  );
}

/** The inputs, outputs and the status output of a subflow become small nodes of their own on its sheet. */
function readSubflowPorts(item: JsonObject, subflow: GraphNode, ids: NodeIds, graph: Graph): void {
  const read = (kind: string, name: string, port: Json): void => {
    const { id } = ids.claim(`${subflow.id}:${name}`);
    const place = present({ position: pointOf(port) });
    graph.nodes.push({
      id,
      name,
      type: `subflow ${kind}`,
      anchor: 'centre',
      ...place,
      sheet: subflow.id,
      body: {},
    });
    for (const wire of listOf(objectOf(port).wires)) {
      const edge = portEdge(kind, id, objectOf(wire));
      if (edge !== undefined) graph.edges.push(edge);
    }
  };
  listOf(item.in)
    .slice(0, MAX_PORTS)
    .forEach((port, index) => read('input', `input ${index + 1}`, port));
  listOf(item.out)
    .slice(0, MAX_PORTS)
    .forEach((port, index) => read('output', `output ${index + 1}`, port));
  if (isObject(item.status)) read('status', 'status', item.status);
}

function portEdge(kind: string, id: string, wire: JsonObject): GraphEdge | undefined {
  const other = textOf(wire.id);
  if (other === undefined) return undefined;
  if (kind === 'input') return { source: id, source_port: '0', target: other, target_port: '0' };
  return { source: other, source_port: textOf(wire.port) ?? '0', target: id, target_port: '0' };
}
