import { textOf } from '../exact-json';
import { isObject, listOf, objectOf, without, type Json, type JsonObject } from '../json';
import { pointOf, present, sizeOf } from './geometry';
import type { Dialect, Graph, GraphEdge, GraphNode } from './graph';
import { NodeIds } from './node-ids';
import { ownMember } from '../../platform/hardening/own-member';

/** `order` is the run order, which changes for many nodes when one is added. */
const NOT_CONTENT = new Set(['id', 'pos', 'size', 'order']);
const NOT_CONTENT_OF_GROUP = new Set(['id', 'bounding']);
const NOT_CONTENT_OF_SLOT = new Set(['link', 'links', 'slot_index']);

/** ComfyUI, both as its editor saves it (`nodes`, `links`) and as its API takes it (`{id: {class_type}}`). */
export const comfyUi: Dialect = {
  name: 'comfyui',
  detect: (config) => isEditorForm(config) || promptOf(config) !== undefined,
  read: readComfyUi,
};

function isEditorForm(config: Json): config is JsonObject {
  return isObject(config) && Array.isArray(config.nodes) && Array.isArray(config.links);
}

function readComfyUi(config: Json): Graph {
  const graph: Graph = { nodes: [], edges: [] };
  if (!isEditorForm(config)) return readPrompt(promptOf(config) ?? {}, graph);
  const subgraphs = listOf(objectOf(config.definitions).subgraphs).filter(isObject);
  const names = new Map(
    subgraphs.map((subgraph) => [textOf(subgraph.id) ?? '', textOf(subgraph.name) ?? 'subgraph']),
  );
  const ids = new NodeIds();
  readSheet(config, undefined, { names, ids, graph });
  for (const subgraph of subgraphs) {
    const { id } = ids.claim(subgraph.id);
    graph.nodes.push({ id, name: names.get(id) ?? 'subgraph', type: 'subgraph', role: 'sheet', body: {} });
    readSheet(subgraph, id, { names, ids, graph });
  }
  return graph;
}

interface Reading {
  names: ReadonlyMap<string, string>;
  ids: NodeIds;
  graph: Graph;
}

function readSheet(workflow: JsonObject, sheet: string | undefined, { names, ids, graph }: Reading): void {
  const local = new Map<string, { id: string; node: JsonObject }>();
  for (const node of listOf(workflow.nodes).filter(isObject)) {
    const own = textOf(node.id);
    const claimed = ids.claim(own !== undefined && sheet !== undefined ? `${sheet}/${own}` : own);
    if (own !== undefined && !local.has(own)) local.set(own, { id: claimed.id, node });
    graph.nodes.push({ ...claimed, ...readNode(node, names), ...present({ sheet }) });
  }
  for (const group of listOf(workflow.groups).filter(isObject)) {
    graph.nodes.push({ ...readGroup(group, ids), ...present({ sheet }) });
  }
  for (const link of listOf(workflow.links)) graph.edges.push(...readLink(link, local));
}

function readNode(node: JsonObject, names: ReadonlyMap<string, string>): Omit<GraphNode, 'id'> {
  const own = textOf(node.type) ?? 'node';
  const type = names.get(own) ?? own;
  const place = present({ position: pointOf(node.pos), measured: sizeOf(node.size) });
  const body = without(node, NOT_CONTENT);
  for (const slots of ['inputs', 'outputs'] as const) {
    const own = node[slots];
    if (Array.isArray(own)) body[slots] = own.map(withoutLinks);
  }
  return { name: textOf(node.title) || type, type, ...place, body };
}

function withoutLinks(slot: Json): Json {
  return isObject(slot) ? without(slot, NOT_CONTENT_OF_SLOT) : slot;
}

function readGroup(group: JsonObject, ids: NodeIds): GraphNode {
  const name = textOf(group.title) ?? 'Group';
  const bounding = listOf(group.bounding);
  const size = sizeOf(bounding.slice(2));
  return {
    ...ids.claim(`group ${textOf(group.id) ?? name}`),
    name,
    type: 'group',
    role: 'frame',
    ...present({ position: pointOf(bounding), size }),
    body: without(group, NOT_CONTENT_OF_GROUP),
  };
}

/** `[id, source, output, target, input, type]`, or an object in newer files. Slots are told by their names. */
function readLink(link: Json, local: ReadonlyMap<string, { id: string; node: JsonObject }>): GraphEdge[] {
  const [, source, output, target, input] = isObject(link)
    ? [null, link.origin_id, link.origin_slot, link.target_id, link.target_slot]
    : listOf(link);
  const from = textOf(source);
  const to = textOf(target);
  if (from === undefined || to === undefined) return [];
  return [
    {
      source: local.get(from)?.id ?? from,
      source_port: slotName(local.get(from)?.node.outputs, output),
      target: local.get(to)?.id ?? to,
      target_port: slotName(local.get(to)?.node.inputs, input),
    },
  ];
}

function slotName(slots: Json | undefined, index: Json | undefined): string | null {
  const slot = typeof index === 'number' ? listOf(slots)[index] : undefined;
  return textOf(objectOf(slot).name) || (textOf(index) ?? null);
}

function promptOf(config: Json): JsonObject | undefined {
  const outer = objectOf(config);
  return [outer, objectOf(outer.prompt)].find(isPrompt);
}

/** Looks at no more members than it must: an object of another kind may have very many. */
function isPrompt(candidate: JsonObject): boolean {
  let nodes = 0;
  for (const id in candidate) {
    const node = ownMember(candidate, id);
    if (!isObject(node) || typeof node.class_type !== 'string') return false;
    nodes++;
  }
  return nodes > 0;
}

/** In the API form an input that is `[node id, output]` is a connection. */
function readPrompt(prompt: JsonObject, graph: Graph): Graph {
  for (const [id, node] of Object.entries(prompt)) {
    const inputs = Object.entries(objectOf(objectOf(node).inputs));
    const type = textOf(objectOf(node).class_type) ?? 'node';
    const links = inputs.filter(([, value]) => isReference(value, prompt));
    const content = inputs.filter(([, value]) => !isReference(value, prompt));
    const body = { ...objectOf(node), inputs: Object.fromEntries(content) };
    graph.nodes.push({ id, name: textOf(objectOf(objectOf(node)._meta).title) || type, type, body });
    for (const [target_port, value] of links) {
      const [source, output] = listOf(value).map(textOf);
      graph.edges.push({ source: source ?? '', source_port: output ?? null, target: id, target_port });
    }
  }
  return graph;
}

function isReference(value: Json, prompt: JsonObject): boolean {
  if (!Array.isArray(value) || value.length !== 2 || typeof value[1] !== 'number') return false;
  const id = textOf(value[0]);
  return id !== undefined && Object.hasOwn(prompt, id);
}
