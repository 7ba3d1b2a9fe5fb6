import { textOf } from '../exact-json';
import { isObject, listOf, objectOf, without, type Json, type JsonObject } from '../json';
import { pointOf, present } from './geometry';
import type { Dialect, EdgeSite, GraphNode, ReadEdge, ReadGraph } from './graph';
import type { Scope } from './scope';

/** Identity, place, and what a running force layout keeps. */
const NOT_CONTENT = new Set(['id', 'x', 'y', 'fx', 'fy', 'vx', 'vy', 'index', 'position']);
const NOT_CONTENT_OF_LINK = new Set([
  'id',
  'source',
  'target',
  'source_id',
  'sink_id',
  'source_name',
  'sink_name',
  'index',
]);
const NOT_REST = new Set(['nodes', 'links']);

/** `{nodes, links}` as D3 and NetworkX write it (`source`, `target`), and AutoGPT (`source_id`, `sink_id`). */
export const nodeLink: Dialect = {
  name: 'node-link',
  isGraph: (value) =>
    isObject(value) &&
    Array.isArray(value.nodes) &&
    Array.isArray(value.links) &&
    value.nodes.every(isObject) &&
    value.links.every((link) => isObject(link) && endsOf(link).every((end) => end !== undefined)),
  read: (value, scope) => readNodeLink(objectOf(value), scope),
};

/** D3 replaces the ids of ends by the nodes themselves once it runs. */
function endsOf({
  source,
  target,
  source_id,
  sink_id,
}: JsonObject): [string | undefined, string | undefined] {
  const text = (end: Json | undefined): string | undefined => textOf(isObject(end) ? end.id : end);
  return [text(source) ?? text(source_id), text(target) ?? text(sink_id)];
}

function readNodeLink(graph: JsonObject, scope: Scope): ReadGraph {
  const items = listOf(graph.nodes).filter(isObject);
  const nodes = items.map((item) => readNode(item, scope));
  const known = new Set(items.map((item) => textOf(item.id) ?? textOf(item.name)));
  // Where nodes have no ids, an end is the node's place in the list.
  const idOf = (end: string): string => {
    const byPlace = known.has(end) || !/^\d{1,9}$/.test(end) ? undefined : nodes[Number(end)];
    return byPlace?.id ?? scope.resolve(end);
  };
  const links = listOf(graph.links);
  const edges = links.flatMap((link, key) =>
    isObject(link) ? readLink(link, { holder: links, key }, idOf) : [],
  );
  return { nodes, edges, rest: without(graph, NOT_REST) };
}

function readNode(node: JsonObject, scope: Scope): GraphNode {
  const metadata = objectOf(node.metadata);
  const type = textOf(node.type) ?? textOf(node.block_id) ?? textOf(node.group) ?? 'node';
  const names = [metadata.customized_name, node.label, node.name, node.title, node.id, node.type];
  const claimed = scope.claim(node.id ?? node.name);
  if (node.id === undefined) claimed.anonymous = true;
  const place =
    pointOf(node.position) ??
    pointOf(metadata.position) ??
    pointOf({ x: node.fx ?? node.x ?? null, y: node.fy ?? node.y ?? null });
  const body = without(node, NOT_CONTENT);
  if (isObject(node.metadata)) body.metadata = without(metadata, new Set(['position']));
  return {
    ...claimed,
    name: names.map(textOf).find(Boolean) ?? type,
    type,
    ...present({ position: place }),
    body,
    item: node,
  };
}

function readLink(link: JsonObject, site: EdgeSite, idOf: (end: string) => string): ReadEdge[] {
  const [source, target] = endsOf(link);
  if (source === undefined || target === undefined) return [];
  return [
    {
      source: idOf(source),
      source_port: textOf(link.source_name) ?? null,
      target: idOf(target),
      target_port: textOf(link.sink_name) ?? null,
      body: without(link, NOT_CONTENT_OF_LINK),
      site,
    },
  ];
}
