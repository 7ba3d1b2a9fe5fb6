import { textOf } from '../../exact-json';
import { isObject, listOf, type Json, type JsonObject } from '../../json';
import type { Editing } from '../edit-rules';
import { notEditable } from '../edit-refused.error';

type SlotSide = 'inputs' | 'outputs';

const LINKS = new Set(['link', 'links', 'linkIds', 'slot_index']);

/** Whether a slot or a point names links. */
export function hasLinks(to: Editing, slot: JsonObject): boolean {
  const { link, links, linkIds } = {
    link: to.edits.get(slot, 'link'),
    links: to.edits.get(slot, 'links'),
    linkIds: to.edits.get(slot, 'linkIds'),
  };
  if (link !== undefined && link !== null) return true;
  return [links, linkIds].some((list) => Array.isArray(list) && to.edits.items(list).length > 0);
}

/** Removes all links from a slot, or the one with the number. */
export function unlink(to: Editing, slot: JsonObject, id?: Json): void {
  const link = to.edits.get(slot, 'link');
  if (link !== undefined && link !== null && (id === undefined || link === id))
    to.edits.set(slot, 'link', null);
  for (const name of ['links', 'linkIds'] as const) {
    const list = to.edits.get(slot, name);
    if (!Array.isArray(list)) continue;
    for (let at = to.edits.items(list).length - 1; at >= 0; at--)
      if (id === undefined || to.edits.items(list)[at] === id) to.edits.take(list, at);
  }
}

/**
 * Gives a node the slots of the old one, with the present links. Slots with links must have kept their names and
 * numbers: a link names a slot by its number.
 */
export function overwriteSlots(to: Editing, item: JsonObject, now: JsonObject, side: SlotSide): void {
  const [old, present] = [item[side], to.edits.get(now, side)];
  if (!Array.isArray(old) && !Array.isArray(present)) return;
  const [slots, list] = [listOf(old), listOf(present)];
  const names = (all: Json[]): (string | undefined)[] =>
    all.map((slot) => (isObject(slot) ? textOf(slot.name) : undefined));
  const [before, after] = [names(slots), names(list)];
  list.forEach((slot, index) => {
    if (isObject(slot) && hasLinks(to, slot) && before[index] !== after[index])
      throw notEditable(`the ${side} of a connected node were changed since`);
  });
  if (!Array.isArray(present)) {
    to.edits.set(now, side, slots);
    for (const slot of slots) if (isObject(slot)) unlink(to, slot);
    return;
  }
  slots.forEach((slot, index) => overwriteSlot(to, slot, present, index));
  for (let at = list.length - 1; at >= slots.length; at--) to.edits.take(present, at);
  if (!Array.isArray(old)) to.edits.remove(now, side);
}

function overwriteSlot(to: Editing, slot: Json, list: Json[], index: number): void {
  const present = list[index];
  if (isObject(slot) && isObject(present)) return to.overwriteMembers(slot, present, LINKS);
  if (isObject(slot)) unlink(to, slot);
  if (present === undefined) to.edits.insert(list, index, slot);
  else to.edits.replace(list, index, slot);
}

/** The number of the slot that an old one is now: the one of the same name, of several the one in the same order. */
export function slotIndex(
  to: Editing,
  item: JsonObject | undefined,
  now: Json[] | undefined,
  side: SlotSide,
  index: number,
  byNumber: boolean,
): number {
  if (byNumber || now === undefined) return index;
  const nameOf = (slot: Json | undefined): Json | undefined =>
    isObject(slot) ? to.edits.get(slot, 'name') : undefined;
  const old = listOf(item?.[side]);
  const name = isObject(old[index]) ? old[index].name : undefined;
  if (nameOf(now[index]) === name) return index;
  const order = old.slice(0, index).filter((slot) => isObject(slot) && slot.name === name).length;
  const same = now.flatMap((slot, at) => (nameOf(slot) === name ? [at] : []));
  return same[order] ?? -1;
}
