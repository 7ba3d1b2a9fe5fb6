import { textOf } from '../exact-json';
import { isObject, listOf, objectOf, without, type Json, type JsonObject } from '../json';
import { pointOf, present, sizeOf } from './geometry';
import type { Dialect, Graph, GraphEdge, GraphNode } from './graph';
import { NodeIds } from './node-ids';

/** Identity, place, and what the editor keeps about the view. */
const NOT_CONTENT = new Set([
  'id',
  'position',
  'positionAbsolute',
  'width',
  'height',
  'measured',
  'selected',
  'dragging',
  'resizing',
]);

/** `type` values that only say "drawn by our own component"; what the node is stands in its data. */
const WRAPPER_TYPES = new Set(['genericNode', 'customNode', 'custom']);

/**
 * React Flow's `toObject()` form: `nodes`, `edges`; bare (Flowise too), in `data` (Langflow), in `graph` or
 * in `workflow.graph` (Dify).
 */
export const reactFlow: Dialect = {
  name: 'react-flow',
  detect: (config) => graphOf(config) !== undefined,
  read: readReactFlow,
};

function graphOf(config: Json): JsonObject | undefined {
  const outer = objectOf(config);
  const candidates = [outer, outer.data, outer.graph, objectOf(outer.workflow).graph];
  return candidates
    .filter(isObject)
    .find((inner) => Array.isArray(inner.nodes) && Array.isArray(inner.edges));
}

function readReactFlow(config: Json): Graph {
  const graph = graphOf(config) ?? {};
  const ids = new NodeIds();
  return {
    nodes: listOf(graph.nodes)
      .filter(isObject)
      .map((node) => readNode(node, ids)),
    edges: listOf(graph.edges).filter(isObject).flatMap(readEdge),
  };
}

function readNode(node: JsonObject, ids: NodeIds): GraphNode {
  const data = objectOf(node.data);
  const type = typeOf(node, data);
  return {
    ...ids.claim(node.id),
    name: nameOf(data) ?? type,
    type,
    ...present({
      position: pointOf(node.position),
      measured: sizeOf(node.measured) ?? sizeOf(node),
      within: textOf(node.parentId) ?? textOf(node.parentNode),
    }),
    body: bodyOf(node, data),
  };
}

function typeOf(node: JsonObject, data: JsonObject): string {
  const outer = textOf(node.type) ?? '';
  const inner = textOf(data.type) ?? textOf(data.name);
  return (WRAPPER_TYPES.has(outer) ? inner : undefined) ?? (outer || inner || 'node');
}

/** Dify says `title`, Langflow `node.display_name`, Flowise and plain React Flow `label`. */
function nameOf(data: JsonObject): string | undefined {
  const langflow = objectOf(data.node).display_name;
  for (const name of [data.title, langflow, data.display_name, data.label, data.name]) {
    const text = textOf(name)?.trim();
    if (text) return text;
  }
  return undefined;
}

/** Langflow and Flowise repeat the node's id, and Dify the selection, inside `data`. */
function bodyOf(node: JsonObject, data: JsonObject): JsonObject {
  const body = without(node, NOT_CONTENT);
  if (!isObject(node.data)) return body;
  const repeated = new Set(['selected']);
  if (data.id === node.id) repeated.add('id');
  return { ...body, data: without(data, repeated) };
}

function readEdge(edge: JsonObject): GraphEdge[] {
  const source = textOf(edge.source);
  const target = textOf(edge.target);
  if (source === undefined || target === undefined) return [];
  return [
    {
      source,
      source_port: portOf(edge.sourceHandle, source),
      target,
      target_port: portOf(edge.targetHandle, target),
    },
  ];
}

/**
 * A handle without the node's id, so that an edge outlives a re-made id. Langflow writes JSON with `œ` for
 * quotes, whose spacing differs between its versions; the name in it is the port. Flowise begins with the id.
 */
function portOf(handle: Json | undefined, node: string): string | null {
  const text = textOf(handle) ?? null;
  if (text === null) return null;
  if (text.startsWith('{œ')) return langflowPort(text) ?? text;
  return text.startsWith(`${node}-`) ? text.slice(node.length + 1) : text;
}

function langflowPort(handle: string): string | undefined {
  try {
    const port = objectOf(JSON.parse(handle.replaceAll('œ', '"')) as Json);
    return textOf(port.name) ?? textOf(port.fieldName);
  } catch {
    return undefined;
  }
}
