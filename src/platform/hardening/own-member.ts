// The home of access by keys that may be any text: test/architecture/open-keys.spec.ts.

/**
 * Returns the object's own member of that name, or undefined. `object[key]` would also find inherited members, for
 * keys such as `constructor` and `toString`.
 */
export function ownMember<Member>(object: Readonly<Record<string, Member>>, key: string): Member | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/**
 * Sets the object's own member of that name. For the key `__proto__`, `object[key] = value` would set the prototype
 * instead.
 */
export function setOwnMember<Member>(object: Record<string, Member>, key: string, value: Member): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
}
