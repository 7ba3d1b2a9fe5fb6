import { ownMember } from '../../platform/hardening/own-member';
import { textOf } from '../exact-json';
import { isObject, objectOf, without, type Json, type JsonObject } from '../json';
import { pointOf, present, sizeOf } from './geometry';
import type { Dialect, EdgeSite, GraphNode, ReadEdge, ReadGraph } from './graph';
import type { Scope } from './scope';

/** Identity, place, and what a running force layout keeps. */
const NOT_CONTENT = new Set(['id', 'x', 'y', 'fx', 'fy', 'vx', 'vy', 'index', 'position']);
const EXTENT = ['width', 'height'];

/** The names by which libraries call an edge's ends, and its ports. */
export const SOURCES = ['source', 'source_id', 'from', 'fromNode'] as const;
export const TARGETS = ['target', 'sink_id', 'to', 'toNode'] as const;
const SOURCE_PORTS = ['source_name', 'sourceHandle', 'fromSide', 'fromPort', 'sourcePort'] as const;
const TARGET_PORTS = ['sink_name', 'targetHandle', 'toSide', 'toPort', 'targetPort'] as const;
/** Members that say between what an edge runs. */
export const ENDS: readonly string[] = [...SOURCES, ...TARGETS, ...SOURCE_PORTS, ...TARGET_PORTS];

const NOT_CONTENT_OF_LINK = new Set([...ENDS, 'id', 'index']);
/** Cytoscape keeps what an element is in `data`. */
const NOT_CONTENT_OF_DATA = new Set(['id', ...ENDS]);
const NOT_REST = new Set(['nodes', 'links', 'edges']);

/**
 * Nodes and links as many libraries write them: `{nodes, links}` of D3 and NetworkX (`source`, `target`) and AutoGPT
 * (`source_id`, `sink_id`), `{nodes, edges}` of vis.js (`from`, `to`), JSON Canvas (`fromNode`, `toNode`), graphology
 * (`key`, `attributes`), Cytoscape (`data`) and the JSON Graph Format (nodes by name).
 */
export const nodeLink: Dialect = {
  name: 'node-link',
  isGraph: (value) => {
    if (!isObject(value)) return false;
    const links = linksOf(value);
    const nodes = itemsOf(value);
    return (
      links !== undefined &&
      nodes !== undefined &&
      nodes.every(({ item }) => isObject(item)) &&
      links.every((link) => isObject(link) && endsOf(link).every((end) => end !== undefined))
    );
  },
  read: (value, scope) => readNodeLink(objectOf(value), scope),
};

function linksOf({ links, edges }: JsonObject): Json[] | undefined {
  if (Array.isArray(links)) return links;
  return Array.isArray(edges) ? edges : undefined;
}

/** The nodes: in a list, or by name, which is their id then. */
function itemsOf({ nodes }: JsonObject): { item: Json; key?: string }[] | undefined {
  if (Array.isArray(nodes)) return nodes.map((item) => ({ item }));
  return isObject(nodes) ? Object.entries(nodes).map(([key, item]) => ({ item, key })) : undefined;
}

function first(value: JsonObject, names: readonly string[]): Json | undefined {
  return names.map((name) => ownMember(value, name)).find((member) => member !== undefined);
}

/** D3 replaces the ids of ends by the nodes themselves once it runs. */
function endsOf(link: JsonObject): [string | undefined, string | undefined] {
  const data = objectOf(link.data);
  const end = (names: readonly string[]): string | undefined => {
    const found = first(link, names) ?? first(data, names);
    return textOf(isObject(found) ? idOf(found) : found);
  };
  return [end(SOURCES), end(TARGETS)];
}

function idOf(node: JsonObject): Json | undefined {
  return node.id ?? node.key ?? objectOf(node.data).id;
}

