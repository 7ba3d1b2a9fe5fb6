import type { GraphNode, ReadEdge } from '../../dialects/graph';
import { textOf } from '../../exact-json';
import { isObject, type Json, type JsonObject } from '../../json';
import type { Editing, EditRules } from '../edit-rules';

const INNER = ['nodes', 'configs', 'subflows'];
const STRUCTURE = new Map<Json | undefined, readonly string[]>(
  Object.entries({
    tab: INNER,
    subflow: ['in', 'out', 'status', ...INNER],
    group: ['nodes'],
    'link in': ['wires', 'links'],
    'link out': ['wires', 'links'],
    'link call': ['wires', 'links'],
  }),
);
const WIRES = ['wires'];

/** Node-RED: wires in the nodes, `z` and `g` for tab and group, groups that list their members. */
export const nodeRedRules: EditRules = {
  ends: ['id', 'port'],
  structure: (item, { role, type }) => {
    if (role === 'sheet' && type === 'graph') return INNER;
    return (role === 'port' ? undefined : STRUCTURE.get(item.type)) ?? WIRES;
  },

  needs: ({ item }, { item: other }) =>
    other?.type === 'subflow' && item?.type === `subflow:${textOf(other.id)}`,

  settle(to, node, item) {
    if (node.role === 'port') return;
    setReference(to, item, 'z', node.sheet);
    const group = node.containers?.[0];
    setReference(to, item, 'g', group);
    if (group !== undefined) addTo(to, group, 'nodes', to.rawId(node.id));
    if (!to.added.has(node.id)) return;
    if (item.type === 'group')
      keepOnly(to, item, 'nodes', (other) => other.containers?.includes(node.id) === true);
    if (item.type === 'link in') keepOnly(to, item, 'links', () => true);
  },

  settleEdge(to, edge, { holder, key }) {
    const list = Array.isArray(holder) ? holder : [];
    const value = to.edits.items(list)[Number(key)];
    const other = to.source.node(edge.target)?.role === 'port' ? edge.source : edge.target;
    const id = to.rawId(other);
    if (id === undefined) return;
    if (isObject(value) && to.edits.get(value, 'id') !== id) to.edits.set(value, 'id', id);
    else if (typeof value === 'string' && value !== id) to.edits.replace(list, Number(key), id);
  },

  connected(to, edge: ReadEdge) {
    if (edge.virtual) addTo(to, edge.target, 'links', to.rawId(edge.source));
  },

  disconnected(to, edge) {
    const [source, target] = [to.target.node(edge.source)?.item, to.target.node(edge.target)?.item];
    if (edge.virtual && target !== undefined) takeFrom(to, target, 'links', source?.id);
  },

  overwriting(to, node, present) {
    const [was] = present.containers ?? [];
    const now = node.containers?.[0];
    const group = was === undefined ? undefined : to.target.node(was)?.item;
    if (group !== undefined && (now === undefined || to.now(now) !== group))
      takeFrom(to, group, 'nodes', present.item?.id);
  },

  reverting(to, { before, after, now }) {
    const [old, was] = [before.containers?.[0], after.containers?.[0]];
    if (old === was || before.role === 'port') return;
    const group = to.target.item(now.containers?.[0] ?? '');
    if (group !== undefined && was !== undefined) takeFrom(to, group, 'nodes', now.item?.id);
    if (old !== undefined) addTo(to, old, 'nodes', now.item?.id);
  },

  removed(to, { item, containers = [] }) {
    const group = to.target.node(containers[0] ?? '')?.item;
    if (group !== undefined) takeFrom(to, group, 'nodes', item?.id);
  },
};

function setReference(to: Editing, item: JsonObject, name: string, id: string | undefined): void {
  const raw = id === undefined ? undefined : to.rawId(id);
  const present = to.edits.get(item, name);
  if (raw !== undefined && typeof present === 'string' && present !== raw) to.edits.set(item, name, raw);
}

function addTo(to: Editing, id: string, name: string, raw: Json | undefined): void {
  const item = to.now(id);
  const list = item && to.edits.get(item, name);
  if (Array.isArray(list) && raw !== undefined && !to.edits.items(list).includes(raw))
    to.edits.insert(list, to.edits.items(list).length, raw);
}

function takeFrom(to: Editing, item: JsonObject, name: string, raw: Json | undefined): void {
  const list = to.edits.get(item, name);
  const at = Array.isArray(list) ? to.edits.items(list).indexOf(raw ?? null) : -1;
  if (Array.isArray(list) && at !== -1) to.edits.take(list, at);
}

/** Of the ids in a list of an added node, keeps those of nodes that are there. */
function keepOnly(to: Editing, item: JsonObject, name: string, fits: (node: GraphNode) => boolean): void {
  const list = to.edits.get(item, name);
  if (!Array.isArray(list)) return;
  const nodes = new Map(to.source.document.nodes.map((node) => [to.oldRawId(node.id), node]));
  for (let index = list.length - 1; index >= 0; index--) {
    const node = nodes.get(list[index]);
    const id = node && to.rawId(node.id);
    if (node === undefined || id === undefined || !fits(node)) to.edits.take(list, index);
    else if (id !== list[index]) to.edits.replace(list, index, id);
  }
}
