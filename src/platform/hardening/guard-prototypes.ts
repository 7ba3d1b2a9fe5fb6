/**
 * Keeps code in this thread from changing what all objects share: the built-in prototypes, their methods,
 * `Object` and `Function` accept no new members, and `Object.prototype.__proto__`, the usual way there, is removed (as
 * with `node --disable-proto=delete`). Import it first in a program or worker, for its effect. Existing members can
 * still be replaced by name, because a fully frozen prototype also prevents objects from having their own members
 * called `toString` or `name` (`node --frozen-intrinsics` uses accessors for that).
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
    // Constructors are among them, and some accept members by design, such as Error.prepareStackTrace.
    if (typeof value === 'function' && !SHARED.includes(value as { prototype: object })) Object.freeze(value);
  }
  Object.preventExtensions(prototype);
}

Reflect.deleteProperty(Object.prototype, '__proto__');
for (const shared of SHARED) guard(shared);
Object.preventExtensions(Object);
Object.preventExtensions(Function);
