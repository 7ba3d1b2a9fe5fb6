import type { Json } from '../json';
import type { Alignment } from './array-alignment';
import { Slots } from './order-keeping';

/** One RFC 6902 operation as we make them. */
export type PatchOperation =
  | { op: 'add' | 'replace'; path: string; value: Json }
  | { op: 'remove'; path: string }
  | { op: 'move'; from: string; path: string };

/** The JSON pointer of the element at an index. */
export type PathOf = (index: number) => string;

/**
 * The operations that give an array its new elements in their new order; what changed inside the elements is
 * left to the caller. Removals come last index first, so that no index shifts; then elements come in and
 * move in the order of the new array. O(n log n) for n elements on both sides.
 */
export function arrayOperations(
  fromLength: number,
  to: readonly Json[],
  pathOf: PathOf,
  alignment: Alignment,
): PatchOperation[] {
  const survivors = new Set(alignment.origin);
  const operations: PatchOperation[] = [];
  for (let index = fromLength - 1; index >= 0; index--) {
    if (!survivors.has(index)) operations.push({ op: 'remove', path: pathOf(index) });
  }
  const places = placesOf(fromLength, to.length, alignment, survivors);
  const kept = new Set(alignment.kept);
  to.forEach((value, index) => {
    if (!kept.has(index)) operations.push(...placing(value, index, pathOf, alignment, places));
  });
  return operations;
}

interface Places {
  slots: Slots;
  /** The slot of an element of `from` that has yet to be moved. */
  old: Map<number, number>;
  /** The slot of each element of `to`. */
  final: number[];
}

/** Lays old and new places in one row: in a gap between kept elements the new ones stand first. */
function placesOf(
  fromLength: number,
  toLength: number,
  { origin, kept }: Alignment,
  survivors: Set<number>,
): Places {
  const places: Places = { slots: new Slots(fromLength + toLength), old: new Map(), final: [] };
  let next = 0;
  let fromAt = 0;
  for (const end of [...kept, toLength]) {
    while (places.final.length < end) places.final.push(next++);
    const fromEnd = end === toLength ? fromLength : (origin[end] ?? fromLength);
    for (; fromAt < fromEnd; fromAt++) if (survivors.has(fromAt)) places.old.set(fromAt, next++);
    if (end < toLength) places.slots.change(next, 1);
    if (end < toLength) places.final.push(next++);
    fromAt = fromEnd + 1;
  }
  for (const slot of places.old.values()) places.slots.change(slot, 1);
  return places;
}

function placing(
  value: Json,
  index: number,
  pathOf: PathOf,
  { origin }: Alignment,
  { slots, old, final }: Places,
): PatchOperation[] {
  const oldSlot = old.get(origin[index] ?? -1);
  const newSlot = final[index] ?? 0;
  if (oldSlot === undefined) {
    slots.change(newSlot, 1);
    return [{ op: 'add', path: pathOf(slots.before(newSlot)), value }];
  }
  const from = slots.before(oldSlot);
  slots.change(oldSlot, -1);
  const target = slots.before(newSlot);
  slots.change(newSlot, 1);
  return from === target ? [] : [{ op: 'move', from: pathOf(from), path: pathOf(target) }];
}
