import { ownMember } from '../../platform/hardening/own-member';
import { textOf } from '../exact-json';
import { isObject, listOf, numberOf, objectOf, without, type Json, type JsonObject } from '../json';
import { pointOf, present, sizeOf } from './geometry';
import type { Dialect, EdgeSite, GraphNode, ReadEdge, ReadGraph, Size } from './graph';
import type { Scope } from './scope';

/** Identity, place, and what the editor keeps about the view. */
const NOT_CONTENT = new Set([
  ...[
    'id',
    'position',
    'positionAbsolute',
    'width',
    'height',
    'measured',
    'selected',
    'dragging',
    'resizing',
  ],
  ...['parentId', 'parentNode', 'handleBounds', 'internals', 'initialWidth', 'initialHeight'],
]);
const NOT_CONTENT_OF_EDGE = new Set(['id', 'source', 'target', 'sourceHandle', 'targetHandle', 'selected']);
/** Langflow and Flowise keep what the handles say in the edge's data, too; it holds the nodes' ids. */
const NOT_CONTENT_OF_EDGE_DATA = new Set(['sourceHandle', 'targetHandle']);
const NOT_REST = new Set(['nodes', 'edges']);
const NOT_REST_OF_ELEMENTS = new Set(['elements']);
const EXTENT = new Set(['width', 'height']);
/** What a node is taken for of which only one extent is known. */
const USUAL: Size = { width: 150, height: 40 };

/** `type` values that only say "drawn by our own component"; the data of the node says what it is. */
const WRAPPER_TYPES = new Set(['genericNode', 'customNode', 'custom', 'agentFlow']);

/** Types of nodes that hold text for people, and of frames round others, across the products. */
const NOTE = /^(?:note|noteNode|stickyNote|sticky-note|sticky|custom-note|annotation|comment)$/i;
const FRAME = /^(?:group|groupNode|frame|subflow)$/i;

/**
 * React Flow's `toObject()` form: `nodes` and `edges`, and `elements` or only their list in version 9; Langflow, Flowise
 * and Dify build on it.
 */
export const reactFlow: Dialect = {
  name: 'react-flow',
  isGraph: (value) =>
    isElements(value) || (isObject(value) && (isElements(value.elements) || areNodesAndEdges(value))),
  read: (value, scope) => {
    if (Array.isArray(value)) return readReactFlow({ elements: value }, scope);
    return readReactFlow(objectOf(value), scope);
  },
};

/** Edges that name their ends in another way are not React Flow's. */
function areNodesAndEdges({ nodes, edges }: JsonObject): boolean {
  if (!Array.isArray(nodes) || !Array.isArray(edges)) return false;
  if (nodes.length > 0 && nodes.every(isOfCanvas)) return false;
  const named = nodes.length === 0 || nodes.some((node) => !isObject(node) || node.id !== undefined);
  return named && (edges.length === 0 || edges.some((edge) => !isObject(edge) || isEdge(edge)));
}

/** JSON Canvas, which may have no edges that would tell. */
function isOfCanvas(node: Json): boolean {
  const { type, x, y, position, data } = objectOf(node);
  const isCanvasType = ['text', 'file', 'link', 'group'].includes(textOf(type) ?? '');
  return (
    isCanvasType &&
    position === undefined &&
    data === undefined &&
    pointOf({ x: x ?? null, y: y ?? null }) !== undefined
  );
}

function isEdge({ source, target }: JsonObject): boolean {
  return textOf(source) !== undefined && textOf(target) !== undefined;
}

function isElements(value: Json | undefined): value is JsonObject[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const each = (item: Json): boolean => isObject(item) && (isEdge(item) || isObject(item.position));
  return (
    value.every(each) && value.some((item) => isObject(item) && isObject(item.position) && !('z' in item))
  );
}

function readReactFlow(graph: JsonObject, scope: Scope): ReadGraph {
  const elements = Array.isArray(graph.elements) && !Array.isArray(graph.nodes) ? graph.elements : undefined;
  const inList = (item: Json): item is JsonObject =>
    isObject(item) && (elements === undefined || !isEdge(item));
  const items = (elements ?? listOf(graph.nodes)).filter(inList);
  const claimed = items.map((node) => scope.claim(node.id));
  const parents = new Set(items.map(parentOf));
  const nodes = items.map((node, index): GraphNode => {
    const within = parentOf(node);
    const isParent = parents.has(textOf(node.id));
    return {
      ...readNode(node, isParent),
      ...(claimed[index] ?? { id: '' }),
      item: node,
      ...present({ within: within === undefined ? undefined : scope.resolve(within) }),
    };
  });
  const list = elements ?? listOf(graph.edges);
  const edges = list.flatMap((edge, key) =>
    isObject(edge) && (elements === undefined || isEdge(edge))
      ? readEdge(edge, { holder: list, key }, scope)
      : [],
  );
  return { nodes, edges, rest: without(graph, elements === undefined ? NOT_REST : NOT_REST_OF_ELEMENTS) };
}

function parentOf(node: JsonObject): string | undefined {
  return textOf(node.parentId) ?? textOf(node.parentNode);
}

