import { ChainTree, type Link } from './chain-tree';

/** A link with the size of its document in bytes. */
export interface SizedLink extends Link {
  readonly bytes: number;
}

/**
 * What the graph's row knows of its chain, so that the next version's base is found without a query. `anchor`:
 * the version that the next shortcut will stand on. `anchors`: what reading it costs, at most; `since`: what
 * reading the head costs beyond that, at most; both in the units of `readCost`, below 32,768.
 */
export interface ChainState {
  readonly anchor: number;
  readonly anchors: number;
  readonly since: number;
}

/**
 * Where a new version goes: as a full frame (`keyframe`, `base` null), as a patch on the version before (`step`),
 * or on the anchor, as a shortcut and the next anchor (`anchor`). `cost`: its own part of what reading it costs.
 * `worth`: how much of a full frame's size a patch may have there, 0 to 1.
 */
export interface Placement {
  readonly role: 'keyframe' | 'anchor' | 'step';
  readonly base: number | null;
  readonly cost: number;
  readonly worth: number;
}

const KIB = 1024;

const UNIT_BYTES = 64 * KIB;
/** Fetching and decrypting one more row takes as long as decoding this much. */
const ROW_BYTES = 384 * KIB;
const COST_MAX = 640;
/** As much as is read in a few milliseconds: 329 small documents, 100 of 1 MiB, 60 of 2 MiB. */
const BUDGET = (144 * KIB * KIB) / UNIT_BYTES;
/** Chains of larger documents may take longer: full frames of theirs would cost too much. */
const FRAMES_MIN = 24;
/** What a shortcut costs, as part of a full frame's size: what room for steps may cost in bytes. */
const SHORTCUT_SIZE = 0.6;
/** What reading the newest version by its chain may cost before a copy of it is kept beside: some 5 ms. */
const COPY_COST = BUDGET / 2;
/** Making a copy of a larger document, and writing it, takes longer than reading its chain. */
const COPY_BYTES_MAX = 1024 * KIB;

/**
 * What decoding one document of `bytes` bytes within a chain costs, in units of about 4 microseconds: its row,
 * and its bytes at some 16 GB/s.
 */
export function readCost(bytes: number): number {
  return Math.min(Math.ceil((ROW_BYTES + bytes) / UNIT_BYTES), COST_MAX);
}

/** What reading a document of `bytes` bytes may cost at the time it is written; no removal adds to it. */
export function readLimit(bytes: number): number {
  return Math.max(BUDGET, FRAMES_MIN * readCost(bytes));
}

/**
 * Chooses the base of the version after `head`, a document of `bytes` bytes. Usually the head. Where reading it
 * would then cost more than `readLimit`, a shortcut: a patch on the anchor, which is the last shortcut or the full
 * frame. What a patch is `worth` beside a full frame falls with the room that it leaves for steps after it: a full
 * frame gives all of it back. So a large change late in a chain becomes the full frame that is due soon anyway.
 *
 * `state` null means that the graph has no version yet. When the anchor named by the answer is not there, take
 * `chainStateOf` all links in place of `state` and ask again.
 *
 * These are the two levels of the version store's measurements, with fewer shortcuts: one repeats about half of
 * what the steps that it skips have said, so it is made only when reading asks for it.
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
 * The state after `version` has been written at `placement`. `patched` false says that a full frame was
 * written, whatever the placement.
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
 * Whether the newest version, a document of `bytes` bytes at the end of the chain `state`, is also kept whole on
 * its graph's row, so that reading it needs no chain. The copy is a second full frame: a seventh of the database
 * in real histories, which are short, and half of the compressing of each write.
 */
export function isWorthACopy({ anchors, since }: ChainState, bytes: number): boolean {
  return bytes <= COPY_BYTES_MAX && anchors + since > COPY_COST;
}

/**
 * Finds the state from the links themselves, for when removing or repacking has changed them. The highest
 * version is taken as the head, and as anchor the lowest version of its chain that has room for one more patch.
 * Null when there are no links.
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
