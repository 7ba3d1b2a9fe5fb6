import { textOf } from '../exact-json';
import { isObject, listOf, objectOf, without, type Json, type JsonObject } from '../json';
import { pointOf, present, sizeOf } from './geometry';
import type { Dialect, EdgeSite, Graph, GraphNode, ReadEdge } from './graph';
import type { Scope } from './scope';

/** Identity, place and container; wires are edges. */
const NOT_CONTENT = new Set(['id', 'x', 'y', 'wires', 'z', 'g']);
/** `nodes` of a group only repeats what each member says in `g`. */
const NOT_CONTENT_OF_GROUP = new Set([...NOT_CONTENT, 'w', 'h', 'nodes']);
const NOT_CONTENT_OF_SHEET = new Set(['id', 'in', 'out', 'status', 'nodes', 'configs', 'subflows', 'flow']);
/** The other end of a virtual wire repeats it. */
const NOT_CONTENT_OF_LINK = new Set([...NOT_CONTENT, 'links']);
/** Where wires meet: the editor draws a dot. */
const JUNCTION = { width: 20, height: 20 };
/** Of a subflow's inputs, and of its outputs; no editor could show more. */
const MAX_PORTS = 1_000;
const SHEETS = new Set(['tab', 'subflow']);
const LINKS = new Set(['link in', 'link out', 'link call']);

/**
 * Node-RED flows: an array of tabs, subflows, groups, config nodes and nodes; or one flow as its API answers it, with
 * `nodes`, `configs` and `subflows`.
 */
export const nodeRed: Dialect = {
  name: 'node-red',
  isGraph: (value) => (Array.isArray(value) ? value.some(looksLikeNode) : isSingleFlow(value)),
  read: (value, scope) => {
    const items = itemsOf(value);
    const rest = Array.isArray(value) ? value.filter((item) => !isObject(item)) : {};
    return { ...readItems(items, scope), rest };
  },
};

function looksLikeNode(item: Json): boolean {
  if (!isObject(item) || typeof item.type !== 'string') return false;
  const isSheet = SHEETS.has(item.type) && typeof item.id === 'string';
  return isSheet || Array.isArray(item.wires) || typeof item.z === 'string';
}

function isSingleFlow(value: Json): value is JsonObject {
  if (!isObject(value) || 'edges' in value || 'connections' in value || 'links' in value) return false;
  if (Array.isArray(value.configs) || isModule(value)) return true;
  return Array.isArray(value.nodes) && value.nodes.some(looksLikeNode);
}

/** A subflow as a module of its own: its nodes are in `flow`. */
function isModule(value: JsonObject): boolean {
  return isSubflow(value) && Array.isArray(value.flow);
}

/** A single flow's tab and its nodes as one list; what its nodes leave out, their `z`, is put in. */
function itemsOf(value: Json): JsonObject[] {
  if (Array.isArray(value)) return value.filter(isObject);
  const flow = objectOf(value);
  if (isModule(flow)) return [flow, ...listOf(flow.flow).filter(isObject)];
  const subflows = listOf(flow.subflows).filter(isObject);
  const inner = [...listOf(flow.nodes), ...listOf(flow.configs)].filter(isObject);
  const isTab = flow.id !== 'global' && flow.id !== undefined;
  const tab = isTab ? [readAs({ type: 'tab', ...flow }, flow)] : [];
  return [
    ...tab,
    ...inner,
    ...subflows.flatMap((subflow) => [
      readAs({ type: 'subflow', ...subflow }, subflow),
      ...itemsOf({ ...subflow, id: 'global' }),
    ]),
  ];
}

/** The objects of the file behind those copies that say what the file leaves out. */
const ORIGINALS = new WeakMap<JsonObject, JsonObject>();

function readAs(item: JsonObject, original: JsonObject): JsonObject {
  ORIGINALS.set(item, original);
  return item;
}

function readItems(items: readonly JsonObject[], scope: Scope): Graph {
  const claimed = items.map((item) => scope.claim(item.id));
  const subflows = new Map(
    items.filter(isSubflow).map((item) => [`subflow:${textOf(item.id)}`, nameOf(item)]),
  );
  const graph: Graph = { nodes: [], edges: [] };
  items.forEach((item, index) => {
    const node: GraphNode = {
      ...readItem(item, scope, subflows),
      ...(claimed[index] ?? { id: '' }),
      item: ORIGINALS.get(item) ?? item,
    };
    graph.nodes.push(node);
    for (const { port, target, site } of wiresOf(item.wires)) {
      graph.edges.push({
        source: node.id,
        source_port: port,
        target: scope.resolve(target),
        target_port: '0',
        body: {},
        site,
      });
    }
    graph.edges.push(...virtualWires(item, node, scope));
    if (isSubflow(item)) readSubflowPorts(item, node, scope, graph);
  });
  return graph;
}

function isSubflow(item: JsonObject): boolean {
  return item.type === 'subflow';
}

function nameOf(item: JsonObject): string {
  return textOf(item.name) || textOf(item.label) || textOf(item.type) || 'node';
}

