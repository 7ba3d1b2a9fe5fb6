import type { Json, JsonObject } from './json';
import { ownMember } from '../platform/hardening/own-member';

/**
 * Gives every JSON value a number such that two values have the same number exactly when they are equal
 * (RFC 6902, section 4.6: order of keys does not count, numbers are compared by value). Equal parts are
 * found once, bottom up (hash consing; Ershov 1958), so comparing two parsed values costs nothing more
 * however often it is asked. Time is about linear in the values' size (keys are sorted), memory holds one
 * entry for each distinct value. Values must not be changed while they are known here.
 */
export class ContentIds {
  private readonly primitives = new Map<string | number | boolean | null, number>();
  private readonly composites = new Map<string, number>();
  private readonly known = new Map<object, number>();
  private next = 0;

  /** The number of this value's content. */
  of(value: Json): number {
    if (typeof value !== 'object' || value === null) return this.named(this.primitives, value);
    const seen = this.known.get(value);
    if (seen !== undefined) return seen;
    const id = this.named(
      this.composites,
      Array.isArray(value) ? this.arrayKey(value) : this.objectKey(value),
    );
    this.known.set(value, id);
    return id;
  }

  /** Whether the two values are equal. */
  same(a: Json, b: Json): boolean {
    return a === b || this.of(a) === this.of(b);
  }

  /** Whether two objects have equal members. Spares naming objects that were made only to be compared once. */
  sameMembers(a: JsonObject, b: JsonObject): boolean {
    const names = Object.keys(a);
    if (names.length !== Object.keys(b).length) return false;
    return names.every(
      (name) => Object.hasOwn(b, name) && this.same(ownMember(a, name) ?? null, ownMember(b, name) ?? null),
    );
  }

  private named<Key>(names: Map<Key, number>, key: Key): number {
    const known = names.get(key);
    if (known !== undefined) return known;
    names.set(key, this.next);
    return this.next++;
  }

  private arrayKey(value: Json[]): string {
    let key = '[';
    for (const item of value) key += `${this.of(item)},`;
    return key;
  }

  private objectKey(value: JsonObject): string {
    let key = '{';
    for (const name of Object.keys(value).sort()) {
      key += `${this.named(this.primitives, name)}:${this.of(ownMember(value, name) ?? null)},`;
    }
    return key;
  }
}
