import { applyPatch as applyInPlace, createPatch, type Operation, type Pointer } from 'rfc6902';
import { ContentIds } from '../content-ids';
import { isObject, type Json, type JsonObject } from '../json';
import { alignArrays, differingStretch } from './array-alignment';
import { arrayOperations, type PatchOperation } from './array-operations';
import { ownMember } from '../../platform/hardening/own-member';

/** A patch with more operations than this gets coarser ones: it is too long to read, and its size must be limited. */
export const MAX_OPERATIONS = 20_000;

/** An array or object with more differences of its own than this is replaced as a whole. */
const MAX_OWN_DIFFERENCES = 5_000;

/** Arrays that differ over a longer stretch are replaced: their patch would be too long to be of use. */
const MAX_STRETCH = 150_000;

/** Names at which the library stops for fear of prototype pollution; as keys of a config they are data. */
const GUARDED = /^\ue000*(?:__proto__|constructor|prototype)$/;

class TooManyOperations extends Error {}

/**
 * An RFC 6902 patch that turns `from` into `to` exactly (see {@link ContentIds} for what equal means). Made by
 * the library rfc6902, but for arrays, where its own way is quadratic in time and recursion: see
 * {@link alignArrays}. At most about {@link MAX_OPERATIONS} operations; beyond, whole top members or the
 * whole config are replaced. Values in the patch are parts of `to`, not copies.
 */
export function makePatch(from: Json, to: Json, ids: ContentIds = new ContentIds()): PatchOperation[] {
  try {
    return new PatchMaker(ids).make(from, to);
  } catch (error) {
    if (!(error instanceof TooManyOperations)) throw error;
    return coarsePatch(from, to, ids);
  }
}

class PatchMaker {
  private spent = 0;

  constructor(private readonly ids: ContentIds) {}

  make(from: Json, to: Json): PatchOperation[] {
    return createPatch(from, to, (a: Json, b: Json, at) => this.differ(a, b, at)) as PatchOperation[];
  }

  private differ(from: Json, to: Json, at: Pointer): Operation[] | void {
    if (this.ids.same(from, to)) return [];
    if (Array.isArray(from) && Array.isArray(to)) return this.array(from, to, at.toString());
    const differences = isObject(from) && isObject(to) ? differingMembers(from, to, this.ids).length : 1;
    if (differences > MAX_OWN_DIFFERENCES)
      return this.spend([{ op: 'replace', path: at.toString(), value: to }]);
    this.count(differences);
  }

  private array(before: Json[], after: Json[], path: string): PatchOperation[] {
    const { front, from, to } = differingStretch(before, after, this.ids);
    const whole: PatchOperation[] = [{ op: 'replace', path, value: after }];
    if (Math.max(from.length, to.length) > MAX_STRETCH) return this.spend(whole);
    const pathOf = (index: number): string => `${path}/${front + index}`;
    const alignment = alignArrays(from, to, this.ids);
    const own = arrayOperations(from.length, to, pathOf, alignment);
    const nothingKept = own.length > 1 && alignment.kept.length === 0 && to.length === after.length;
    if (nothingKept || own.length > MAX_OWN_DIFFERENCES) return this.spend(whole);
    const operations = this.spend(own);
    alignment.origin.forEach((source, index) => {
      if (source === -1 || this.ids.same(from[source] ?? null, to[index] ?? null)) return;
      const inner = this.make(from[source] ?? null, to[index] ?? null);
      for (const operation of inner) operations.push(below(pathOf(index), operation));
    });
    return operations;
  }

  private spend(operations: PatchOperation[]): PatchOperation[] {
    this.count(operations.length);
    return operations;
  }

  private count(operations: number): void {
    this.spent += operations;
    if (this.spent > MAX_OPERATIONS) throw new TooManyOperations();
  }
}

function below(path: string, operation: PatchOperation): PatchOperation {
  const moved = { ...operation, path: path + operation.path };
  return moved.op === 'move' ? { ...moved, from: path + moved.from } : moved;
}

function differingMembers(from: JsonObject, to: JsonObject, ids: ContentIds): string[] {
  const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
  const differing = Object.keys(to).filter(
    (key) => !Object.hasOwn(from, key) || !ids.same(ownMember(from, key) ?? null, ownMember(to, key) ?? null),
  );
  return [...gone, ...differing];
}

function coarsePatch(from: Json, to: Json, ids: ContentIds): PatchOperation[] {
  const whole: PatchOperation[] = [{ op: 'replace', path: '', value: to }];
  if (!isObject(from) || !isObject(to)) return whole;
  const members = differingMembers(from, to, ids);
  return members.length > MAX_OWN_DIFFERENCES ? whole : members.map((key) => memberOperation(from, to, key));
}

function memberOperation(from: JsonObject, to: JsonObject, key: string): PatchOperation {
  const path = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  if (!Object.hasOwn(to, key)) return { op: 'remove', path };
  return { op: Object.hasOwn(from, key) ? 'replace' : 'add', path, value: ownMember(to, key) ?? null };
}

/**
 * Applies an RFC 6902 patch and returns the outcome; `document` and `patch` stay as they are. Throws the
 * library's error of the first operation that fails. Keys such as `__proto__` are data like any other.
 */
export function applyPatch(document: Json, patch: readonly Operation[]): Json {
  // The library cannot replace the root or change guarded keys. A wrapper object and renamed keys solve this.
  const box: JsonObject = { document: renamed(document, hide) };
  for (const operation of patch) {
    const [failure] = applyInPlace(box, [boxed(operation)]);
    if (failure) throw failure;
  }
  return renamed(box.document ?? null, reveal);
}

function boxed(operation: Operation): Operation {
  const copy: Record<string, unknown> = { ...operation };
  for (const name of ['path', 'from'] as const) {
    const path = copy[name];
    if (typeof path === 'string') copy[name] = boxedPath(path);
  }
  if (copy.value !== undefined) copy.value = renamed(copy.value as Json, hide);
  return copy as unknown as Operation;
}

function boxedPath(path: string): string {
  if (path !== '' && !path.startsWith('/')) throw new SyntaxError(`Not a JSON pointer: ${path}`);
  return `/document${path.split('/').map(hide).join('/')}`;
}

function renamed(value: Json, rename: (key: string) => string): Json {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), renamed(item, rename)]));
}

function hide(key: string): string {
  return GUARDED.test(key) ? `\ue000${key}` : key;
}

function reveal(key: string): string {
  return GUARDED.test(key) ? key.slice(1) : key;
}
