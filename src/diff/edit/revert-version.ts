import { compareGraphs, type ComparedNode, type Comparison } from '../compare-graphs';
import { compareRest } from '../compare-rest';
import { ContentIds } from '../content-ids';
import { containersOf, type GraphNode, type ReadEdge } from '../dialects/graph';
import { endNamer } from '../end-names';
import { readExact } from '../exact-json';
import { isObject, type Json, type JsonObject } from '../json';
import { ownMember } from '../../platform/hardening/own-member';
import { edgePartners, missingEdges, newEdges } from './changed-edges';
import { checkRevert } from './check-revert';
import { EditRefusedError, type Obstacle } from './edit-refused.error';
import type { EditRules } from './edit-rules';
import { JsonEdits } from './json-edits';
import { SpanIndex } from './json-text';
import { mergeMember, mergeMembers, type Merge } from './merge-values';
import { GONE, leftOut, type Edited, type LeftOut } from './restore-nodes';
import { rulesFor } from './rules/rules-of';
import { index, Side } from './side';
import { Transplant } from './transplant';

/** The configs around a version, and the present one. */
export interface RevertParts {
  /** Of the version before. */
  before: Uint8Array;
  /** Of the version whose changes are taken back. */
  after: Uint8Array;
  present: Uint8Array;
}

/**
 * Takes back what one version changed, on top of what came later: its nodes, edges and other parts, member by member.
 * Throws EditRefusedError with the code `conflict` and a list if parts were changed again since. If nothing came later,
 * the outcome has exactly the bytes of the version before.
 */
export function revertVersion({ before, after, present }: RevertParts): Edited {
  if (Buffer.compare(after, present) === 0) return { config: Buffer.from(before), left_out: [], along: [] };
  if (Buffer.compare(before, after) === 0) return { config: Buffer.from(present), left_out: [], along: [] };
  return new Revert({ before, after, present }).run();
}

class Revert {
  private readonly old: Json;
  private readonly changed: Json;
  private readonly now: Json;
  private readonly edits: JsonEdits;
  private readonly merge: Merge;

  constructor({ before, after, present }: RevertParts) {
    [this.old, this.changed, this.now] = [readExact(before), readExact(after), readExact(present)];
    const spans = new SpanIndex();
    index(spans, before, this.old);
    index(spans, after, this.changed);
    index(spans, present, this.now);
    this.edits = new JsonEdits(spans);
    const ids = new ContentIds();
    this.merge = { edits: this.edits, same: (a, b) => ids.same(a, b), obstacles: [] };
  }

  run(): Edited {
    const done = compareGraphs(this.old, this.changed);
    const since = compareGraphs(this.changed, this.now);
    const rules = rulesFor(since);
    // A file that became one of another kind or form has no parts that can be taken back one by one.
    if (rulesFor(done) !== rules || done.dialect !== since.dialect) throw otherKind();
    const left_out = rules && isGraphChange(done) ? this.nodes(done, since, rules) : [];
    const root = rules && isGraphChange(done) ? this.now : this.whole();
    this.refuseConflicts();
    const config = this.edits.print(root);
    if (rules !== undefined)
      checkRevert(done, since, compareGraphs(this.now, readExact(config)), left_out.length);
    return { config, left_out: left_out.map(endNamer(done.from.nodes)), along: [] };
  }

  /** A file without a graph, or a change that no node, edge or other part shows. Returns the new root. */
  private whole(): Json {
    const box = { root: this.now };
    mergeMember(this.merge, { before: this.old, after: this.changed }, box, { name: 'root', path: '' });
    return box.root;
  }

  private nodes(done: Comparison, since: Comparison, rules: EditRules): LeftOut[] {
    const later = new Map(since.both.map((pair) => [pair.from.id, pair]));
    const partners = new Map(
      done.both.flatMap(({ from, to }) => {
        const pair = later.get(to.id);
        return pair === undefined ? [] : [[from.id, pair.to] as const];
      }),
    );
    const to = new Transplant({
      edits: this.edits,
      source: new Side(this.old, done.from, this.edits.spans),
      target: new Side(this.now, since.to, this.edits.spans),
      partners,
      rules,
      edgePartners: composed(edgePartners(done), edgePartners(since)),
      same: this.merge.same,
    });
    const edges = new LaterEdges(since);
    for (const pair of done.both)
      if (pair.changed || pair.moved) this.node(to, pair, later.get(pair.to.id), rules);
    this.rest(done, to);
    this.edgesChanged(to, done, edges);
    this.removeAdded(to, { done, since, edges, rules });
    this.refuseConflicts();
    return this.addRemoved(to, done, since);
  }

