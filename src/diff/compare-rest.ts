import { ownMember } from '../platform/hardening/own-member';
import type { ContentIds } from './content-ids';
import { isObject, type Json } from './json';
import type { PatchOperation } from './patch/array-operations';
import { makePatch } from './patch/json-patch';

/** A part of the document outside its nodes and edges that differs. The paths of `changes` begin at the part. */
export interface OtherChange {
  path: string;
  changes: PatchOperation[];
}

/** Most parts that are reported one by one. */
const MAX_PARTS = 1_000;

/** Of what is left over, at most this many parts are reported one by one; more are reported by top member. */
const MAX_LEFT_OVER = 100;

/**
 * What two documents have besides nodes and edges, compared member by member: those of the graph itself, and those of
 * each layer around it. `path` leads from the document to the graph.
 */
export function compareRest(
  from: Json,
  to: Json,
  path: readonly (string | number)[],
  ids: ContentIds,
): OtherChange[] {
  return ids.same(from, to) ? [] : layer(from, to, path, '', ids);
}

/** A document with one graph: what it has besides nodes and edges, and where the graph is. */
export interface Wrapped {
  rest: Json;
  own?: Json;
  path: readonly (string | number)[];
}

/**
 * As `compareRest`, for two documents with one graph each, which one of them wraps and the other does not, or in another
 * way: an export and an answer of the API, a dashboard and its resource. The graphs are compared with each other, and
 * what is around them too, so that not every member counts as moved.
 */
export function compareWrapped(from: Wrapped, to: Wrapped, ids: ContentIds): OtherChange[] {
  const at = to.path.map((step) => `/${escaped(String(step))}`).join('');
  return [
    ...layer(from.own ?? null, to.own ?? null, [], at, ids),
    ...layer(around(from.rest, from.path), around(to.rest, to.path), [], '', ids),
  ];
}

/** The document without what is at `path`; an empty object where that is the whole document. */
function around(rest: Json, [step, ...further]: readonly (string | number)[]): Json {
  if (step === undefined || !isObject(rest)) return {};
  const { [String(step)]: inner, ...others } = rest;
  const left = further.length > 0 && inner !== undefined ? around(inner, further) : {};
  return isObject(left) && Object.keys(left).length === 0 ? others : { ...others, [String(step)]: left };
}

function layer(
  from: Json,
  to: Json,
  path: readonly (string | number)[],
  at: string,
  ids: ContentIds,
): OtherChange[] {
  if (!isObject(from) || !isObject(to)) return [{ path: at, changes: makePatch(from, to, ids) }];
  const names = new Set([...Object.keys(from), ...Object.keys(to)]);
  const differing = [...names].filter((name) => !same(ownMember(from, name), ownMember(to, name), ids));
  if (differing.length > MAX_PARTS) return [{ path: at, changes: makePatch(from, to, ids) }];
  return differing.flatMap((name): OtherChange[] => {
    const [before, after] = [ownMember(from, name), ownMember(to, name)];
    const inner = `${at}/${escaped(name)}`;
    if (before === undefined)
      return [{ path: inner, changes: [{ op: 'add', path: '', value: after ?? null }] }];
    if (after === undefined) return [{ path: inner, changes: [{ op: 'remove', path: '' }] }];
    if (name === path[0]) return layer(before, after, path.slice(1), inner, ids);
    return [{ path: inner, changes: makePatch(before, after, ids) }];
  });
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function same(a: Json | undefined, b: Json | undefined, ids: ContentIds): boolean {
  if (a === undefined || b === undefined) return a === b;
  return ids.same(a, b);
}

/**
 * What is left when nothing of the graph differs, and yet the documents do: view state, counters, the order of nodes.
 * Taken from the patch, each change at the part that contains it.
 */
export function leftOver(patch: readonly PatchOperation[]): OtherChange[] {
  const each = partsOf(patch, (path) => path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  return each.length <= MAX_LEFT_OVER
    ? each
    : partsOf(patch, (path) => /^(?:\/[^/]*)?/.exec(path)?.[0] ?? '');
}

function partsOf(patch: readonly PatchOperation[], partOf: (path: string) => string): OtherChange[] {
  const parts = new Map<string, PatchOperation[]>();
  for (const operation of patch) {
    const part = partOf(operation.path);
    const inner = { ...operation, path: operation.path.slice(part.length) };
    const moved =
      inner.op === 'move' && inner.from.startsWith(part)
        ? { ...inner, from: inner.from.slice(part.length) }
        : inner;
    const known = parts.get(part);
    if (known === undefined) parts.set(part, [moved]);
    else known.push(moved);
  }
  return [...parts].map(([path, changes]) => ({ path, changes }));
}
