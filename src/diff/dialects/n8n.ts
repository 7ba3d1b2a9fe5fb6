import { textOf } from '../exact-json';
import { isObject, listOf, numberOf, objectOf, without, type Json, type JsonObject } from '../json';
import { pointOf, present, sizeOf } from './geometry';
import type { Dialect, EdgeSite, GraphNode, ReadEdge, ReadGraph } from './graph';
import type { Scope } from './scope';

const NOT_CONTENT = new Set(['id', 'position']);
const NOT_CONTENT_OF_NOTE = new Set(['width', 'height']);
const NOT_REST = new Set(['nodes', 'connections']);

/** n8n workflows: `nodes`, and `connections` by the name of the source node. */
export const n8n: Dialect = {
  name: 'n8n',
  isGraph: (value) => {
    if (!isObject(value) || !Array.isArray(value.nodes) || 'edges' in value || 'links' in value) return false;
    if (isObject(value.connections)) return true;
    // Copied nodes have no connections, and some languages write an empty object as an empty list.
    return (Array.isArray(value.connections) && value.nodes.length > 0) || isNodeList(value.nodes);
  },
  read: (value, scope) => readN8n(objectOf(value), scope),
};

function isNodeList(nodes: readonly Json[]): boolean {
  return nodes.length > 0 && nodes.every((node) => isObject(node) && looksLikeNode(node));
}

function looksLikeNode({ type, typeVersion, parameters, position }: JsonObject): boolean {
  return (
    typeof type === 'string' && (typeVersion !== undefined || isObject(parameters)) && Array.isArray(position)
  );
}

function readN8n(workflow: JsonObject, scope: Scope): ReadGraph {
  const names = new Map<string, string>();
  const nodes = listOf(workflow.nodes)
    .filter(isObject)
    .map((node) => readNode(node, scope));
  for (const node of nodes) if (!names.has(node.name)) names.set(node.name, node.id);
  const idOf = (name: string): string => names.get(name) ?? scope.resolve(name);
  return {
    nodes,
    edges: readConnections(objectOf(workflow.connections), idOf),
    rest: without(workflow, NOT_REST),
  };
}

/** Workflows made before n8n gave ids are told by name, which n8n keeps unique but lets people change. */
function readNode(node: JsonObject, scope: Scope): GraphNode {
  const type = textOf(node.type) ?? 'node';
  const note = type.endsWith('.stickyNote');
  const parameters = objectOf(node.parameters);
  const claimed = scope.claim(node.id ?? node.name);
  if (node.id === undefined) claimed.anonymous = true;
  const read: GraphNode = {
    ...claimed,
    name: textOf(node.name) ?? type,
    type,
    ...present({
      position: pointOf(node.position),
      display: node.disabled === true ? ('disabled' as const) : undefined,
    }),
    body: without(node, NOT_CONTENT),
    item: node,
  };
  return note ? { ...read, ...asNote(read.body, parameters) } : read;
}

function asNote(body: JsonObject, parameters: JsonObject): Partial<GraphNode> {
  const content = textOf(parameters.content) ?? '';
  const rest = without(parameters, NOT_CONTENT_OF_NOTE);
  return {
    role: 'note',
    note: content,
    size: noteSize(parameters),
    body: { ...body, ...(body.parameters !== undefined && { parameters: rest }) },
  };
}

/** A sticky note without a size has n8n's default, 240 by 160. */
function noteSize(parameters: JsonObject): { width: number; height: number } {
  const size = { width: parameters.width ?? 240, height: parameters.height ?? 160 };
  return sizeOf(size) ?? { width: 240, height: 160 };
}

/** `connections[source name][type][output] = [{node, type, index}]`; names are turned into ids. */
function readConnections(connections: JsonObject, idOf: (name: string) => string): ReadEdge[] {
  return Object.entries(connections).flatMap(([name, byType]) =>
    Object.entries(objectOf(byType)).flatMap(([type, outputs]) =>
      listOf(outputs).flatMap((targets, output) => {
        const holder = listOf(targets);
        const read = (target: Json, key: number): ReadEdge[] =>
          isObject(target)
            ? readTarget([idOf(name), `${type}:${output}`], target, { holder, key }, idOf)
            : [];
        return holder.flatMap(read);
      }),
    ),
  );
}

const NOT_CONTENT_OF_TARGET = new Set(['node', 'type', 'index']);

function readTarget(
  [source, source_port]: [string, string],
  target: JsonObject,
  site: EdgeSite,
  idOf: (name: string) => string,
): ReadEdge[] {
  const name = textOf(target.node);
  if (name === undefined) return [];
  const target_port = `${textOf(target.type) ?? 'main'}:${numberOf(target.index) ?? 0}`;
  const body = without(target, NOT_CONTENT_OF_TARGET);
  return [{ source, source_port, target: idOf(name), target_port, body, site }];
}
