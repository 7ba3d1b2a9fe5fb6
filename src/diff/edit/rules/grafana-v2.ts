import type { GraphNode } from '../../dialects/graph';
import { isObject, objectOf, type Json, type JsonObject } from '../../json';
import { notEditable } from '../edit-refused.error';
import type { Editing, EditRules } from '../edit-rules';
import { mergeMembers } from '../merge-values';

const SPEC = ['spec'];
const GRAPH = ['elements', 'layout'];
/** What a row or tab holds; the rest of its `spec` is its own. */
const HELD = new Set(['layout', 'elements']);
const LISTS = new Set(['items', 'rows', 'tabs']);

/** Grafana's schema v2: elements by name, and a layout whose items name them. */
export const grafanaV2Rules: EditRules = {
  ends: [],
  structure: (_, { role, type }) => (role !== 'sheet' ? [] : type === 'graph' ? GRAPH : SPEC),

  settle(to, node) {
    const { placement } = node;
    if (placement === undefined || !to.added.has(node.id)) return;
    const reference = objectOf(objectOf(placement.spec).element);
    const name = to.rawId(node.id);
    if (typeof name === 'string' && reference.name !== name) to.edits.set(reference, 'name', name);
    if (!to.isAdded(placement)) place(to, placement);
  },

  settleEdge: () => undefined,

  overwriting(to, node, present) {
    if (node.role === 'sheet') return overwritePart(to, node, present);
    const { placement: old } = node;
    const { placement: now } = present;
    if (old === undefined || now === undefined) {
      if (old !== now) throw notEditable('an element is not in the layout on one side');
      return;
    }
    if (old.kind !== now.kind) throw notEditable('the kind of the layout was changed');
    to.overwriteMembers(objectOf(old.spec), objectOf(now.spec), new Set(['element']));
    move(to, old, now);
  },

  reverting(to, { before, after, now }, merge) {
    const at = { path: after.id, except: before.role === 'sheet' ? HELD : new Set(['element']) };
    const pick = ({ role, item, placement }: GraphNode): JsonObject | undefined => {
      const spec = (role === 'sheet' ? item : placement)?.spec;
      return isObject(spec) ? spec : undefined;
    };
    const [a, b, p] = [pick(before), pick(after), pick(now)];
    if (a !== undefined && b !== undefined && p !== undefined)
      mergeMembers(merge, { before: a, after: b }, p, at);
    if (before.placement !== undefined && now.placement !== undefined && before.sheet !== after.sheet)
      move(to, before.placement, now.placement);
  },

  removed(to, { placement }) {
    if (placement !== undefined) takeOut(to, placement);
  },
};

function overwritePart(to: Editing, { item }: GraphNode, { item: now }: GraphNode): void {
  const [old, present] = [objectOf(item?.spec), objectOf(now?.spec)];
  to.overwriteMembers(old, present, HELD);
  const [layout, inner] = [objectOf(old.layout), objectOf(present.layout)];
  if (layout.kind !== inner.kind) throw notEditable('the kind of a layout was changed');
  if (isObject(layout.spec) && isObject(inner.spec)) to.overwriteMembers(layout.spec, inner.spec, LISTS);
}

/** Puts a layout item where its neighbours are. */
function place(to: Editing, placement: JsonObject): void {
  const list = listAt(to, placement);
  if (list === undefined) throw notEditable('the layout is built in another way');
  const [first] = to.edits.items(list.into);
  if (isObject(first) && first.kind !== placement.kind)
    throw notEditable('the kind of the layout was changed');
  to.edits.insert(list.into, to.places.indexOf({ holder: list.from, key: list.key }, list.into), placement);
}

function move(to: Editing, old: JsonObject, now: JsonObject): void {
  const list = listAt(to, old);
  if (list === undefined || list.into === to.edits.spans.parentOf(now)?.container) return;
  takeOut(to, now);
  to.edits.insert(list.into, to.places.indexOf({ holder: list.from, key: list.key }, list.into), now);
}

function listAt(to: Editing, placement: JsonObject): { from: Json[]; key: number; into: Json[] } | undefined {
  const parent = to.edits.spans.parentOf(placement);
  const from = parent?.container as Json[] | undefined;
  if (parent === undefined || !Array.isArray(from)) return undefined;
  const into = to.places.counterpart(from);
  return Array.isArray(into) ? { from, key: Number(parent.key), into } : undefined;
}

function takeOut(to: Editing, placement: JsonObject): void {
  const parent = to.edits.spans.parentOf(placement);
  if (parent === undefined) return;
  const container = parent.container as Json[] | JsonObject;
  to.places.takeOut({ container, key: parent.key, element: placement });
}
