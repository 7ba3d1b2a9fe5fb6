/** The base of a version's frame: a patch on `base`, or a full frame (null). */
export interface Link {
  readonly version: number;
  readonly base: number | null;
}

/** With one more patch on a base, removing that base would rewrite more than two rows. */
const CHILDREN_MAX = 2;

/**
 * How the frames of one graph depend on each other, in memory only; nothing is written. Allows at most two patches
 * per base where it selects a base.
 */
export class ChainTree {
  private readonly bases: Map<number, number | null>;
  private readonly children = new Map<number, number[]>();

  constructor(links: readonly Link[]) {
    this.bases = new Map(links.map(({ version, base }) => [version, base]));
    for (const { version, base } of links) if (base !== null) this.adopt(base, version);
  }

  has(version: number): boolean {
    return this.bases.has(version);
  }

  /** The version that this one is a patch on; null for a full frame and for an unknown version. */
  baseOf(version: number): number | null {
    return this.bases.get(version) ?? null;
  }

  /** Whether this version can be the base of one more patch. */
  hasRoom(version: number): boolean {
    return this.bases.has(version) && (this.children.get(version)?.length ?? 0) < CHILDREN_MAX;
  }

  /** The version, its base, and so on down to the full frame or to a missing base. */
  path(version: number): number[] {
    const path: number[] = [];
    // A base is always older. Damaged links that say otherwise must not cause an endless loop.
    for (let at: number | null = version, above = Infinity; at !== null && at < above && this.has(at);) {
      path.push(at);
      above = at;
      at = this.baseOf(at);
    }
    return path;
  }

  /** Patches between the version and its full frame. */
  depth(version: number): number {
    return this.path(version).length - 1;
  }

  /** Moves a version to another base. */
  move(version: number, base: number | null): void {
    this.leave(version);
    this.bases.set(version, base);
    if (base !== null) this.adopt(base, version);
  }

  /**
   * Removes a version. Its first child takes its place. A second child moves onto the first one; if that already has
   * two, onto the nearest older version that has room and does not make the chain longer; otherwise it gets no base.
   */
  remove(version: number): void {
    const depth = this.depth(version);
    const base = this.baseOf(version);
    const [first, ...others] = [...(this.children.get(version) ?? [])].sort((a, b) => a - b);
    this.leave(version);
    this.bases.delete(version);
    this.children.delete(version);
    if (first !== undefined) this.move(first, base);
    for (const other of others) this.move(other, this.roomFor(other, depth, first));
  }

  private roomFor(version: number, depth: number, wanted: number | undefined): number | null {
    if (wanted !== undefined && this.hasRoom(wanted)) return wanted;
    const fit = [...this.bases.keys()].filter(
      (other) => other < version && this.hasRoom(other) && this.depth(other) <= depth,
    );
    return fit.length > 0 ? fit.reduce((nearest, other) => Math.max(nearest, other)) : null;
  }

  private adopt(base: number, version: number): void {
    const siblings = this.children.get(base);
    if (siblings) siblings.push(version);
    else this.children.set(base, [version]);
  }

  private leave(version: number): void {
    const base = this.baseOf(version);
    if (base === null) return;
    this.children.set(
      base,
      (this.children.get(base) ?? []).filter((child) => child !== version),
    );
  }
}
