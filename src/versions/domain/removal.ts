import { type ChainState, type SizedLink, chainStateOf } from './chain';
import { ChainTree, type Link } from './chain-tree';
import type { EncodedFrame } from './codec';

/** The result of planning a removal: rows to delete, rows to rewrite, and the new `state` of the graph's row. */
export interface RemovalPlan {
  readonly removed: readonly number[];
  /** Rows to rewrite, with their new base; ascending. */
  readonly rewrites: readonly Link[];
  /** Null if no version is left. */
  readonly state: ChainState | null;
}

/** A row's new frame; `base` becomes null if a patch would not save space. */
export interface Rewritten extends Link {
  readonly frame: Buffer;
}

/**
 * Plans the removal of `versions` from all `links` of a graph. For each removed version, its first child takes its
 * base (or becomes a full frame), and a second child moves onto the first (`ChainTree.remove`). So no chain gets
 * longer, one removal rewrites at most two rows, and a removal of many versions rewrites only rows whose base is
 * removed, once each (the version store's measurements). Unknown versions are ignored.
 */
export function planRemoval(links: readonly SizedLink[], versions: Iterable<number>): RemovalPlan {
  const tree = new ChainTree(links);
  const removed = [...new Set(versions)].filter((version) => tree.has(version)).sort((a, b) => a - b);
  for (const version of removed) tree.remove(version);
  const left = links
    .filter(({ version }) => tree.has(version))
    .map(({ version, bytes }) => ({ version, bytes, base: tree.baseOf(version) }));
  const before = new Map(links.map(({ version, base }) => [version, base]));
  const rewrites = left
    .filter(({ version, base }) => base !== before.get(version))
    .map(({ version, base }) => ({ version, base }))
    .sort((a, b) => a.version - b.version);
  return { removed, rewrites, state: chainStateOf(left) };
}

/**
 * Encodes the new frames of a plan one after another, with two documents in memory at a time. `load` reads a version
 * as it is stored before the removal; `encode` is the codec or its pool. Writes nothing.
 */
export async function* rewriteFrames(
  plan: RemovalPlan,
  load: (version: number) => Promise<Buffer>,
  encode: (bytes: Buffer, base: Buffer | null) => Promise<EncodedFrame>,
): AsyncGenerator<Rewritten> {
  for (const { version, base } of plan.rewrites) {
    const { frame, patched } = await encode(await load(version), base === null ? null : await load(base));
    yield { version, base: patched ? base : null, frame };
  }
}
