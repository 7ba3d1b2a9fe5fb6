import { ownMember } from '../../platform/hardening/own-member';
import { isObject, type Json, type JsonObject } from '../json';
import type { Obstacle } from './edit-refused.error';
import type { JsonEdits } from './json-edits';

/** A value before and after the version that is reverted. */
export interface Change {
  before: Json | undefined;
  after: Json | undefined;
  /** What holds `before`. */
  holder?: object;
}

/** What a merge works with, and where it notes what stands against it. */
export interface Merge {
  edits: JsonEdits;
  same: (a: Json, b: Json) => boolean;
  obstacles: Obstacle[];
}

const CHANGED_AGAIN = 'was changed again since';

/**
 * Takes back the changes of an object's members: a member that is as the version left it gets the value from before,
 * one that has that value already stays, objects are merged member by member. Everything else is an obstacle.
 */
export function mergeMembers(
  merge: Merge,
  { before, after }: { before: JsonObject; after: JsonObject },
  present: JsonObject,
  at: { path: string; except?: ReadonlySet<string> },
): void {
  let previous: string | null = null;
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const name of names) {
    const behind = previous;
    previous = name;
    if (at.except?.has(name)) continue;
    const change = { before: ownMember(before, name), after: ownMember(after, name), holder: before };
    mergeMember(merge, change, present, { name, behind, path: `${at.path}/${escaped(name)}` });
  }
}

/** The same for one member of an object. */
export function mergeMember(
  merge: Merge,
  change: Change,
  present: JsonObject,
  { name, behind = null, path }: { name: string; behind?: string | null; path: string },
): void {
  const { before, after, holder } = change;
  if (equal(merge, before, after)) return;
  const now = merge.edits.get(present, name);
  if (equal(merge, now, before)) return;
  if (!equal(merge, now, after)) return mergeInside(merge, change, now, path);
  if (before === undefined) merge.edits.remove(present, name);
  else merge.edits.setAfter(present, name, before, behind, holder && { holder, key: name });
}

/** A segment of a JSON pointer. */
export function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function mergeInside(merge: Merge, { before, after }: Change, now: Json | undefined, path: string): void {
  if (isObject(before) && isObject(after) && isObject(now))
    return mergeMembers(merge, { before, after }, now, { path });
  if (Array.isArray(before) && Array.isArray(after) && Array.isArray(now)) {
    if (before.length === after.length && after.length === now.length)
      return mergeElements(merge, before, after, now, path);
  }
  merge.obstacles.push({ field: path, message: CHANGED_AGAIN });
}

function mergeElements(merge: Merge, before: Json[], after: Json[], now: Json[], path: string): void {
  before.forEach((old, index) => {
    const [was, is] = [after[index] ?? null, now[index] ?? null];
    if (merge.same(old, was) || merge.same(is, old)) return;
    if (merge.same(is, was)) merge.edits.replace(now, index, old, { holder: before, key: index });
    else mergeInside(merge, { before: old, after: was }, is, `${path}/${index}`);
  });
}

function equal({ same }: Merge, a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined ? a === b : same(a, b);
}
