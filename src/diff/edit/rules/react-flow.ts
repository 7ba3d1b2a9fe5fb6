import type { ReadEdge } from '../../dialects/graph';
import { ENDS, SOURCES, TARGETS } from '../../dialects/node-link';
import { textOf } from '../../exact-json';
import { isObject, type Json, type JsonObject } from '../../json';
import type { Editing, EditRules } from '../edit-rules';

const GRAPH = ['nodes', 'edges', 'elements'];

/** React Flow and its products: nodes and edges in two lists, ends and handles by the node's id. */
export const reactFlowRules: EditRules = {
  ends: ['source', 'target', 'sourceHandle', 'targetHandle'],
  structure: (_, { type, role }) => (type === 'graph' && role === 'sheet' ? GRAPH : []),

  settle(to, node, item) {
    const data = to.edits.get(item, 'data');
    const [old, now] = [to.oldRawId(node.id), to.rawId(node.id)];
    if (
      isObject(data) &&
      old !== undefined &&
      now !== undefined &&
      to.edits.get(data, 'id') === old &&
      old !== now
    )
      to.edits.set(data, 'id', now);
    const parent = node.within && to.rawId(node.within);
    for (const name of ['parentId', 'parentNode']) {
      const present = to.edits.get(item, name);
      if (typeof present === 'string' && parent && present !== parent) to.edits.set(item, name, parent);
    }
  },

  settleEdge(to, edge, { holder, key }) {
    if (!Array.isArray(holder)) return;
    const item = to.edits.items(holder)[Number(key)];
    if (!isObject(item)) return;
    for (const [member, end] of [
      ['source', edge.source],
      ['target', edge.target],
    ] as const) {
      const [old, now] = [to.oldRawId(end), to.rawId(end)];
      if (now === undefined || old === now) continue;
      to.edits.set(item, member, now);
      const [before, after] = [textOf(old) ?? '', textOf(now) ?? ''];
      renameHandle(to, item, `${member}Handle`, before, after);
      const data = to.edits.get(item, 'data');
      if (isObject(data)) renameHandle(to, data, `${member}Handle`, before, after);
    }
    freeId(to, item, holder);
  },
};

/** Flowise's handles begin with the node's id, Langflow's hold it between `œ`. */
function renameHandle(to: Editing, item: JsonObject, name: string, before: string, after: string): void {
  const handle = to.edits.get(item, name);
  if (typeof handle === 'string') {
    const renamed = handle.startsWith(`${before}-`)
      ? after + handle.slice(before.length)
      : handle.replaceAll(`œ${before}œ`, `œ${after}œ`);
    if (renamed !== handle) to.edits.set(item, name, renamed);
  } else if (isObject(handle) && to.edits.get(handle, 'id') === before) to.edits.set(handle, 'id', after);
}

/** The ids of edges in the lists that edges were added to. */
const EDGE_IDS = new WeakMap<Json[], Set<Json | undefined>>();

/** Edges have ids of their own, which only have to be unique. */
function freeId(to: Editing, item: JsonObject, list: Json[]): void {
  const id = to.edits.get(item, 'id');
  if (typeof id !== 'string') return;
  let used = EDGE_IDS.get(list);
  if (used === undefined) {
    used = new Set();
    EDGE_IDS.set(list, used);
    for (const edge of to.edits.items(list)) if (edge !== item && isObject(edge)) used.add(edge.id);
  }
  let free = id;
  for (let number = 2; used.has(free); number++) free = `${id}-${number}`;
  if (free !== id) to.edits.set(item, 'id', free);
  used.add(free);
}

/** `{nodes, links}`: the same with other names; ends may be ids, or nodes in full. */
export const nodeLinkRules: EditRules = {
  ends: ENDS,
  structure: (_, { type, role }) => (type === 'graph' && role === 'sheet' ? ['nodes', 'links', 'edges'] : []),
  settle: () => undefined,

  settleEdge(to, edge: ReadEdge, { holder, key }) {
    const item = Array.isArray(holder) ? to.edits.items(holder)[Number(key)] : undefined;
    if (!isObject(item) || !Array.isArray(holder)) return;
    for (const [names, end] of [
      [SOURCES, edge.source],
      [TARGETS, edge.target],
    ] as const) {
      const [old, now] = [to.oldRawId(end), to.rawId(end)];
      if (now === undefined || old === now) continue;
      for (const name of names) if (to.edits.get(item, name) !== undefined) to.edits.set(item, name, now);
    }
    freeId(to, item, holder);
  },
};
