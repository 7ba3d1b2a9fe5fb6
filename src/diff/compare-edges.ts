import type { ContentIds } from './content-ids';
import type { GraphEdge, ReadEdge } from './dialects/graph';
import type { JsonObject } from './json';

/** An edge that is on both sides with another content. */
export interface ChangedEdge {
  edge: ReadEdge;
  /** The old content with the ids as they are now. */
  before: JsonObject;
}

/** Edges of one side only, those of both sides, and those whose content differs. */
export interface EdgeDifference {
  added: ReadEdge[];
  removed: ReadEdge[];
  kept: ReadEdge[];
  changed: ChangedEdge[];
  /** For edges of the newer side that were kept or changed, the older edge. */
  before: Map<ReadEdge, ReadEdge>;
}

/** How ids and contents of the older side read today. */
export interface Renaming {
  id: (id: string) => string;
  content: (content: JsonObject) => JsonObject;
}

/**
 * The difference of two multisets of edges: two equal edges of which one goes is one removal. Edges with equal ends
 * and ports are one, the ones with equal contents first. Removed edges have the ids of `from`, the others
 * with those of `to`. O(edges).
 */
export function compareEdges(
  from: readonly ReadEdge[],
  to: readonly ReadEdge[],
  now: Renaming,
  ids: ContentIds,
): EdgeDifference {
  const old = from.map((edge) => ({
    edge,
    before: contentOf({ ...edge, body: now.content(edge.body) }, now.id),
  }));
  const key = (edge: GraphEdge, rename = (id: string): string => id): string => edgeKey(edge, rename);
  const left = new Groups(old.map((entry) => [key(entry.edge, now.id), entry]));
  const difference: EdgeDifference = { added: [], removed: [], kept: [], changed: [], before: new Map() };
  const rest: ReadEdge[] = [];
  for (const edge of to) {
    const content = ids.of(contentOf(edge));
    const same = left.take(key(edge), ({ before }) => ids.of(before) === content);
    (same === undefined ? rest : difference.kept).push(edge);
    if (same !== undefined) difference.before.set(edge, same.edge);
  }
  for (const edge of rest) {
    const other = left.take(key(edge), () => true);
    if (other === undefined) difference.added.push(edge);
    else {
      difference.changed.push({ edge, before: other.before });
      difference.before.set(edge, other.edge);
    }
  }
  const gone = left.rest();
  difference.removed = old.filter((entry) => gone.has(entry)).map(({ edge }) => edge);
  return difference;
}

/** What an edge is besides its ends: its own members, and the points through which it runs. */
export function contentOf({ body, via }: ReadEdge, rename = (id: string): string => id): JsonObject {
  return via === undefined ? body : { ...body, via: via.map(rename) };
}

function edgeKey(
  { source, source_port, target, target_port, virtual }: GraphEdge,
  rename: (id: string) => string,
): string {
  return JSON.stringify([rename(source), source_port, rename(target), target_port, virtual]);
}

class Groups<Entry> {
  private readonly groups = new Map<string, Entry[]>();

  constructor(entries: readonly (readonly [string, Entry])[]) {
    for (const [key, entry] of entries) {
      const group = this.groups.get(key);
      if (group === undefined) this.groups.set(key, [entry]);
      else group.push(entry);
    }
  }

  take(key: string, fits: (entry: Entry) => boolean): Entry | undefined {
    const group = this.groups.get(key);
    // No real graph has thousands of equal edges; only the first ones are compared.
    const at = group?.slice(0, 50).findIndex(fits) ?? -1;
    return at === -1 ? undefined : group?.splice(at, 1)[0];
  }

  rest(): Set<Entry> {
    return new Set([...this.groups.values()].flat());
  }
}
