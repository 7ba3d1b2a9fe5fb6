import { compareGraphs, type Comparison } from '../compare-graphs';
import type { GraphEdge, GraphNode, ReadEdge } from '../dialects/graph';
import { endNamer, type EndNames } from '../end-names';
import { readExact } from '../exact-json';
import { edgePartners, isAt, missingEdges } from './changed-edges';
import { checkRestore } from './check-restore';
import { EditRefusedError } from './edit-refused.error';
import { JsonEdits } from './json-edits';
import { SpanIndex } from './json-text';
import { rulesFor } from './rules/rules-of';
import { index, Side } from './side';
import { Transplant } from './transplant';
import { wantedNodes, type Wanted } from './wanted';

/** An edge that was not brought back. */
export interface LeftOut extends GraphEdge, EndNames {
  reason: string;
}

/** A node by what people know it by. */
export interface NamedNode {
  id: string;
  name: string;
  type: string;
}

/** The bytes with the nodes, and what differs from what was asked for. */
export interface Edited {
  config: Buffer;
  left_out: LeftOut[];
  /** Nodes that were not asked for and came along: containers, definitions, and what they hold. */
  along: NamedNode[];
}

export const GONE = 'The node at its other end no longer exists.';

/**
 * Brings nodes of an older config into a present one: added where they are missing, overwritten where they differ,
 * with the edges between them and to nodes that are there. Every other byte stays. Throws EditRefusedError when the
 * file's form does not allow it, or when the outcome is not exactly what was asked for.
 */
export function restoreNodes(from: Uint8Array, into: Uint8Array, ids: readonly string[]): Edited {
  const [old, present] = [readExact(from), readExact(into)];
  const comparison = compareGraphs(old, present);
  const rules = rulesFor(comparison);
  if (rules === undefined) throw noGraph(comparison);
  const spans = new SpanIndex();
  index(spans, from, old);
  index(spans, into, present);
  const source = new Side(old, comparison.from, spans);
  const target = new Side(present, comparison.to, spans);
  const partners = new Map(comparison.both.map((pair) => [pair.from.id, pair.to]));
  const wanted = wantedNodes(source, [...new Set(ids)], (id) => partners.has(id), rules);
  const edits = new JsonEdits(spans);
  const { ids: contents } = comparison;
  const to = new Transplant({
    edits,
    source,
    target,
    partners,
    rules,
    edgePartners: edgePartners(comparison),
    same: (a, b) => contents.same(a, b),
  });
  const left_out = bring(to, comparison, wanted).map(endNamer(comparison.from.nodes));
  const config = edits.print(present);
  checkRestore({ comparison, present, config, wanted, to });
  return { config, left_out, along: wanted.along.map(named) };
}

function bring(to: Transplant, comparison: Comparison, { ids }: Wanted): LeftOut[] {
  const pairs = new Map(comparison.both.map((pair) => [pair.from.id, pair]));
  const chosen = comparison.from.nodes.filter((node) => ids.has(node.id));
  for (const node of chosen) if (!pairs.has(node.id)) to.add(node, (inner) => ids.has(inner.id));
  for (const node of chosen) {
    const pair = pairs.get(node.id);
    if (pair !== undefined && (pair.changed || pair.moved)) to.overwrite(pair.from, pair.to);
  }
  const touches = ({ source, target }: ReadEdge): boolean => ids.has(source) || ids.has(target);
  const lost = to
    .settle()
    .filter(touches)
    .map((edge) => leftOut(edge, GONE));
  for (const edge of missingEdges(comparison, to.added)) {
    if (!touches(edge) || to.isAdded(edge.site.holder)) continue;
    const there = to.isThere(edge.source) && to.isThere(edge.target);
    const reason = there ? to.connect(edge) : GONE;
    if (reason !== undefined) lost.push(leftOut(edge, reason));
  }
  for (const { edge } of comparison.edges.changed) {
    const before = comparison.edges.before.get(edge);
    if (before === undefined || !touches(before) || isAt(before, to.added)) continue;
    to.overwriteEdge(before, edge);
  }
  return lost;
}

export function leftOut(
  { source, source_port, target, target_port, virtual }: ReadEdge,
  reason: string,
): LeftOut {
  return { source, source_port, target, target_port, ...(virtual && { virtual }), reason };
}

function named({ id, name, type }: GraphNode): NamedNode {
  return { id, name, type };
}

function noGraph({ dialect }: Comparison): EditRefusedError {
  const why =
    dialect === 'json'
      ? 'The two versions are not graphs of one kind that the service knows'
      : `The two versions are files of ${dialect} in two forms`;
  return new EditRefusedError(
    'no-graph',
    `${why}, so single nodes cannot be restored. Restore the whole version.`,
  );
}
