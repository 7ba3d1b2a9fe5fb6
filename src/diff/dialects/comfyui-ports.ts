import { textOf } from '../exact-json';
import { listOf, objectOf, type Json } from '../json';

/** Slots are told by their names; of several with one name, from the second on with their number. */
export function portsOf(slots: Json | undefined): string[] {
  const counts = new Map<string, number>();
  return listOf(slots).map((slot, index) => {
    const name = textOf(objectOf(slot).name) || String(index);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  });
}

/** The name of a slot that a link gives by its number. */
export function portOf(names: readonly string[] | undefined, index: Json | undefined): string | null {
  const name = typeof index === 'number' ? names?.[index] : undefined;
  return name ?? textOf(index) ?? null;
}
