import type { Comparison } from '../compare-graphs';
import { isOtherwise } from './check-restore';
import { missingEdges, newEdges } from './changed-edges';
import { notEditable } from './edit-refused.error';

/**
 * Refuses a reverted config unless it differs from the present one by what the version did, the other way round: at
 * most the nodes and edges that it changed.
 */
export function checkRevert(done: Comparison, since: Comparison, outcome: Comparison, leftOut: number): void {
  const later = new Map(since.both.map(({ from, to }) => [from.id, to.id]));
  const own = (nodes: readonly { id: string }[]): Set<string> =>
    new Set(nodes.flatMap(({ id }) => later.get(id) ?? []));
  const gone = own(done.added);
  if (outcome.dialect !== since.dialect)
    throw notEditable('the outcome would not be a graph of the same kind');
  if (outcome.removed.length !== gone.size) throw notEditable('other nodes would go, or a node would stay');
  if (outcome.added.length !== done.removed.length)
    throw notEditable('other nodes would come, or a node would be missing');
  const touched = own(done.both.filter(({ changed, moved }) => changed || moved).map(({ to }) => to));
  const foreign = outcome.both.some((pair) => isOtherwise(pair, outcome) && !touched.has(pair.from.id));
  if (foreign) throw notEditable('other nodes would change');
  const { edges } = outcome;
  if (edges.removed.length > newEdges(done).length) throw notEditable('other edges would go');
  if (edges.added.length > missingEdges(done, byId(done.removed)).length)
    throw notEditable('other edges would come');
  if (edges.changed.length > done.edges.changed.length) throw notEditable('other edges would change');
  if (done.added.length + done.removed.length > 0) return;
  if (since.edges.added.length + since.edges.removed.length + since.edges.changed.length > 0 || leftOut > 0)
    return;
  if (edges.removed.length !== done.edges.added.length || edges.added.length !== done.edges.removed.length)
    throw notEditable('an edge would be missing or stay');
}

function byId(nodes: readonly { id: string }[]): Map<string, unknown> {
  return new Map(nodes.map((node) => [node.id, node]));
}
