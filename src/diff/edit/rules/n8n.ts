import type { GraphNode } from '../../dialects/graph';
import { isObject, type Json, type JsonObject } from '../../json';
import type { Editing, EditRules } from '../edit-rules';

const GRAPH = ['nodes', 'connections'];
/** Connections and expressions of other nodes refer to a node by its name: a present one keeps it. */
const NAME = ['name'];

/** n8n: connections by the names of nodes, which are unique. */
export const n8nRules: EditRules = {
  ends: ['node', 'type', 'index'],
  structure: (_, { type, role }) => (type === 'graph' && role === 'sheet' ? GRAPH : NAME),

  settle(to, node, item) {
    if (!to.added.has(node.id) || node.role === 'sheet') return;
    const name = to.edits.get(item, 'name');
    if (typeof name !== 'string') return;
    const used = otherNames(to, item);
    const free = freeName(name, used);
    used.add(free);
    if (free !== name) to.edits.set(item, 'name', free);
  },

  step(now, edits, edge, path, index) {
    const step = path[index] ?? '';
    if (index !== 1 || path[0] !== 'connections') return step;
    const source = now(edge.source);
    const name = source && edits.get(source, 'name');
    return typeof name === 'string' ? name : step;
  },

  settleEdge(to, edge, { holder, key }) {
    const item = Array.isArray(holder) ? to.edits.items(holder)[Number(key)] : undefined;
    const name = nameOf(to, edge.target);
    if (isObject(item) && name !== undefined && to.edits.get(item, 'node') !== name)
      to.edits.set(item, 'node', name);
  },

  reverting(to, { before, after, now }, merge) {
    const [old, was] = [before.item?.name, after.item?.name];
    const item = now.item;
    if (item === undefined || old === was || typeof old !== 'string' || now.role === 'sheet') return;
    const is = to.edits.get(item, 'name');
    if (is === old) return;
    const path = `${after.id}/name`;
    if (is !== was) merge.obstacles.push({ field: path, message: 'was changed again since' });
    else if (to.target.document.nodes.some(({ item: other }) => other !== item && other?.name === old))
      merge.obstacles.push({ field: path, message: 'the old name belongs to another node now' });
    else rename(to, now, old);
  },

  removed(to, { item }) {
    const connections = item && connectionsOf(to, item);
    const name = item && to.edits.get(item, 'name');
    if (isObject(connections) && typeof name === 'string' && to.edits.get(connections, name) !== undefined)
      to.edits.remove(connections, name);
  },
};

/** Renames a present node where connections refer to it, as n8n does it. */
function rename(to: Editing, { id, item = {} }: GraphNode, name: string): void {
  const connections = connectionsOf(to, item);
  if (isObject(connections) && typeof item.name === 'string') to.edits.rename(connections, item.name, name);
  to.edits.set(item, 'name', name);
  for (const edge of to.target.document.edges) {
    const target = edge.target === id ? to.target.elementOf(edge.site) : null;
    if (isObject(target)) to.edits.set(target, 'node', name);
  }
}

function connectionsOf(to: Editing, item: JsonObject): Json | undefined {
  const graph = to.target.document.graphs[to.target.graphIndexOf(item)]?.value;
  return isObject(graph) ? to.edits.get(graph, 'connections') : undefined;
}

function nameOf(to: Editing, id: string): string | undefined {
  const item = to.now(id);
  const name = item && to.edits.get(item, 'name');
  return typeof name === 'string' ? name : undefined;
}

/** The names in the lists that nodes were added to. */
const NAMES = new WeakMap<object, Set<Json | undefined>>();

/** The names of the other nodes in the list that the item was added to. */
function otherNames(to: Editing, item: JsonObject): Set<Json | undefined> {
  const place = to.edits.spans.parentOf(item);
  const list = place && to.places.counterpart(place.container as Json[]);
  if (!Array.isArray(list)) return new Set();
  let names = NAMES.get(list);
  if (names === undefined) {
    const coming = new Set<Json | undefined>([...to.added.values()].map((node) => node.item));
    const others = to.edits.items(list).filter((other) => !coming.has(other));
    names = new Set(others.map((other) => (isObject(other) ? to.edits.get(other, 'name') : undefined)));
    NAMES.set(list, names);
  }
  return names;
}

/** As n8n does it: `Set`, `Set1`, `Set2`. */
function freeName(name: string, used: ReadonlySet<Json | undefined>): string {
  if (!used.has(name)) return name;
  for (let count = 1; ; count++) if (!used.has(`${name}${count}`)) return `${name}${count}`;
}
