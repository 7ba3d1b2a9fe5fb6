import { setOwnMember } from '../platform/hardening/own-member';
/** A parsed JSON value. Objects may hold any key of their own, `__proto__` and `constructor` included. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A parsed JSON object. */
export interface JsonObject {
  [key: string]: Json;
}

/** Whether the value is a JSON object: no array, not null, not absent. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value when it is an object, else an empty one, so that unexpected input reads as empty. */
export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** The value when it is an array, else an empty one. */
export function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** The value when it is a finite number, else undefined. */
export function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A copy without the named members; other members, `__proto__` among them, stay as they are. */
export function without(value: JsonObject, names: ReadonlySet<string>): JsonObject {
  const copy: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    if (names.has(key)) continue;
    setOwnMember(copy, key, member);
  }
  return copy;
}
