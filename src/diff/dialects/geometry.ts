import { isObject, numberOf, type Json } from '../json';
import type { Point, Size } from './graph';

/** A point given as `{x, y}`, `[x, y]` or `{"0": x, "1": y}`; undefined unless both are finite numbers. */
export function pointOf(value: Json | undefined): Point | undefined {
  const [x, y] = pair(value, 'x', 'y');
  return x === undefined || y === undefined ? undefined : { x, y };
}

/** An extent given in the same three forms, with `width` and `height`; undefined unless both are above zero. */
export function sizeOf(value: Json | undefined): Size | undefined {
  const [width, height] = pair(value, 'width', 'height');
  if (width === undefined || height === undefined) return undefined;
  return width > 0 && height > 0 ? { width, height } : undefined;
}

function pair(value: Json | undefined, first: 'x' | 'width', second: 'y' | 'height'): (number | undefined)[] {
  if (Array.isArray(value)) return [numberOf(value[0]), numberOf(value[1])];
  if (!isObject(value)) return [];
  return [numberOf(value[first] ?? value['0']), numberOf(value[second] ?? value['1'])];
}

/** An object with only those members that are not undefined, for optional members of a node. */
export function present<Members extends object>(
  members: Members,
): { [K in keyof Members]?: NonNullable<Members[K]> } {
  const rest: { [K in keyof Members]?: NonNullable<Members[K]> } = {};
  for (const name in members) {
    const member = members[name];
    if (member !== undefined && member !== null) rest[name] = member;
  }
  return rest;
}