  /** Takes back the change of one node. */
  private node(
    to: Transplant,
    { from, to: changed }: ComparedNode,
    since: ComparedNode | undefined,
    rules: EditRules,
  ): void {
    if (since === undefined) return this.conflict(changed, 'was removed since');
    const [before, after, now] = [from.item, changed.item, since.to.item];
    if (before === undefined || after === undefined || now === undefined)
      return this.conflict(changed, 'is not a part of its own in the file');
    const except = new Set(['id', ...rules.structure(after, changed)]);
    mergeMembers(this.merge, { before, after }, now, { path: changed.id, except });
    if (containersOf(from).join() !== containersOf(changed).join()) this.move(to, { from, changed }, since);
    rules.reverting?.(to, { before: from, after: changed, now: since.to }, this.merge);
  }

  /** Its container was changed: in some files that is another list, or another place in it. */
  private move(
    to: Transplant,
    { from, changed }: { from: GraphNode; changed: GraphNode },
    since: ComparedNode,
  ): void {
    const container = containersOf(from)[0];
    if (since.moved) this.conflict(changed, 'was moved again since');
    else if (container === undefined || to.now(container) !== undefined) to.moveTo(from, since.to);
  }

  private rest(done: Comparison, to: Transplant): void {
    const path = done.from.path.join() === done.to.path.join() ? done.to.path : [];
    const after = new Side(this.changed, done.to, this.edits.spans);
    for (const other of compareRest(done.from.rest, done.to.rest, path, done.ids)) {
      const steps = other.path
        .split('/')
        .slice(1)
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
      const name = steps.pop();
      const [a, b, p] = [to.source.at(steps), after.at(steps), to.target.at(steps)];
      if (name === undefined || !isObject(a) || !isObject(b) || !isObject(p))
        this.merge.obstacles.push({ field: other.path, message: 'is not where it was' });
      else {
        const change = { before: ownMember(a, name), after: ownMember(b, name), holder: a };
        mergeMember(this.merge, change, p, { name, path: other.path, behind: nameBefore(a, name) });
      }
    }
  }

  private edgesChanged(to: Transplant, done: Comparison, edges: LaterEdges): void {
    for (const { edge } of done.edges.changed) {
      const before = done.edges.before.get(edge);
      const now = edges.find(edge);
      if (before === undefined || now === undefined) this.conflictAt(edge, 'was removed since');
      else if (now.changed) this.conflictAt(edge, 'was changed again since');
      else to.overwriteEdge(before, now.edge);
    }
    for (const edge of newEdges(done)) {
      const now = edges.find(edge);
      if (now?.changed) this.conflictAt(edge, 'was changed again since');
      else if (now !== undefined) to.disconnect(now.edge);
    }
  }

  private removeAdded(
    to: Transplant,
    {
      done,
      since,
      edges,
      rules,
    }: { done: Comparison; since: Comparison; edges: LaterEdges; rules: EditRules },
  ): void {
    const pairs = new Map(since.both.map((pair) => [pair.from.id, pair]));
    const going = done.added.flatMap((node) => pairs.get(node.id) ?? []);
    const gone = new Set(going.map((pair) => pair.to.id));
    for (const { from, to: now, changed, moved } of going) {
      const held = since.to.nodes.some(
        (node) =>
          !gone.has(node.id) && containersOf(node).includes(now.id) && (!rules.byOrder || to.isNested(node)),
      );
      if (changed || moved) this.conflict(from, 'was changed again since');
      else if (held) this.conflict(from, 'holds other nodes now');
      else if (edges.isConnectedSince(now.id)) this.conflict(from, 'has other connections now');
    }
    if (this.merge.obstacles.length > 0) return;
    const isHeld = (node: GraphNode): boolean =>
      containersOf(node).some((id) => gone.has(id)) && to.isNested(node);
    for (const { to: now } of going) if (!isHeld(now)) to.remove(now);
  }

