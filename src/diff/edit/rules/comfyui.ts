import type { ReadEdge } from '../../dialects/graph';
import { textOf } from '../../exact-json';
import { isObject, listOf, type Json, type JsonObject } from '../../json';
import type { Editing, EditRules } from '../edit-rules';
import { hasLinks, overwriteSlots, slotIndex, unlink } from './comfyui-slots';

const NODE = ['inputs', 'outputs', 'order'];
const SHEET = [
  ...['nodes', 'links', 'groups', 'reroutes', 'definitions', 'extra', 'state', 'revision'],
  ...['last_node_id', 'last_link_id', 'inputNode', 'outputNode', 'inputs', 'outputs'],
];
const NO_SLOT = 'One of its nodes has no such input or output now.';
const TAKEN = 'Its input has another connection now.';

/** ComfyUI's editor form: a table of links, whose numbers the slots of nodes repeat. */
export const comfyUiRules: EditRules = {
  ends: ['origin_id', 'origin_slot', 'target_id', 'target_slot', 'parentId'],
  idsOfSheets: true,
  wholeSheets: true,

  structure: (_, { role }) =>
    role === 'sheet' ? SHEET : role === undefined || role === 'note' ? NODE : ['linkIds'],

  needs: ({ item }, { item: definition }) => item?.type !== undefined && item.type === definition?.id,

  overwriting(to, { item, role }, { item: now }) {
    if (
      item === undefined ||
      now === undefined ||
      (role !== undefined && role !== 'note' && role !== 'sheet')
    )
      return;
    for (const side of ['inputs', 'outputs'] as const) overwriteSlots(to, item, now, side);
  },

  reverting(to, { before, after, now }, merge) {
    for (const side of ['inputs', 'outputs'] as const) {
      const [a, b, p] = [before.body[side], after.body[side], now.body[side]];
      if (a === undefined || b === undefined || merge.same(a, b)) continue;
      if (p === undefined || !merge.same(b, p))
        merge.obstacles.push({ field: `${after.id}/${side}`, message: 'was changed again since' });
      else if (before.item !== undefined && now.item !== undefined)
        overwriteSlots(to, before.item, now.item, side);
    }
  },

  settle(to, node, item) {
    if (!to.added.has(node.id)) return;
    if (node.role === 'point' && hasLinks(to, item)) clearList(to, to.edits.get(item, 'linkIds'));
    const links = linksOf(to.source.graphOf(node));
    if (node.role === 'sheet' || (links !== undefined && to.isAdded(links))) return;
    for (const side of ['inputs', 'outputs'] as const)
      for (const slot of listOf(to.edits.get(item, side))) if (isObject(slot)) unlink(to, slot);
  },

  settleEdge: () => undefined,

  connect(to, edge) {
    const link = to.source.elementOf(edge.site);
    const ends = endsOf(link);
    const links = to.places.counterpart(edge.site.holder);
    const [from, into] = [slotsOf(to, edge.source, 'outputs'), slotsOf(to, edge.target, 'inputs')];
    if (ends === undefined || !Array.isArray(links)) return NO_SLOT;
    const output = slotIndex(
      to,
      to.source.item(edge.source),
      from,
      'outputs',
      ends.output,
      isPort(to, edge.source),
    );
    const input = slotIndex(
      to,
      to.source.item(edge.target),
      into,
      'inputs',
      ends.input,
      isPort(to, edge.target),
    );
    const [source, target] = [from?.[output], into?.[input]];
    if (!isObject(source) || !isObject(target)) return NO_SLOT;
    const single = to.edits.get(target, 'link');
    if (single !== undefined && single !== null) return TAKEN;
    const id = freeLink(to, links, ends.id);
    writeLink(to, link, { id, source: to.rawId(edge.source), output, target: to.rawId(edge.target), input });
    to.edits.insert(links, to.places.indexOf(edge.site, links), link);
    note(to, source, 'links', id);
    note(to, target, 'link', id);
    if (isObject(link)) keepPoints(to, edge, link, id);
    raiseCounters(to, id, ['last_link_id', 'lastLinkId']);
    return undefined;
  },

  disconnected(to, edge) {
    const id = endsOf(to.target.elementOf(edge.site))?.id;
    if (id === undefined) return;
    for (const [end, side] of [
      [edge.source, 'outputs'],
      [edge.target, 'inputs'],
    ] as const) {
      const node = to.target.node(end);
      const item = node && (node.role === 'port' ? to.target.graphOf(node) : node.item);
      const slots = item && to.edits.get(item, node?.role === 'port' ? opposite(side) : side);
      for (const slot of listOf(slots)) if (isObject(slot)) unlink(to, slot, id);
    }
    for (const via of edge.via ?? []) {
      const point = to.target.node(via)?.item;
      if (point !== undefined) unlink(to, point, id);
    }
  },

  finish(to) {
    for (const { id, role } of to.added.values())
      if (role === undefined || role === 'note')
        raiseCounters(to, to.rawId(id), ['last_node_id', 'lastNodeId']);
  },
};

