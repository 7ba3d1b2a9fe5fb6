/** How one version's frame stands: on `base` as a patch, or alone as a full frame (null). */
export interface Link {
  readonly version: number;
  readonly base: number | null;
}

/**
 * What the graph's row knows of its chain, so that the next version's base is found without a query.
 * `anchor`: the last anchor's version number. `anchors`: patches between it and its full frame, at most.
 * `since`: patches between the head and it, at most.
 */
export interface ChainState {
  readonly anchor: number;
  readonly anchors: number;
  readonly since: number;
}

/** Where a new version goes: on `base`, or as a full frame (null). */
export interface Placement {
  readonly role: 'keyframe' | 'anchor' | 'step';
  readonly base: number | null;
}

/** Anchors that stand on one another before a full frame comes, the full frame counted. */
export const ANCHORS_PER_KEYFRAME = 16;
const STEPS_MIN = 16;
const STEPS_MAX = 128;
const READ_BUDGET_BYTES = 32 * 1024 * 1024;

/**
 * How many versions of a document of `bytes` bytes one anchor carries, itself counted: as many as are decoded
 * in a few milliseconds (the version store's measurements). A chain is never longer than
 * `ANCHORS_PER_KEYFRAME + stepsPerAnchor(bytes)` frames.
 */
export function stepsPerAnchor(bytes: number): number {
  return Math.min(Math.max(Math.floor(READ_BUDGET_BYTES / Math.max(bytes, 1)), STEPS_MIN), STEPS_MAX);
}

/**
 * Chooses the base of the version after `head`, a document of `bytes` bytes: usually the head; once every
 * `stepsPerAnchor` versions the last anchor; after `ANCHORS_PER_KEYFRAME` anchors none. `state` null means that
 * the graph has no version yet. When the anchor named by the answer is not there, take `chainStateOf` all
 * links in place of `state` and ask again.
 */
export function placeNext(state: ChainState | null, head: number, bytes: number): Placement {
  if (!state) return { role: 'keyframe', base: null };
  if (state.since + 1 < stepsPerAnchor(bytes)) return { role: 'step', base: head };
  if (state.anchors + 1 < ANCHORS_PER_KEYFRAME) return { role: 'anchor', base: state.anchor };
  return { role: 'keyframe', base: null };
}

/**
 * The state after `version` has been written at `placement`. `patched` false says that a full frame was
 * written, whatever the placement.
 */
export function stateAfter(
  state: ChainState | null,
  placement: Placement,
  version: number,
  patched: boolean,
): ChainState {
  if (!state || !patched || placement.role === 'keyframe') return { anchor: version, anchors: 0, since: 0 };
  if (placement.role === 'anchor') return { anchor: version, anchors: state.anchors + 1, since: 0 };
  return { ...state, since: state.since + 1 };
}

/**
 * Finds the state from the links themselves, for when a removal has changed them. The highest version is taken
 * as the head, and as its anchor the nearest version below it that skips an older sibling, else its full frame:
 * so no version ever gets more than one child of either kind. Null when there are no links.
 */
export function chainStateOf(links: readonly Link[]): ChainState | null {
  const bases = new Map(links.map((link) => [link.version, link.base]));
  const oldestChild = new Map<number, number>();
  let head = -1;
  for (const { version, base } of links) {
    head = Math.max(head, version);
    if (base !== null) oldestChild.set(base, Math.min(oldestChild.get(base) ?? version, version));
  }
  if (head < 0) return null;
  const path = pathDown(bases, head);
  const since = path.findIndex((version) => isAnchor(version, bases, oldestChild));
  const anchor = path[since] ?? head;
  return { anchor, anchors: path.length - 1 - since, since };
}

function isAnchor(
  version: number,
  bases: ReadonlyMap<number, number | null>,
  oldestChild: ReadonlyMap<number, number>,
): boolean {
  const base = bases.get(version) ?? null;
  return base === null || !bases.has(base) || oldestChild.get(base) !== version;
}

function pathDown(bases: ReadonlyMap<number, number | null>, from: number): number[] {
  const path = [from];
  for (let at = bases.get(from) ?? null; at !== null && bases.has(at); at = bases.get(at) ?? null) {
    path.push(at);
  }
  return path;
}
