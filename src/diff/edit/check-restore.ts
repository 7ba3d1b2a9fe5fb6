import { compareGraphs, type ComparedNode, type Comparison } from '../compare-graphs';
import { compareRest } from '../compare-rest';
import { readExact } from '../exact-json';
import type { Json, JsonObject } from '../json';
import { notEditable } from './edit-refused.error';
import type { Transplant } from './transplant';
import type { Wanted } from './wanted';

interface Outcome {
  /** Of the old and the present config. */
  comparison: Comparison;
  present: Json;
  config: Buffer;
  wanted: Wanted;
  to: Transplant;
}

/**
 * Compares what came out with what was there and with the old version, and refuses it unless the difference is what
 * was asked for: nothing is ever written that this has not seen.
 */
export function checkRestore({ comparison, present, config, wanted, to }: Outcome): void {
  const outcome = readExact(config);
  const done = compareGraphs(present, outcome);
  if (done.dialect !== comparison.dialect)
    throw notEditable('the outcome would not be a graph of the same kind');
  const rest = compareRest(done.from.rest, done.to.rest, done.to.path, done.ids);
  if (rest.length > 0) throw notEditable('parts outside the nodes would change');
  if (done.removed.length > 0 || done.added.length !== to.added.size)
    throw notEditable('other nodes would come or go');
  const touched = new Set(
    comparison.both.filter(({ from }) => wanted.ids.has(from.id)).map((pair) => pair.to.id),
  );
  if (done.both.some((pair) => isOtherwise(pair, done) && !touched.has(pair.from.id)))
    throw notEditable('other nodes would change');
  checkEdges(done, touched);
  checkWanted(compareGraphs(to.source.root, outcome), wanted);
}

/** Whether a node differs in its own part of the file: a panel also moves when another one comes in front of it. */
export function isOtherwise({ from, to, changed, moved }: ComparedNode, { ids }: Comparison): boolean {
  if (!changed && !moved) return false;
  const same = (a: JsonObject | undefined, b: JsonObject | undefined): boolean =>
    ids.same(a ?? null, b ?? null);
  return !same(from.item, to.item) || !same(from.placement, to.placement);
}

/** Edges come and change at the wanted nodes only, and none goes. */
function checkEdges({ edges, added, newId }: Comparison, touched: ReadonlySet<string>): void {
  if (edges.removed.length > 0) throw notEditable('an edge would be lost');
  const own = new Set([...added.map(({ id }) => id), ...[...touched].map(newId)]);
  const foreign = [...edges.added, ...edges.changed.map(({ edge }) => edge)].some(
    ({ source, target }) => !own.has(source) && !own.has(target),
  );
  if (foreign) throw notEditable('other edges would change');
}

/** Each wanted node reads as it did, where it can be told apart from others like it. */
function checkWanted({ both, dialect, removed, ids: contents }: Comparison, { ids }: Wanted): void {
  if (removed.some(({ id, role }) => ids.has(id) && role !== 'port'))
    throw notEditable('a node would not come back');
  const wrong = both.some(({ from, to, changed, before, moved }) => {
    if (!ids.has(from.id)) return false;
    if (dialect === 'n8n' && changed && to.body.name !== from.body.name) return differsMore(before, to.body);
    return changed || (moved && !contents.same(from.item ?? null, to.item ?? null));
  });
  if (wrong) throw notEditable('a node would come back otherwise than it was');
}

/** In more than the name, which a node of n8n keeps. */
function differsMore(before: Json, after: Json): boolean {
  const text = (value: Json): string => JSON.stringify({ ...(value as object), name: null });
  return text(before) !== text(after);
}
