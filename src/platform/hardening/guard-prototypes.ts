/**
 * Keeps code in this thread from changing what all its objects share: the built-in prototypes take no new members,
 * their methods and `Object` and `Function` themselves none either, and `Object.prototype.__proto__`, the usual way
 * there, is gone (as with `node --disable-proto=delete`). Imported for its effect, as the first import of a program
 * or worker. What exists may still be replaced by name, since a fully frozen prototype also forbids objects to have
 * members of their own called `toString` or `name` (`node --frozen-intrinsics` pays for that with accessors).
 */
const SHARED: readonly { readonly prototype: object }[] = [
  Object,
  Function,
  Array,
  String,
  Number,
  Boolean,
  Symbol,
  BigInt,
  Date,
  RegExp,
  Error,
  Promise,
  Map,
  Set,
  WeakMap,
  WeakSet,
  ArrayBuffer,
  DataView,
  Uint8Array,
  Object.getPrototypeOf(Uint8Array) as { readonly prototype: object },
];

function guard({ prototype }: { readonly prototype: object }): void {
  for (const { value } of Object.values(Object.getOwnPropertyDescriptors(prototype))) {
    // Constructors are among them, and some take members by design, such as Error.prepareStackTrace.
    if (typeof value === 'function' && !SHARED.includes(value as { prototype: object })) Object.freeze(value);
  }
  Object.preventExtensions(prototype);
}

Reflect.deleteProperty(Object.prototype, '__proto__');
for (const shared of SHARED) guard(shared);
Object.preventExtensions(Object);
Object.preventExtensions(Function);
