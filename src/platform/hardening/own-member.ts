/* eslint-disable own/open-keys -- the home of access by keys that may be any text */

/**
 * The object's own member of that name, undefined where it has none. `object[key]` would also find what every object
 * inherits, for keys such as `constructor` and `toString`.
 */
export function ownMember<Member>(object: Readonly<Record<string, Member>>, key: string): Member | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/**
 * Sets the object's own member of that name. `object[key] = value` would set the object's prototype instead, for the
 * key `__proto__`.
 */
export function setOwnMember<Member>(object: Record<string, Member>, key: string, value: Member): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
}
