import { textOf } from '../exact-json';
import { isObject, listOf, numberOf, objectOf, without, type Json, type JsonObject } from '../json';
import { pointOf, present, sizeOf } from './geometry';
import type { Dialect, Graph, GraphEdge, GraphNode } from './graph';
import { NodeIds } from './node-ids';

const NOT_CONTENT = new Set(['id', 'position']);

/** n8n workflows: `nodes`, and `connections` by the name of the source node. */
export const n8n: Dialect = {
  name: 'n8n',
  detect: (config) => isObject(config) && Array.isArray(config.nodes) && isObject(config.connections),
  read: readN8n,
};

function readN8n(config: Json): Graph {
  const workflow = objectOf(config);
  const ids = new NodeIds();
  const nodes = listOf(workflow.nodes)
    .filter(isObject)
    .map((node) => readNode(node, ids));
  return { nodes, edges: readConnections(objectOf(workflow.connections), nodes) };
}

/** Workflows made before n8n gave ids are told by name, which n8n keeps unique. */
function readNode(node: JsonObject, ids: NodeIds): GraphNode {
  const type = textOf(node.type) ?? 'node';
  const note = type.endsWith('.stickyNote');
  return {
    ...ids.claim(node.id ?? node.name),
    name: textOf(node.name) ?? type,
    type,
    ...present({
      position: pointOf(node.position),
      measured: note ? noteSize(objectOf(node.parameters)) : undefined,
      role: note ? ('frame' as const) : undefined,
    }),
    body: without(node, NOT_CONTENT),
  };
}

/** A sticky note without a size has n8n's default, 240 by 160. */
function noteSize(parameters: JsonObject): { width: number; height: number } {
  const size = { width: parameters.width ?? 240, height: parameters.height ?? 160 };
  return sizeOf(size) ?? { width: 240, height: 160 };
}

/** `connections[source name][type][output] = [{node, type, index}]`; names are turned into ids. */
function readConnections(connections: JsonObject, nodes: readonly GraphNode[]): GraphEdge[] {
  const idOf = new Map<string, string>();
  for (const node of nodes) if (!idOf.has(node.name)) idOf.set(node.name, node.id);
  return Object.entries(connections).flatMap(([name, byType]) =>
    Object.entries(objectOf(byType)).flatMap(([type, outputs]) =>
      listOf(outputs).flatMap((targets, output) =>
        listOf(targets)
          .filter(isObject)
          .flatMap((target) => readTarget(idOf.get(name) ?? name, `${type}:${output}`, target, idOf)),
      ),
    ),
  );
}

function readTarget(
  source: string,
  source_port: string,
  target: JsonObject,
  idOf: ReadonlyMap<string, string>,
): GraphEdge[] {
  const name = textOf(target.node);
  if (name === undefined) return [];
  const target_port = `${textOf(target.type) ?? 'main'}:${numberOf(target.index) ?? 0}`;
  return [{ source, source_port, target: idOf.get(name) ?? name, target_port }];
}