function readItem(
  item: JsonObject,
  scope: Scope,
  subflows: ReadonlyMap<string, string>,
): Omit<GraphNode, 'id'> {
  const type = textOf(item.type) ?? 'node';
  const known = { name: nameOf(item), type, ...present({ display: displayOf(item) }) };
  if (SHEETS.has(type)) return { ...known, role: 'sheet', body: without(item, NOT_CONTENT_OF_SHEET) };
  const group = textOf(item.g);
  const place = {
    position: pointOf(item),
    sheet: sheetOf(item, scope),
    containers: group === undefined ? undefined : [scope.resolve(group)],
  };
  if (type === 'group') {
    const size = sizeOf({ width: item.w ?? null, height: item.h ?? null });
    return {
      ...known,
      role: 'frame',
      ...present({ ...place, size }),
      body: without(item, NOT_CONTENT_OF_GROUP),
    };
  }
  const body = without(item, LINKS.has(type) ? NOT_CONTENT_OF_LINK : NOT_CONTENT);
  const node = { ...known, ...asSubflowUse(item, subflows.get(type)), body };
  if (place.position === undefined && !Array.isArray(item.wires))
    return { ...node, role: 'setting', ...present({ sheet: place.sheet }) };
  const note = type === 'comment' ? textOf(item.info) : undefined;
  return {
    ...node,
    anchor: 'centre',
    ...present({ ...place, note, measured: type === 'junction' ? JUNCTION : undefined }),
  };
}

function sheetOf(item: JsonObject, scope: Scope): string | undefined {
  const sheet = textOf(item.z);
  return sheet === undefined || sheet === '' ? undefined : scope.resolve(sheet);
}

function displayOf(item: JsonObject): GraphNode['display'] {
  return item.d === true || item.disabled === true ? 'disabled' : undefined;
}

/** A use of a subflow is shown by the subflow's name, which may change without a change of the use. */
function asSubflowUse(
  item: JsonObject,
  subflow: string | undefined,
): { name?: string; type?: string; kind?: string } {
  if (subflow === undefined) return {};
  return { type: `subflow ${subflow}`, kind: 'subflow use', name: textOf(item.name) || subflow };
}

/** `wires[output] = [id, …]`; an output that is a bare id counts as a list of one. */
function wiresOf(wires: Json | undefined): { port: string; target: string; site: EdgeSite }[] {
  const outputs = listOf(wires);
  return outputs.flatMap((targets, output) => {
    const read = (target: Json, site: EdgeSite): { port: string; target: string; site: EdgeSite }[] => {
      const id = textOf(target);
      return id === undefined ? [] : [{ port: String(output), target: id, site }];
    };
    return Array.isArray(targets)
      ? targets.flatMap((target, key) => read(target, { holder: targets, key }))
      : read(targets, { holder: outputs, key: output });
  });
}

/** A link node sends to each node in its `links`; both ends name the other, so only what sends is read. */
function virtualWires(item: JsonObject, { id }: GraphNode, scope: Scope): ReadEdge[] {
  if (item.type !== 'link out' && item.type !== 'link call') return [];
  const links = listOf(item.links);
  return links.flatMap((link, key) => {
    const target = textOf(link);
    if (target === undefined) return [];
    return [
      {
        source: id,
        source_port: null,
        target: scope.resolve(target),
        target_port: null,
        virtual: true as const,
        body: {},
        site: { holder: links, key },
      },
    ];
  });
}

/** The inputs, outputs and the status output of a subflow become small nodes of their own on its sheet. */
function readSubflowPorts(item: JsonObject, subflow: GraphNode, scope: Scope, graph: Graph): void {
  const read = (kind: string, name: string, port: Json): void => {
    const { id } = scope.claim(`${textOf(item.id)}:${name}`);
    const place = present({ position: pointOf(port) });
    const known = {
      id,
      name,
      type: `subflow ${kind}`,
      role: 'port',
      anchor: 'centre',
      sheet: subflow.id,
    } as const;
    graph.nodes.push({ ...known, ...place, body: {}, ...(isObject(port) && { item: port }) });
    const wires = listOf(objectOf(port).wires);
    wires.forEach((wire, key) => {
      const edge = portEdge(kind, id, objectOf(wire), scope);
      if (edge !== undefined) graph.edges.push({ ...edge, site: { holder: wires, key } });
    });
  };
  listOf(item.in)
    .slice(0, MAX_PORTS)
    .forEach((port, index) => read('input', `input ${index + 1}`, port));
  listOf(item.out)
    .slice(0, MAX_PORTS)
    .forEach((port, index) => read('output', `output ${index + 1}`, port));
  if (isObject(item.status)) read('status', 'status', item.status);
}

function portEdge(
  kind: string,
  id: string,
  wire: JsonObject,
  scope: Scope,
): Omit<ReadEdge, 'site'> | undefined {
  const text = textOf(wire.id);
  if (text === undefined) return undefined;
  const other = scope.resolve(text);
  if (kind === 'input') return { source: id, source_port: '0', target: other, target_port: '0', body: {} };
  return { source: other, source_port: textOf(wire.port) ?? '0', target: id, target_port: '0', body: {} };
}