function readNodeLink(graph: JsonObject, scope: Scope): ReadGraph {
  const items = (itemsOf(graph) ?? []).filter((entry): entry is { item: JsonObject; key?: string } =>
    isObject(entry.item),
  );
  const parents = new Set(items.map(({ item }) => textOf(parentOf(item))));
  const nodes = items.map(({ item, key }) => readNode(item, key, scope, parents));
  const known = new Set(items.map(({ item, key }) => textOf(key ?? idOf(item)) ?? textOf(item.name)));
  // Where nodes have no ids, an end is the node's place in the list.
  const resolve = (end: string): string => {
    const byPlace = known.has(end) || !/^\d{1,9}$/.test(end) ? undefined : nodes[Number(end)];
    return byPlace?.id ?? scope.resolve(end);
  };
  const links = linksOf(graph) ?? [];
  const edges = links.flatMap((link, key) =>
    isObject(link) ? readLink(link, { holder: links, key }, resolve) : [],
  );
  return { nodes, edges, rest: without(graph, NOT_REST) };
}

/** Cytoscape's compound nodes. */
function parentOf({ data }: JsonObject): Json | undefined {
  return objectOf(data).parent;
}

function readNode(
  node: JsonObject,
  key: string | undefined,
  scope: Scope,
  parents: ReadonlySet<string | undefined>,
): GraphNode {
  const type = typeOf(node);
  const id = key ?? idOf(node);
  const claimed = scope.claim(id ?? node.name);
  if (id === undefined) claimed.anonymous = true;
  const parent = textOf(parentOf(node));
  const position = placeOf(node);
  const size = position === undefined ? undefined : sizeOf(node);
  return {
    ...claimed,
    name: nameOf(node, id) ?? type,
    type,
    ...present({
      position,
      size,
      // JSON Canvas draws groups behind their members.
      role:
        parents.has(textOf(id)) || (type === 'group' && size !== undefined) ? ('frame' as const) : undefined,
      containers: parent === undefined ? undefined : [scope.resolve(parent)],
      note: type === 'text' ? textOf(node.text) : undefined,
    }),
    body: bodyOf(node, size !== undefined),
    item: node,
  };
}

function typeOf(node: JsonObject): string {
  const types = [node.type, node.block_id, node.group, objectOf(node.data).type];
  return types.map(textOf).find(Boolean) ?? 'node';
}

function nameOf(node: JsonObject, id: Json | undefined): string | undefined {
  const [metadata, data, attributes] = [node.metadata, node.data, node.attributes].map(objectOf);
  const own = [metadata?.customized_name, node.label, node.name, node.title];
  const inner = [data?.label, data?.name, attributes?.label, attributes?.name];
  return [...own, ...inner, node.text, id, node.type].map(textOf).find(Boolean);
}

function placeOf(node: JsonObject): GraphNode['position'] {
  const attributes = objectOf(node.attributes);
  return (
    pointOf(node.position) ??
    pointOf(objectOf(node.metadata).position) ??
    pointOf({ x: node.fx ?? node.x ?? null, y: node.fy ?? node.y ?? null }) ??
    pointOf({ x: attributes.x ?? null, y: attributes.y ?? null })
  );
}

function bodyOf(node: JsonObject, hasSize: boolean): JsonObject {
  const body = without(node, hasSize ? new Set([...NOT_CONTENT, ...EXTENT]) : NOT_CONTENT);
  if (node.id === undefined && node.key !== undefined) delete body.key;
  if (isObject(node.metadata)) body.metadata = without(node.metadata, new Set(['position']));
  if (isObject(node.attributes)) body.attributes = without(node.attributes, new Set(['x', 'y']));
  if (isObject(node.data) && node.id === undefined) body.data = without(node.data, NOT_CONTENT_OF_DATA);
  return body;
}

function readLink(link: JsonObject, site: EdgeSite, resolve: (end: string) => string): ReadEdge[] {
  const [source, target] = endsOf(link);
  if (source === undefined || target === undefined) return [];
  const body = without(link, NOT_CONTENT_OF_LINK);
  if (isObject(link.data)) body.data = without(link.data, NOT_CONTENT_OF_DATA);
  // Graphology's name of an edge; elsewhere it tells parallel edges apart.
  if (isObject(link.attributes)) delete body.key;
  return [
    {
      source: resolve(source),
      source_port: textOf(first(link, SOURCE_PORTS)) ?? null,
      target: resolve(target),
      target_port: textOf(first(link, TARGET_PORTS)) ?? null,
      body,
      site,
    },
  ];
}
