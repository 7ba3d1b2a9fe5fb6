import { textOf } from '../exact-json';
import { isObject, listOf, objectOf, without, type Json, type JsonObject } from '../json';
import { readBoundaries, type Slots } from './comfyui-boundary';
import { portOf, portsOf } from './comfyui-ports';
import { isPrompt, readPrompt } from './comfyui-prompt';
import { pointOf, present, sizeOf } from './geometry';
import type { Dialect, EdgeSite, GraphNode, ReadEdge, ReadGraph } from './graph';
import type { ClaimedId, Scope } from './scope';

/** `order` is the run order, which changes for many nodes when one is added. */
const NOT_CONTENT = new Set(['id', 'pos', 'size', 'order']);
const NOT_CONTENT_OF_GROUP = new Set(['id', 'bounding']);
const NOT_CONTENT_OF_SLOT = new Set(['link', 'links', 'linkIds', 'slot_index']);
const NOT_CONTENT_OF_REROUTE = new Set(['id', 'pos', 'linkIds', 'parentId']);
const NOT_CONTENT_OF_LINK = new Set([
  'id',
  'origin_id',
  'origin_slot',
  'target_id',
  'target_slot',
  'parentId',
]);
const NOT_REST_OF_SUBGRAPH = new Set([
  'id',
  'nodes',
  'links',
  'groups',
  'reroutes',
  'inputNode',
  'outputNode',
  'inputs',
  'outputs',
]);
/** Counters of the editor grow with each node and link. */
const NOT_REST = new Set(['nodes', 'links', 'groups', 'reroutes', 'last_node_id', 'last_link_id', 'state']);
/** Where schema 0.4 keeps what 1.0 keeps in `reroutes` and in its links. */
const REROUTES_OF_EXTRA = new Set(['reroutes', 'linkExtensions']);
const SIGNS = ['last_node_id', 'definitions', 'extra', 'groups', 'state', 'reroutes'];
const NOTE = /^(?:Note|MarkdownNote|Note\b.*|.*\bNote)$/;
/** `mode` of a node, as the editor numbers it. */
const MUTED = 2;
const BYPASSED = 4;
/** More points on one link than this are a cycle. */
const MAX_VIA = 100;

/** ComfyUI, as its editor saves it (0.4 and 1.0: `nodes`, `links`), and as its API takes it (`{id: {class_type}}`). */
export const comfyUi: Dialect = {
  name: 'comfyui',
  isGraph: (value) => isObject(value) && (isEditorForm(value) || isPrompt(value)),
  read: (value, scope) => {
    const graph = objectOf(value);
    return isEditorForm(graph) ? readWorkflow(graph, scope) : readPrompt(graph, scope);
  },
};

function isEditorForm(value: JsonObject): boolean {
  const { nodes, links } = value;
  if (!Array.isArray(nodes) || 'edges' in value || 'connections' in value) return false;
  const list = links ?? [];
  if (!Array.isArray(list) || !nodes.every(isObject)) return false;
  const first = list[0];
  if (first !== undefined) return Array.isArray(first) || (isObject(first) && 'origin_id' in first);
  // Without links: what only this editor writes.
  return SIGNS.some((name) => name in value) || nodes.some(looksLikeNode);
}

function looksLikeNode(node: Json): boolean {
  const { type, pos, widgets_values: widgets } = objectOf(node);
  return typeof type === 'string' && (pointOf(pos) !== undefined || Array.isArray(widgets));
}

interface Reading {
  names: ReadonlyMap<string, string>;
  graph: ReadGraph;
}

function readWorkflow(workflow: JsonObject, scope: Scope): ReadGraph {
  const definitions = objectOf(workflow.definitions);
  const subgraphs = listOf(definitions.subgraphs).filter(isObject);
  const names = new Map(
    subgraphs.map((subgraph) => [textOf(subgraph.id) ?? '', textOf(subgraph.name) ?? 'subgraph']),
  );
  const rest = without(workflow, NOT_REST);
  if (isObject(workflow.extra)) rest.extra = without(workflow.extra, REROUTES_OF_EXTRA);
  if (isObject(workflow.definitions)) rest.definitions = without(definitions, new Set(['subgraphs']));
  const reading: Reading = { names, graph: { nodes: [], edges: [], rest } };
  readSheet(workflow, undefined, scope, reading);
  for (const subgraph of subgraphs) {
    const claimed = scope.claim(subgraph.id);
    reading.graph.nodes.push(readSubgraph(subgraph, claimed));
    readSheet(subgraph, claimed.id, scope.inner(textOf(subgraph.id) ?? claimed.id), reading);
  }
  return reading.graph;
}

/** A subgraph is a sheet, whose content is its interface and what else it says of itself. */
function readSubgraph(subgraph: JsonObject, claimed: ClaimedId): GraphNode {
  const slots = (list: Json | undefined): Json => listOf(list).map(withoutLinks);
  const body = {
    ...without(subgraph, NOT_REST_OF_SUBGRAPH),
    inputs: slots(subgraph.inputs),
    outputs: slots(subgraph.outputs),
  };
  for (const counter of ['state', 'revision'] as const) delete (body as JsonObject)[counter];
  return {
    ...claimed,
    name: textOf(subgraph.name) ?? 'subgraph',
    type: 'subgraph',
    role: 'sheet',
    body,
    item: subgraph,
  };
}

