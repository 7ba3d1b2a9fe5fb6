import type { MasterKeyFinder } from './vault-reader';
import { listGenerations, readChain, readLineageKey, VaultDamage } from './vault-reader';
import { toIso } from '../platform/clock/instant';
import { OperatorError } from '../platform/errors/operator-error';
import type { ObjectStore } from '../platform/objects/object-store';
import type { Generation, ListedSegment } from './domain/generations';
import type { Block } from './domain/row-block';
import { openSegment, type SegmentHeader } from './segment';

/** A rebuild is not possible as requested; the message says why, and what is possible. */
export class RebuildError extends OperatorError {}

export interface RebuildOptions {
  /** As of this time, ms since the epoch; null: the newest state. */
  at: number | null;
  /** Only this user's data: an e-mail address; null: all users. */
  user: string | null;
  /** The line of copies to read, if the store has several; its first digits are enough. */
  lineage: string | null;
}

/** What a rebuild reads. */
export interface RebuildPlan {
  generation: Generation;
  segments: ListedSegment[][];
  /** The newest segment, and the time that the database will be of, ms since the epoch. */
  tip: ListedSegment;
  asOf: number;
  bytes: number;
}

/** Chooses which segments a rebuild reads. */
export class RebuildPlanner {
  constructor(
    private readonly objects: ObjectStore,
    private readonly masters: MasterKeyFinder,
  ) {}

  /** Chooses what to read. Throws RebuildError, WrongVaultKeyError, VaultDamage, ObjectStoreError. */
  async plan({ at, lineage }: RebuildOptions): Promise<RebuildPlan> {
    const generations = await this.generationsOf(lineage);
    await readLineageKey(this.objects, generations[0]!.lineage, this.masters);
    if (at === null) return this.planOf(generations.at(-1)!, generations.at(-1)!.places.length);
    for (const generation of [...generations].reverse()) {
      const places = await this.placesUntil(generation, at);
      if (places === 0) continue;
      const last = generation.places.length === places && generation === generations.at(-1);
      const plan = await this.planOf(generation, places);
      if (last && plan.asOf < at)
        throw new RebuildError(
          `The newest copy is from ${toIso(plan.asOf)}; the state at ${toIso(at)} is not known. Omit --at for the newest.`,
        );
      return plan;
    }
    throw new RebuildError(
      `The oldest copy is from ${toIso(await this.timeOf(generations[0]!.places[0]![0]!))}; the state at ${toIso(at)} can no longer be reached.`,
    );
  }

  /**
   * The newest state in which the copies hold a graph: the newest of all, or the last one before it was purged. Reads the
   * segments of one generation after the other, newest first. Throws RebuildError when no copy holds it.
   */
  async planForGraph({ lineage }: Pick<RebuildOptions, 'lineage'>, graphId: string): Promise<RebuildPlan> {
    const generations = await this.generationsOf(lineage);
    const key = await readLineageKey(this.objects, generations[0]!.lineage, this.masters);
    const id = graphId.replaceAll('-', '');
    for (const generation of [...generations].reverse()) {
      const places = await this.placesWithGraph(generation, key, id);
      if (places > 0) return this.planOf(generation, places);
    }
    const oldest = toIso(await this.timeOf(generations[0]!.places[0]![0]!));
    throw new RebuildError(
      `No copy holds the graph ${graphId}; the oldest copy is from ${oldest}. Check the id; npm run vault -- ls lists the lines of copies.`,
    );
  }

  /** How many segments of a generation lead to the last state that holds a graph; 0 for none. */
  private async placesWithGraph({ places }: Generation, key: Buffer, id: string): Promise<number> {
    let last = 0;
    let there = false;
    let read = 0;
    for await (const segment of readChain(this.objects, places, key)) {
      for await (const block of segment.blocks()) there = stillThere(block, id, there);
      read += 1;
      if (there) last = read;
    }
    return last;
  }

  /** The header of a segment. Throws VaultDamage. */
  async headerOf({ name }: ListedSegment): Promise<SegmentHeader> {
    try {
      const segment = await openSegment(this.objects.get(name));
      await segment.close();
      return segment.header;
    } catch (error) {
      throw new VaultDamage(name, error instanceof Error ? error.message : String(error));
    }
  }

  /** Says up to which time a rebuild is possible in spite of the damage. */
  async withWayOut(damage: VaultDamage, plan: RebuildPlan): Promise<Error> {
    const place = plan.segments.findIndex((candidates) =>
      candidates.some(({ name }) => name === damage.object),
    );
    const before = place > 0 ? await this.timeOf(plan.segments[place - 1]![0]!).catch(() => null) : null;
    const older = before ?? plan.generation.number - 1;
    const way =
      before === null
        ? `Try an older time with --at (generation ${older} may be whole).`
        : `Everything up to ${toIso(before)} can be rebuilt with --at ${toIso(before)}, into the same database.`;
    return new RebuildError(`${damage.message}. ${way}`);
  }

  private async generationsOf(wanted: string | null): Promise<Generation[]> {
    const all = (await listGenerations(this.objects)).filter(({ places }) => places.length > 0);
    const lineages = [...new Set(all.map(({ lineage }) => lineage))];
    const fitting = lineages.filter((lineage) => wanted === null || lineage.startsWith(wanted));
    if (lineages.length === 0) throw new RebuildError(`There are no copies in ${this.objects.place}.`);
    if (fitting.length !== 1)
      throw new RebuildError(
        `The store holds ${lineages.length} lines of copies: choose one with --lineage (npm run vault -- ls shows them).`,
      );
    return all.filter(({ lineage }) => lineage === fitting[0]);
  }

  private async planOf(generation: Generation, places: number): Promise<RebuildPlan> {
    const segments = generation.places.slice(0, places);
    const tip = segments.at(-1)![0]!;
    const bytes = segments.reduce((sum, [segment]) => sum + segment!.bytes, 0);
    return { generation, segments, tip, asOf: await this.timeOf(tip), bytes };
  }

  /** How many of a generation's segments are from `at` or before; times grow with the place. */
  private async placesUntil({ places }: Generation, at: number): Promise<number> {
    let low = 0;
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((await this.timeOf(places[middle]![0]!)) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private async timeOf(segment: ListedSegment): Promise<number> {
    return (await this.headerOf(segment)).at;
  }
}

/** What must be the same to continue a rebuild. */
export function sourceOf({ generation }: RebuildPlan, { at, user }: RebuildOptions): string {
  return JSON.stringify({ lineage: generation.lineage, generation: generation.number, at, user });
}

/** Whether a graph exists after a block; `id` in hexadecimal digits. */
function stillThere(block: Block, id: string, before: boolean): boolean {
  if ('removals' in block)
    return before && !block.removals.some((removal) => 'graph' in removal && removal.graph.id === id);
  const { table, rows } = block.rows;
  return before || (table === 'graphs' && rows.some((row) => (row['id'] as Buffer).toString('hex') === id));
}
