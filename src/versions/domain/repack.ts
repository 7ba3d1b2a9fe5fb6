import { type ChainState, type SizedLink, chainStateOf } from './chain';
import { ChainTree } from './chain-tree';
import type { RebasedFrame } from './codec';
import type { Rewritten } from './removal';

/** A row that may be repacked; `frameBytes` is the size of its frame before encryption. */
export interface PackableVersion extends SizedLink {
  readonly frameBytes: number;
}

/** The rows to repack: those above `after`, up to `upTo`. */
export interface RepackRange {
  readonly after: number;
  readonly upTo: number;
}

/** The rows to repack now, ascending, and the version to continue after (null: the graph is done). */
export interface RepackPlan<Row extends SizedLink = SizedLink> {
  readonly versions: readonly Row[];
  readonly next: number | null;
}

/** Repacked rows: what to write, the graph's new state, and the version to continue after. */
export interface RepackedBatch {
  readonly rewritten: readonly Rewritten[];
  readonly savedBytes: number;
  readonly state: ChainState | null;
  readonly next: number | null;
}

/** What repacking needs from outside: the documents, and the codec or its pool. */
export interface RepackTools {
  load(version: number): Promise<Buffer>;
  rebase(
    bytes: Buffer,
    bases: readonly (Buffer | null)[],
    currentBytes: number,
  ): Promise<RebasedFrame | null>;
}

/** Cost of a row in addition to its bytes, in bytes: many small rows must not make one long transaction. */
const ROW_COST_BYTES = 64 * 1024;
/** Older versions tried as a base. Half of the gain comes from the first two (reverted changes). */
const BASES_TRIED = 8;
/** Limit for the size of all tried documents together, except one. */
const BASES_BYTES = 4 * 1024 * 1024;

/**
 * Selects the next rows of a graph to repack, above version `after`, while documents and bases stay within
 * `budgetBytes`. At least one row, so that a document larger than the budget does not stop the work.
 */
export function planRepack<Row extends SizedLink>(
  rows: readonly Row[],
  { after, upTo }: RepackRange,
  budgetBytes: number,
): RepackPlan<Row> {
  const size = new Map(rows.map(({ version, bytes }) => [version, bytes]));
  const open = rows
    .filter(({ version }) => version > after && version <= upTo)
    .sort((a, b) => a.version - b.version);
  let spent = 0;
  const fits = ({ bytes, base }: Row) =>
    (spent += ROW_COST_BYTES + bytes + (base === null ? 0 : (size.get(base) ?? 0))) <= budgetBytes;
  const end = open.findIndex((row, index) => !fits(row) && index > 0);
  const versions = end < 0 ? open : open.slice(0, end);
  return { versions, next: end < 0 ? null : (versions[versions.length - 1]?.version ?? null) };
}

/**
 * Repacks the next rows of a graph above version `after`; `rows` has all its rows. Each is encoded tightly on its
 * base and on a few older versions that have room and make no chain longer. The smallest frame is used, never one
 * larger than the current one. Work per call: the documents and bases of `budgetBytes` are encoded tightly, and up
 * to eight more bases per row quickly. Memory: the returned frames and the documents of `BASES_BYTES`.
 */
export async function repackBatch(
  rows: readonly PackableVersion[],
  range: RepackRange,
  budgetBytes: number,
  tools: RepackTools,
): Promise<RepackedBatch> {
  const bases = new BaseChoice(rows);
  const documents = new Documents((version) => tools.load(version));
  const { versions, next } = planRepack(rows, range, budgetBytes);
  const rewritten: Rewritten[] = [];
  let savedBytes = 0;
  for (const { version, frameBytes } of versions) {
    const tried = bases.of(version);
    const loaded = await documents.load([version, ...tried]);
    const [bytes, ...others] = loaded as [Buffer, ...(Buffer | null)[]];
    const smaller = await tools.rebase(bytes, others, frameBytes);
    if (!smaller) continue;
    const base = tried[smaller.base] ?? null;
    bases.move(version, base);
    savedBytes += frameBytes - smaller.frame.byteLength;
    rewritten.push({ version, base, frame: smaller.frame });
  }
  return { rewritten, savedBytes, state: bases.state(), next };
}

/** The possible bases of a version, after the rows before it have been moved. */
class BaseChoice {
  private readonly tree: ChainTree;
  private readonly ascending: readonly PackableVersion[];
  private readonly places: ReadonlyMap<number, number>;

  constructor(rows: readonly PackableVersion[]) {
    this.tree = new ChainTree(rows);
    this.ascending = [...rows].sort((a, b) => a.version - b.version);
    this.places = new Map(this.ascending.map(({ version }, place) => [version, place]));
  }

  /** The current base, then others, nearest first; a full frame stays a full frame. */
  of(version: number): (number | null)[] {
    const current = this.tree.baseOf(version);
    if (current === null) return [null];
    const depth = this.tree.depth(version);
    const bases = [current];
    let bytes = 0;
    for (
      let place = (this.places.get(version) ?? 0) - 1;
      place >= 0 && bases.length <= BASES_TRIED;
      place--
    ) {
      const other = this.ascending[place] as PackableVersion;
      if ((bytes += other.bytes) > BASES_BYTES) break;
      const fits = this.tree.hasRoom(other.version) && this.tree.depth(other.version) < depth;
      if (fits && other.version !== current) bases.push(other.version);
    }
    return bases;
  }

  move(version: number, base: number | null): void {
    if (base !== this.tree.baseOf(version)) this.tree.move(version, base);
  }

  state(): ChainState | null {
    return chainStateOf(
      this.ascending.map(({ version, bytes }) => ({ version, bytes, base: this.tree.baseOf(version) })),
    );
  }
}

/** The documents of one step, kept for the next one, which needs most of them again. */
class Documents {
  private kept = new Map<number, Buffer>();

  constructor(private readonly read: (version: number) => Promise<Buffer>) {}

  async load(versions: readonly (number | null)[]): Promise<(Buffer | null)[]> {
    const loaded = new Map<number, Buffer>();
    for (const version of versions) {
      if (version !== null) loaded.set(version, this.kept.get(version) ?? (await this.read(version)));
    }
    this.kept = loaded;
    return versions.map((version) => (version === null ? null : (loaded.get(version) ?? null)));
  }
}
