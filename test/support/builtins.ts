import { createContext, runInContext } from 'node:vm';

/** Runs in any context: the own keys of the built-ins, of what they hold, and of what that holds. */
function shapeOf(names: readonly string[]): string[] {
  const shape: string[] = [];
  const look = (path: string, value: unknown, depth: number): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
    for (const key of Reflect.ownKeys(value)) {
      const inner = `${path}.${String(key)}`;
      shape.push(inner);
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      if (depth > 0) look(inner, descriptor?.value, depth - 1);
    }
  };
  for (const name of names) look(name, Reflect.get(globalThis, name), 2);
  return shape.sort();
}

/** Of ECMAScript alone: a test's context and a fresh one differ in what the host adds. */
const NAMES = (
  'Object Function Array String Number Boolean Symbol BigInt Date RegExp Error TypeError RangeError SyntaxError ' +
  'Promise Map Set WeakMap WeakSet WeakRef ArrayBuffer DataView Uint8Array Int32Array Float64Array Math JSON Reflect ' +
  'Proxy Intl'
).split(' ');

/** What this context's built-ins have more, or less, than a fresh context's. */
export function changedBuiltins(): { more: string[]; less: string[] } {
  const fresh = new Set(
    runInContext(`(${shapeOf.toString()})(${JSON.stringify(NAMES)})`, createContext()) as string[],
  );
  const here = shapeOf(NAMES);
  const known = new Set(here);
  return {
    more: here.filter((key) => !fresh.has(key)),
    less: [...fresh].filter((key) => !known.has(key)),
  };
}