function readNode(node: JsonObject, isParent: boolean): Omit<GraphNode, 'id'> {
  const data = objectOf(node.data);
  const type = typeOf(node, data);
  const outer = textOf(node.type) ?? '';
  const note = [outer, type].some((name) => NOTE.test(name)) ? noteOf(data) : undefined;
  const own = ownSize(node, data);
  return {
    name: nameOf(data) ?? type,
    type,
    ...present({
      position: pointOf(node.position),
      size: own,
      openSize: isParent && own !== undefined && isOpen(node, data) ? (true as const) : undefined,
      measured: own === undefined ? measuredSize(node) : undefined,
      role:
        note !== undefined
          ? ('note' as const)
          : isParent || FRAME.test(outer)
            ? ('frame' as const)
            : undefined,
      display: displayOf(node, data),
      collapsed: isCollapsed(node, data) ? (true as const) : undefined,
      note,
    }),
    body: bodyOf(node, data),
  };
}

/**
 * Version 12 stores measured sizes in `measured`; `width` and `height` next to it are set by the author, as in `style`,
 * and as in `data` by Dify. Where only one of the two is set, the other is as it was measured.
 */
function ownSize(node: JsonObject, data: JsonObject): Size | undefined {
  const measured = measuredSize(node) ?? USUAL;
  const [width, height] = ownExtents(node, data);
  if (width === undefined && height === undefined) return undefined;
  return sizeOf({ width: width ?? measured.width, height: height ?? measured.height });
}

function ownExtents(node: JsonObject, data: JsonObject): (number | undefined)[] {
  const style = objectOf(node.style);
  const own = isObject(node.measured) ? node : {};
  const repeated = repeatsSize(node, data) ? data : {};
  return (['width', 'height'] as const).map(
    (name) => pixels(style[name]) ?? pixels(own[name]) ?? pixels(repeated[name]),
  );
}

/** One extent is not set, and none is measured. */
function isOpen(node: JsonObject, data: JsonObject): boolean {
  return measuredSize(node) === undefined && ownExtents(node, data).includes(undefined);
}

function measuredSize(node: JsonObject): Size | undefined {
  const initial = { width: node.initialWidth ?? null, height: node.initialHeight ?? null };
  return sizeOf(node.measured) ?? sizeOf(node) ?? sizeOf(initial);
}

function repeatsSize(node: JsonObject, data: JsonObject): boolean {
  return sizeOf(data) !== undefined && data.width === node.width && data.height === node.height;
}

/** An extent as a number or as `"200px"`. */
function pixels(value: Json | undefined): number | undefined {
  if (typeof value !== 'string') return numberOf(value);
  const digits = /^(\d{1,6}(?:\.\d+)?)(?:px)?$/.exec(value)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function displayOf(node: JsonObject, data: JsonObject): GraphNode['display'] {
  if (node.hidden === true) return 'disabled';
  return data.disabled === true || data.enabled === false || data.frozen === true ? 'disabled' : undefined;
}

/** Langflow says `showNode`. */
function isCollapsed({ collapsed }: JsonObject, data: JsonObject): boolean {
  return [collapsed, data.collapsed, data._collapsed].includes(true) || data.showNode === false;
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

/** Where the products keep a note's text; Dify's is Lexical's tree as JSON. */
function noteOf(data: JsonObject): string {
  const candidates = [
    objectOf(data.inputs).note,
    objectOf(data.node).description,
    data.text,
    data.note,
    data.content,
  ];
  for (const candidate of [...candidates, data.description, data.label]) {
    const text = textOf(candidate);
    if (text) return text.startsWith('{"root"') ? lexicalText(text) : text;
  }
  return '';
}

function lexicalText(json: string): string {
  return [...json.matchAll(/"text":"((?:[^"\\]|\\.)*)"/g)]
    .slice(0, 200)
    .map(([, text = '']) => JSON.parse(`"${text}"`) as string)
    .join(' ');
}

/** Langflow and Flowise repeat the node's id, and Dify the selection, inside `data`. */
function bodyOf(node: JsonObject, data: JsonObject): JsonObject {
  const body = without(node, NOT_CONTENT);
  if (isObject(node.style)) {
    const extents = [...EXTENT].filter((name) => pixels(ownMember(objectOf(node.style), name)) !== undefined);
    body.style = without(node.style, new Set(extents));
    if (Object.keys(body.style).length === 0) delete body.style;
  }
  if (!isObject(node.data)) return body;
  const repeated = new Set(['selected']);
  if (data.id === node.id) repeated.add('id');
  if (repeatsSize(node, data)) for (const name of EXTENT) repeated.add(name);
  return { ...body, data: without(data, repeated) };
}

function readEdge(edge: JsonObject, site: EdgeSite, scope: Scope): ReadEdge[] {
  const source = textOf(edge.source);
  const target = textOf(edge.target);
  if (source === undefined || target === undefined) return [];
  const body = without(edge, NOT_CONTENT_OF_EDGE);
  if (isObject(edge.data)) body.data = without(edge.data, NOT_CONTENT_OF_EDGE_DATA);
  return [
    {
      source: scope.resolve(source),
      source_port: portOf(edge.sourceHandle, source),
      target: scope.resolve(target),
      target_port: portOf(edge.targetHandle, target),
      body,
      site,
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