function readSheet(
  workflow: JsonObject,
  sheet: string | undefined,
  scope: Scope,
  { names, graph }: Reading,
): void {
  const slots = new Map<string, Slots>();
  for (const node of listOf(workflow.nodes).filter(isObject)) {
    const own = textOf(node.id);
    if (own !== undefined && !slots.has(own))
      slots.set(own, { inputs: portsOf(node.inputs), outputs: portsOf(node.outputs) });
    graph.nodes.push({ ...scope.claim(node.id), ...readNode(node, names), ...present({ sheet }) });
  }
  for (const boundary of sheet === undefined ? [] : readBoundaries(workflow, scope)) {
    graph.nodes.push({ ...boundary.node, sheet });
    slots.set(boundary.own, boundary.slots);
  }
  for (const group of listOf(workflow.groups).filter(isObject)) {
    graph.nodes.push({ ...readGroup(group, scope), ...present({ sheet }) });
  }
  const points = readReroutes(workflow, scope);
  graph.nodes.push(...[...points.values()].map(({ node }) => ({ ...node, ...present({ sheet }) })));
  const parents = new Map(
    listOf(objectOf(workflow.extra).linkExtensions).map((entry) => [
      textOf(objectOf(entry).id),
      textOf(objectOf(entry).parentId),
    ]),
  );
  const links = listOf(workflow.links);
  links.forEach((link, key) => {
    const parent = isObject(link) ? textOf(link.parentId) : parents.get(textOf(listOf(link)[0]));
    const ends = { slots, via: viaOf(parent, points) };
    graph.edges.push(...readLink(link, { holder: links, key }, scope, ends));
  });
}

function readNode(node: JsonObject, names: ReadonlyMap<string, string>): Omit<GraphNode, 'id'> {
  const own = textOf(node.type) ?? 'node';
  const template = names.get(own);
  const type = template ?? own;
  const body = without(node, NOT_CONTENT);
  for (const slots of ['inputs', 'outputs'] as const) {
    const list = node[slots];
    if (Array.isArray(list)) body[slots] = list.map(withoutLinks);
  }
  const note = NOTE.test(own) ? noteOf(node.widgets_values) : undefined;
  return {
    name: textOf(node.title) || type,
    type,
    ...present({
      kind: template === undefined ? undefined : 'subgraph use',
      position: pointOf(node.pos),
      size: sizeOf(node.size),
      role: note === undefined ? undefined : ('note' as const),
      note,
      display: displayOf(node),
      collapsed: objectOf(node.flags).collapsed === true ? (true as const) : undefined,
    }),
    body,
    item: node,
  };
}

/** Widgets are a list, or named. */
function noteOf(widgets: Json | undefined): string {
  const values = Array.isArray(widgets) ? widgets : Object.values(objectOf(widgets));
  return values.map(textOf).find(Boolean) ?? '';
}

function displayOf({ mode }: JsonObject): GraphNode['display'] {
  if (mode === BYPASSED) return 'bypassed';
  return mode === MUTED ? 'muted' : undefined;
}

function withoutLinks(slot: Json): Json {
  return isObject(slot) ? without(slot, NOT_CONTENT_OF_SLOT) : slot;
}

/** Groups of schema 0.4 have no id. */
function readGroup(group: JsonObject, scope: Scope): GraphNode {
  const own = textOf(group.id);
  const bounding = listOf(group.bounding);
  return {
    ...scope.claim(own === undefined ? undefined : `group ${own}`),
    name: textOf(group.title) ?? 'Group',
    type: 'group',
    role: 'frame',
    ...present({ position: pointOf(bounding), size: sizeOf(bounding.slice(2)) }),
    body: without(group, NOT_CONTENT_OF_GROUP),
    item: group,
  };
}

interface Reroute {
  node: GraphNode;
  /** The file's id of the point before it on its link. */
  parent: string | undefined;
}

/** The points through which links run: `reroutes` of schema 1.0, in `extra` in 0.4. */
function readReroutes(workflow: JsonObject, scope: Scope): Map<string, Reroute> {
  const list = [...listOf(workflow.reroutes), ...listOf(objectOf(workflow.extra).reroutes)].filter(isObject);
  return new Map(
    list.map((reroute) => {
      const own = textOf(reroute.id) ?? '';
      const place = present({ position: pointOf(reroute.pos) });
      const body = without(reroute, NOT_CONTENT_OF_REROUTE);
      const claimed = scope.claim(own === '' ? undefined : `reroute ${own}`);
      const known = { name: 'Reroute', type: 'reroute', role: 'point', body, item: reroute } as const;
      const node: GraphNode = { ...claimed, ...known, ...place };
      return [own, { node, parent: textOf(reroute.parentId) }];
    }),
  );
}

/** `[id, source, output, target, input, type]`, or an object in newer files. */
function readLink(
  link: Json,
  site: EdgeSite,
  scope: Scope,
  { slots, via }: { slots: ReadonlyMap<string, Slots>; via: string[] },
): ReadEdge[] {
  const [, source, output, target, input, type] = isObject(link)
    ? [null, link.origin_id, link.origin_slot, link.target_id, link.target_slot]
    : listOf(link);
  const from = textOf(source);
  const to = textOf(target);
  if (from === undefined || to === undefined) return [];
  return [
    {
      source: scope.resolve(from),
      source_port: portOf(slots.get(from)?.outputs, output),
      target: scope.resolve(to),
      target_port: portOf(slots.get(to)?.inputs, input),
      body: isObject(link) ? without(link, NOT_CONTENT_OF_LINK) : type === undefined ? {} : { type },
      ...(via.length > 0 && { via }),
      site,
    },
  ];
}

/** A link names the last of its points, and each point the one before it. */
function viaOf(last: string | undefined, points: ReadonlyMap<string, Reroute>): string[] {
  const via: string[] = [];
  let at = last === undefined ? undefined : points.get(last);
  while (at !== undefined && via.length < MAX_VIA) {
    via.unshift(at.node.id);
    at = at.parent === undefined ? undefined : points.get(at.parent);
  }
  return via;
}
