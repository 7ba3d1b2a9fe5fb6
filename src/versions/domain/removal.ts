import { type ChainState, type SizedLink, chainStateOf } from './chain';
import { ChainTree, type Link } from './chain-tree';
import type { EncodedFrame } from './codec';

/** What removing versions comes to: these rows go, those are rewritten, then the graph's row takes `state`. */
export interface RemovalPlan {
  readonly removed: readonly number[];
  /** Rows to rewrite, and on which base; ascending. */
  readonly rewrites: readonly Link[];
  /** Null when no version is left. */
  readonly state: ChainState | null;
}

/** A row's new frame; `base` may have become null where a patch did not pay. */
export interface Rewritten extends Link {
  readonly frame: Buffer;
}

/**
 * Plans the removal of `versions` out of a graph's `links` (all of them). For each one removed, its first child
 * takes its place on its base (or becomes a full frame), the other child, if there is one, goes onto the first
 * (`ChainTree.remove`). So no chain gets longer, one removal rewrites at most two rows, and of many only rows whose base goes are
 * rewritten, once each, however many are removed (the version store's measurements). Versions that are not
 * among the links are passed over.
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
 * Makes the new frames of a plan, one after another, so that two documents are in memory at a time. `load`
 * reads a version as it stands before the removal; `encode` is the codec or its pool. Nothing is written here.
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