interface Ends {
  id: Json;
  output: number;
  input: number;
}

function endsOf(link: Json): Ends | undefined {
  const [id, output, input] = isObject(link)
    ? [link.id, link.origin_slot, link.target_slot]
    : [listOf(link)[0], listOf(link)[2], listOf(link)[4]];
  if (id === undefined || typeof output !== 'number' || typeof input !== 'number') return undefined;
  return { id, output, input };
}

function isPort(to: Editing, id: string): boolean {
  return to.source.node(id)?.role === 'port';
}

const opposite = (side: 'inputs' | 'outputs'): 'inputs' | 'outputs' =>
  side === 'inputs' ? 'outputs' : 'inputs';

/** The slots of a node in the target; those of a subgraph's edge are the subgraph's own. */
function slotsOf(to: Editing, id: string, side: 'inputs' | 'outputs'): Json[] | undefined {
  const item = to.now(id);
  if (item === undefined) return undefined;
  const holder = isPort(to, id) ? to.sheetNow(id) : item;
  const slots = holder && to.edits.get(holder, isPort(to, id) ? opposite(side) : side);
  return Array.isArray(slots) ? to.edits.items(slots) : undefined;
}

function linksOf(graph: JsonObject | undefined): Json[] | undefined {
  return Array.isArray(graph?.links) ? graph.links : undefined;
}

/** Numbers of links are unique within a sheet. */
function freeLink(to: Editing, links: Json[], wanted: Json): Json {
  const ids = to.edits
    .items(links)
    .map((link) => (isObject(link) ? to.edits.get(link, 'id') : listOf(link)[0]));
  const used = new Set(ids.map((id) => textOf(id)));
  if (!used.has(textOf(wanted))) return wanted;
  const numbers = ids.filter((id) => typeof id === 'number');
  return Math.max(0, ...numbers) + 1;
}

function writeLink(
  to: Editing,
  link: Json,
  ends: { id: Json; source: Json | undefined; output: number; target: Json | undefined; input: number },
): void {
  const members = [
    ['id', 0, ends.id],
    ['origin_id', 1, ends.source],
    ['origin_slot', 2, ends.output],
    ['target_id', 3, ends.target],
    ['target_slot', 4, ends.input],
  ] as const;
  for (const [name, at, value] of members) {
    if (value === undefined) continue;
    if (isObject(link)) to.setMember(link, name, value);
    else if (Array.isArray(link) && link[at] !== value) to.edits.replace(link, at, value);
  }
}

/** Writes a link's number at a slot. */
function note(to: Editing, slot: JsonObject, kind: 'link' | 'links', id: Json): void {
  const linkIds = to.edits.get(slot, 'linkIds');
  if (Array.isArray(linkIds)) return void to.edits.insert(linkIds, to.edits.items(linkIds).length, id);
  if (kind === 'link') return to.edits.set(slot, 'link', id);
  const list = to.edits.get(slot, 'links');
  if (Array.isArray(list)) to.edits.insert(list, to.edits.items(list).length, id);
  else to.edits.set(slot, 'links', [id]);
}

/** A link keeps the points through which it ran if all of them are there. */
function keepPoints(to: Editing, { via = [] }: ReadEdge, link: JsonObject, id: Json): void {
  if (to.edits.get(link, 'parentId') === undefined) return;
  const points = via.map((point) => to.now(point));
  const last = to.rawId(via.at(-1) ?? '');
  if (last === undefined || points.some((point) => point === undefined))
    return to.edits.remove(link, 'parentId');
  to.setMember(link, 'parentId', last);
  for (const point of points) if (point !== undefined) note(to, point, 'links', id);
}

function clearList(to: Editing, list: Json | undefined): void {
  if (!Array.isArray(list)) return;
  for (let at = to.edits.items(list).length; at > 0; at--) to.edits.take(list, at - 1);
}

/** The editor numbers new nodes and links from its counters on. */
function raiseCounters(to: Editing, id: Json | undefined, [name, inState]: readonly [string, string]): void {
  const graph = to.target.document.graphs[0]?.value;
  if (typeof id !== 'number' || !isObject(graph)) return;
  raise(to, graph, name, id);
  const state = to.edits.get(graph, 'state');
  if (isObject(state)) raise(to, state, inState, id);
}

function raise(to: Editing, holder: JsonObject, name: string, id: number): void {
  const counter = to.edits.get(holder, name);
  if (typeof counter === 'number' && counter < id) to.edits.set(holder, name, id);
}
