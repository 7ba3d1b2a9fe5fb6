import { ChainTree, type Link } from './chain-tree';

/** A link with the size of its document in bytes. */
export interface SizedLink extends Link {
  readonly bytes: number;
}

/**
 * The chain state on a graph's row, so that the base of the next version is found without a query. `anchor`: the
 * version that the next shortcut will be based on. `anchors`: upper bound of the cost of reading it; `since`: upper
 * bound of the additional cost of reading the head; both in the units of `readCost`, below 32,768.
 */
export interface ChainState {
  readonly anchor: number;
  readonly anchors: number;
  readonly since: number;
}

/**
 * Where a new version goes: a full frame (`keyframe`, `base` null), a patch on the previous version (`step`), or a
 * patch on the anchor, which becomes the next anchor (`anchor`). `cost`: its own part of the read cost. `worth`: the
 * largest useful size of a patch there, as a fraction (0 to 1) of a full frame.
 */
export interface Placement {
  readonly role: 'keyframe' | 'anchor' | 'step';
  readonly base: number | null;
  readonly cost: number;
  readonly worth: number;
}

const KIB = 1024;

const UNIT_BYTES = 64 * KIB;
/** Fetching and decrypting one more row takes as long as decoding this many bytes. */
const ROW_BYTES = 384 * KIB;
const COST_MAX = 640;
/** What can be read in a few milliseconds: 329 small documents, 100 of 1 MiB, 60 of 2 MiB. */
const BUDGET = (144 * KIB * KIB) / UNIT_BYTES;
/** Chains of larger documents may take longer, because their full frames would cost too much. */
const FRAMES_MIN = 24;
/** Size of a shortcut as a fraction of a full frame: what room for steps may cost in bytes. */
const SHORTCUT_SIZE = 0.6;
/** Read cost of the newest version by its chain above which a copy of it is kept on the graph's row: about 7 ms. */
const COPY_COST = (BUDGET * 3) / 4;
/** For a larger document, making and writing a copy takes longer than reading its chain. */
const COPY_BYTES_MAX = 1024 * KIB;

/**
 * Cost of decoding one document of `bytes` bytes in a chain, in units of about 4 microseconds: its row, and its
 * bytes at about 16 GB/s.
 */
export function readCost(bytes: number): number {
  return Math.min(Math.ceil((ROW_BYTES + bytes) / UNIT_BYTES), COST_MAX);
}

/** Highest read cost of a document of `bytes` bytes when it is written; removals never increase it. */
export function readLimit(bytes: number): number {
  return Math.max(BUDGET, FRAMES_MIN * readCost(bytes));
}

/**
 * Selects the base of the version after `head`, a document of `bytes` bytes. Usually the head. If reading it would
 * then cost more than `readLimit`, a shortcut: a patch on the anchor, which is the last shortcut or the full frame.
 * The less room a patch leaves for later steps, the less it is `worth` compared with a full frame, which restores
 * all of the room. So a large change late in a chain becomes the full frame that is due soon anyway.
 *
 * `state` null: the graph has no version yet. If the returned anchor does not exist, call again with the
 * `chainStateOf` all links as `state`.
 *
 * These are the two levels of the version store's measurements, with fewer shortcuts: a shortcut repeats about half
 * of the content of the steps that it skips, so it is made only when the read limit requires it.
 */
export function placeNext(state: ChainState | null, head: number, bytes: number): Placement {
  const cost = readCost(bytes);
  if (!state) return { role: 'keyframe', base: null, cost, worth: 0 };
  const left = (reading: number) => 1 - (reading + cost) / readLimit(bytes);
  const step = left(state.anchors + state.since);
  if (step >= 0) return { role: 'step', base: head, cost, worth: 1 - SHORTCUT_SIZE * (1 - step) };
  const shortcut = left(state.anchors);
  if (shortcut > 0) return { role: 'anchor', base: state.anchor, cost, worth: shortcut };
  return { role: 'keyframe', base: null, cost, worth: 0 };
}

/**
 * The state after `version` was written at `placement`. `patched` false: a full frame was written, whatever the
 * placement.
 */
export function stateAfter(
  state: ChainState | null,
  { role, cost }: Placement,
  version: number,
  patched: boolean,
): ChainState {
  if (!state || !patched || role === 'keyframe') return { anchor: version, anchors: cost, since: 0 };
  if (role === 'anchor') return { anchor: version, anchors: state.anchors + cost, since: 0 };
  return { ...state, since: state.since + cost };
}

/**
 * Whether a full copy of the newest version, a document of `bytes` bytes at the end of the chain `state`, is also
 * kept on its graph's row, so that reading it needs no chain. The copy is a second full frame: a seventh of the
 * database in real histories, which are short, and half of the compression work of each write.
 */
export function isWorthACopy({ anchors, since }: ChainState, bytes: number): boolean {
  return bytes <= COPY_BYTES_MAX && anchors + since > COPY_COST;
}

/**
 * Derives the state from the links, after removals or repacking have changed them. The highest version is the head;
 * the anchor is the lowest version of its chain that has room for one more patch. Null if there are no links.
 */
export function chainStateOf(links: readonly SizedLink[]): ChainState | null {
  if (links.length === 0) return null;
  const tree = new ChainTree(links);
  const costs = new Map(links.map(({ version, bytes }) => [version, readCost(bytes)]));
  const path = tree.path(links.reduce((head, { version }) => Math.max(head, version), -Infinity));
  const at = path.findLastIndex((version) => tree.hasRoom(version));
  const costOf = (part: readonly number[]) =>
    part.reduce((sum, version) => sum + (costs.get(version) ?? 0), 0);
  return { anchor: path[at] as number, anchors: costOf(path.slice(at)), since: costOf(path.slice(0, at)) };
}