  private addRemoved(to: Transplant, done: Comparison, since: Comparison): LeftOut[] {
    const again = new Set(since.added.map(({ id, type }) => `${id} ${type}`));
    for (const node of done.removed)
      if (again.has(`${node.id} ${node.type}`)) this.conflict(node, 'was added again since');
    const coming = new Set(done.removed.map(({ id }) => id));
    for (const node of done.removed) {
      const lost = containersOf(node).some((id) => !coming.has(id) && to.now(id) === undefined);
      if (lost) this.conflict(node, 'belongs to a container that was removed since');
    }
    this.refuseConflicts();
    for (const node of done.removed) to.add(node, ({ id }) => coming.has(id));
    const left = to.settle().map((edge) => leftOut(edge, GONE));
    for (const edge of missingEdges(done, to.added)) {
      if (to.isAdded(edge.site.holder)) continue;
      const there = to.isThere(edge.source) && to.isThere(edge.target);
      const reason = there ? to.connect(edge) : GONE;
      if (reason !== undefined) left.push(leftOut(edge, reason));
    }
    return left;
  }

  private conflict({ id }: GraphNode, message: string): void {
    this.merge.obstacles.push({ field: id, message });
  }

  private conflictAt({ source, target }: ReadEdge, message: string): void {
    this.merge.obstacles.push({ field: `${source} → ${target}`, message });
  }

  private refuseConflicts(): void {
    if (this.merge.obstacles.length > 0) throw conflictOf(this.merge.obstacles);
  }
}

/** Parts that a version changed and that were changed again since. */
export function conflictOf(obstacles: Obstacle[]): EditRefusedError {
  const parts = obstacles.length === 1 ? 'A part' : `${obstacles.length} parts`;
  return new EditRefusedError(
    'conflict',
    `${parts} of what this version changed cannot be taken back, because of later changes; see "errors". Nothing was written. Restore single nodes or a whole version instead.`,
    obstacles.slice(0, 200),
  );
}

function otherKind(): EditRefusedError {
  return new EditRefusedError(
    'no-graph',
    'The versions are not files of one kind and form, so a single version cannot be taken back. Restore a whole version.',
  );
}

/** What became of edges since the version that is reverted. */
class LaterEdges {
  private readonly edges = new Map<unknown, Map<number | string, { edge: ReadEdge; changed: boolean }>>();
  private readonly connected = new Set<string>();

  constructor({ edges: { before, changed, added } }: Comparison) {
    const again = new Set(changed.map(({ edge }) => edge));
    for (const [edge, { site }] of before) {
      const held =
        this.edges.get(site.holder) ?? new Map<number | string, { edge: ReadEdge; changed: boolean }>();
      held.set(site.key, { edge, changed: again.has(edge) });
      this.edges.set(site.holder, held);
    }
    for (const { source, target } of added) this.connected.add(source).add(target);
  }

  find({ site }: ReadEdge): { edge: ReadEdge; changed: boolean } | undefined {
    return this.edges.get(site.holder)?.get(site.key);
  }

  isConnectedSince(id: string): boolean {
    return this.connected.has(id);
  }
}

function composed(first: ReadonlyMap<object, Json>, second: ReadonlyMap<object, Json>): Map<object, Json> {
  const both = new Map<object, Json>();
  for (const [old, middle] of first) {
    const now = typeof middle === 'object' && middle !== null ? second.get(middle) : undefined;
    if (now !== undefined) both.set(old, now);
  }
  return both;
}

function isGraphChange({ dialect, from, to, added, removed, both, edges, ids }: Comparison): boolean {
  if (dialect === 'json') return false;
  return (
    added.length + removed.length + edges.added.length + edges.removed.length + edges.changed.length > 0 ||
    both.some(({ changed, moved }) => changed || moved) ||
    !ids.same(from.rest, to.rest)
  );
}

function nameBefore(object: JsonObject, name: string): string | null {
  const names = Object.keys(object);
  return names[names.indexOf(name) - 1] ?? null;
}
