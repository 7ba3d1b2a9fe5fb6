import type { ContentIds } from '../content-ids';
import { isObject, type Json } from '../json';
import { longestRise } from './order-keeping';
import { ownMember } from '../../platform/hardening/own-member';

/** Members that name an element among its siblings in the files we know. */
const NAMING_MEMBERS = ['id', 'name', 'key', 'refId', 'uid'];

/** How many lost elements of a gap are looked at to find an earlier form of a new one. */
const LOOK_AHEAD = 32;

/** Most such searches for one array: a reader does not follow more matched elements. */
const MAX_LOOKS = 20_000;

/** A stretch of two arrays that begins at index `front` of both, before and after which they are equal. */
export interface Stretch {
  front: number;
  from: Json[];
  to: Json[];
}

/** The stretch in which two arrays differ. */
export function differingStretch(from: readonly Json[], to: readonly Json[], ids: ContentIds): Stretch {
  const shorter = Math.min(from.length, to.length);
  const same = (a: Json | undefined, b: Json | undefined): boolean => ids.same(a ?? null, b ?? null);
  let front = 0;
  while (front < shorter && same(from[front], to[front])) front++;
  let back = 0;
  while (back < shorter - front && same(from[from.length - 1 - back], to[to.length - 1 - back])) back++;
  return { front, from: from.slice(front, from.length - back), to: to.slice(front, to.length - back) };
}

/** Which element of `from` each element of `to` was: where it was, and whether it may stay in its place. */
export interface Alignment {
  /** For each index of `to`: the index in `from`, or -1 when the element is new. */
  origin: number[];
  /** The indices of `to` whose elements need not be moved, in order. */
  kept: number[];
}

/**
 * Finds what became of an array's elements. They are known by a member that names each of them on both sides
 * (`id`, `name`, …), else by their content, the k-th equal one being the k-th; what stays between two
 * kept neighbours is paired when it is alike. O(n log n), whatever the arrays hold. Take equal ends off first:
 * else one more equal element in front shifts all.
 */
export function alignArrays(from: readonly Json[], to: readonly Json[], ids: ContentIds): Alignment {
  const keysOf = keysFor(from, to, ids);
  const places = new Map(keysOf(from).map((key, index) => [key, index]));
  const origin = keysOf(to).map((key) => places.get(key) ?? -1);
  pairAlike(from, to, { origin, kept: longestRise(origin) }, ids);
  return { origin, kept: longestRise(origin) };
}

type Keys = (items: readonly Json[]) => (string | number)[];

function keysFor(from: readonly Json[], to: readonly Json[], ids: ContentIds): Keys {
  const member = NAMING_MEMBERS.find((name) => namesAll(from, name) && namesAll(to, name));
  if (member === undefined) return (items) => contentKeys(items.map((item) => ids.of(item)));
  return (items) => items.map((item) => (isObject(item) ? (ownMember(item, member) as string | number) : ''));
}

function namesAll(items: readonly Json[], member: string): boolean {
  const names = new Set<Json>();
  for (const item of items) {
    const name = isObject(item) ? ownMember(item, member) : undefined;
    if (typeof name !== 'string' && typeof name !== 'number') return false;
    names.add(name);
  }
  return names.size === items.length;
}

function contentKeys(ids: readonly number[]): string[] {
  const counts = new Map<number, number>();
  return ids.map((id) => {
    const count = counts.get(id) ?? 0;
    counts.set(id, count + 1);
    return `${id} ${count}`;
  });
}

/** Gives new elements their origin among the lost ones of the same gap between kept neighbours. */
function pairAlike(
  from: readonly Json[],
  to: readonly Json[],
  { origin, kept }: Alignment,
  ids: ContentIds,
): void {
  const taken = new Set(origin);
  let looks = MAX_LOOKS;
  const fits = (a: number, b: number): boolean => looks-- > 0 && alike(from[a] ?? null, to[b] ?? null, ids);
  let fromStart = 0;
  let toStart = 0;
  for (const end of [...kept, to.length]) {
    const fromEnd = end === to.length ? from.length : (origin[end] ?? from.length);
    const lost = indices(fromStart, fromEnd, (index) => !taken.has(index));
    if (lost.length > 0)
      pairGap(
        lost,
        indices(toStart, end, (index) => origin[index] === -1),
        fits,
        origin,
      );
    fromStart = fromEnd + 1;
    toStart = end + 1;
  }
}

function indices(start: number, end: number, wanted: (index: number) => boolean): number[] {
  const found: number[] = [];
  for (let index = start; index < end; index++) if (wanted(index)) found.push(index);
  return found;
}

type Fits = (lost: number, found: number) => boolean;

function pairGap(lost: readonly number[], found: readonly number[], fits: Fits, origin: number[]): void {
  let next = 0;
  for (const index of found) {
    const ahead = lost.slice(next, next + LOOK_AHEAD);
    const at = ahead.findIndex((candidate) => fits(candidate, index));
    if (at === -1) continue;
    origin[index] = ahead[at] ?? -1;
    next += at + 1;
  }
}

/** Whether telling the difference says more than "this one out, that one in": half of the parts are equal. */
function alike(a: Json, b: Json, ids: ContentIds): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return sharedItems(a, b, ids) * 2 >= Math.max(a.length, b.length);
  if (!isObject(a) || !isObject(b)) return typeof a !== 'object' && typeof b !== 'object';
  const names = Object.keys(a);
  const shared = names.filter(
    (name) => Object.hasOwn(b, name) && ids.same(ownMember(a, name) ?? null, ownMember(b, name) ?? null),
  );
  return shared.length * 2 >= Math.max(names.length, Object.keys(b).length);
}

function sharedItems(a: readonly Json[], b: readonly Json[], ids: ContentIds): number {
  const present = new Set(a.map((item) => ids.of(item)));
  return b.filter((item) => present.has(ids.of(item))).length;
}
