import type { JournalService } from '../audit/journal.service';
import type { Clock } from '../platform/clock/clock';
import { toIso } from '../platform/clock/instant';
import type { MasterKeys } from '../platform/crypto/master-keys';
import { VAULT_KEY } from '../platform/crypto/keyring';
import type { OpenDatabase } from '../platform/database/database';
import type { Databases } from '../platform/database/databases';
import type { DatabaseTarget } from '../platform/database/database-url';
import type { UnitOfWork } from '../platform/database/unit-of-work';
import type { ObjectStore } from '../platform/objects/object-store';
import { UsageStore } from '../usage/usage.store';
import type { Generation, ListedSegment } from './domain/generations';
import { RebuildStore, type RebuiltCounts } from './rebuild.store';
import { openSegment } from './segment';
import { EVERYTHING, loadBlock, onlyUser, type RowFilter } from './vault-loader';
import {
  allKeys,
  listGenerations,
  readChain,
  readLineageKey,
  VaultDamage,
  type ReadSegment,
} from './vault-reader';

/** A rebuild cannot be done as it was asked for; the sentence says why and what can. */
export class RebuildError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RebuildError';
  }
}

export interface RebuildOptions {
  /** As of this time, ms since the epoch; null: the newest state there is. */
  at: number | null;
  /** Only this user's data: an e-mail address; null: everybody's. */
  user: string | null;
  /** The line of copies to read, where the store holds several; its first digits do. */
  lineage: string | null;
}

/** What will be read. */
export interface RebuildPlan {
  generation: Generation;
  segments: ListedSegment[][];
  /** The newest segment, and the time that the database will be of, ms since the epoch. */
  tip: ListedSegment;
  asOf: number;
  bytes: number;
}

export interface RebuildProgress {
  bytes: number;
  total: number;
}

/** Makes a database whole again out of a vault and a master key, and nothing else. */
export class Rebuild {
  private readonly store = new RebuildStore();
  private readonly usage = new UsageStore();

  constructor(
    private readonly objects: ObjectStore,
    private readonly masters: MasterKeys,
    private readonly databases: Databases,
    private readonly journal: JournalService,
    private readonly clock: Clock,
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
          `The newest copy is from ${toIso(plan.asOf)}; the state at ${toIso(at)} is not known. Leave --at away for the newest.`,
        );
      return plan;
    }
    throw new RebuildError(
      `The oldest copy is from ${toIso(await this.timeOf(generations[0]!.places[0]![0]!))}; the state at ${toIso(at)} cannot be reached any more.`,
    );
  }

  /**
   * Loads the plan's segments into `target`, which must be empty, or hold the part that an earlier call of this plan
   * has loaded. Can be stopped by `signal` or killed, and called again. Resolves with what the database holds now;
   * undefined when it was stopped.
   */
  async run(
    plan: RebuildPlan,
    target: DatabaseTarget,
    options: RebuildOptions,
    onProgress: (progress: RebuildProgress) => void,
    signal: AbortSignal,
  ): Promise<RebuiltCounts | undefined> {
    const resumed = await this.requireEmpty(target, plan, options);
    const key = await readLineageKey(this.objects, plan.generation.lineage, this.masters);
    const user = options.user === null ? null : await this.userKey(plan, key, options.user);
    const filter = user === null ? EVERYTHING : onlyUser(user);
    const database = new TargetDatabase(this.databases, target);
    const progress = { bytes: 0, total: plan.bytes };
    let floor = 0;
    try {
      for await (const segment of readChain(this.objects, plan.segments, key)) {
        const done = resumed === undefined ? 0 : doneOf(segment.listed.name, resumed);
        await this.load(database, segment, done, filter, plan, options, signal);
        if (signal.aborted) return undefined;
        floor = segment.header.journal_floor;
        progress.bytes += segment.listed.bytes;
        onProgress(progress);
      }
      return await this.finish(await database.at(this.databases.migrations), plan, options, floor, user);
    } catch (error) {
      throw error instanceof VaultDamage ? await this.withWayOut(error, plan) : error;
    } finally {
      await database.close();
    }
  }

  /** Loads into a database that is thrown away: says what would come back, and proves that it can. */
  async dryRun(
    plan: RebuildPlan,
    file: string,
    options: RebuildOptions,
    onProgress: (progress: RebuildProgress) => void,
    signal: AbortSignal,
  ): Promise<RebuiltCounts | undefined> {
    return this.databases.inScratchFile(file, () =>
      this.run(plan, { kind: 'sqlite', file }, options, onProgress, signal),
    );
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

  private async timeOf({ name }: ListedSegment): Promise<number> {
    try {
      const segment = await openSegment(this.objects.get(name));
      await segment.close();
      return segment.header.at;
    } catch (error) {
      throw new VaultDamage(name, error instanceof Error ? error.message : String(error));
    }
  }

  private async requireEmpty(
    target: DatabaseTarget,
    plan: RebuildPlan,
    options: RebuildOptions,
  ): Promise<{ segment: string; frames: number } | undefined> {
    if (await this.databases.isEmpty(target)) return undefined;
    const begun = await this.databases.look(target, (em) => this.store.progress(em).catch(() => undefined));
    if (begun?.finished === 1)
      throw new RebuildError(
        'The database is not empty: it was rebuilt out of copies already, and whole. Start the service on it, or name an empty one with --to.',
      );
    if (!begun)
      throw new RebuildError(
        'The database is not empty. A rebuild never touches what is there: name an empty one with --to.',
      );
    if (begun.source !== sourceOf(plan, options) || begun.tip !== plan.tip.name)
      throw new RebuildError(
        'A rebuild of other copies, or with other wishes, was begun in this database. Go on with the same ones (--at tells the time), or name an empty database.',
      );
    return begun;
  }

  private async userKey(plan: RebuildPlan, key: Buffer, email: string): Promise<number> {
    let found: number | undefined;
    for await (const segment of readChain(this.objects, plan.segments, key)) {
      for await (const block of segment.blocks()) {
        if (!('rows' in block) || block.rows.table !== 'users') continue;
        for (const row of block.rows.rows)
          if (row['email'] === email.toLowerCase()) found = row['key'] as number;
      }
    }
    if (found === undefined) throw new RebuildError('The copies know no user with that e-mail address.');
    return found;
  }

  private async load(
    database: TargetDatabase,
    segment: ReadSegment,
    done: number,
    filter: RowFilter,
    plan: RebuildPlan,
    options: RebuildOptions,
    signal: AbortSignal,
  ): Promise<void> {
    // What is loaded already is read all the same: the segments after it go by its hash.
    const unitOfWork = done === Infinity ? undefined : await database.at(segment.header.schema);
    let frames = 0;
    for await (const block of segment.blocks()) {
      if (signal.aborted) return;
      frames += 1;
      if (!unitOfWork || frames <= done) continue;
      const row = {
        source: sourceOf(plan, options),
        tip: plan.tip.name,
        segment: segment.listed.name,
        frames,
        finished: 0,
      };
      await loadBlock(unitOfWork, this.store, block, filter, (em) => this.store.putProgress(em, row));
    }
  }

  private async finish(
    unitOfWork: UnitOfWork,
    plan: RebuildPlan,
    options: RebuildOptions,
    floor: number,
    user: number | null,
  ): Promise<RebuiltCounts> {
    const { lineage, number } = plan.generation;
    // Copies of a part, or of an older state, are another history: they get a line of their own.
    const goesOn = options.user === null && options.at === null;
    const keys = await allKeys(this.objects, lineage);
    const wanted = [...keys.values()].filter(({ user_key }) =>
      user_key === VAULT_KEY ? goesOn : user === null || user_key === user,
    );
    return unitOfWork.write(async (em) => {
      await this.store.putKeys(em, wanted);
      await this.store.removeKeyless(em);
      await this.store.removeGraphless(em);
      await this.store.forgetJournal(em, floor);
      await this.store.restartNumbers(em);
      await this.usage.countAll(em);
      if (goesOn) await this.store.goOn(em, { lineage, generation: number });
      const details = { lineage, generation: number, as_of: toIso(plan.asOf) };
      await this.journal.append(em, {
        action: 'vault.rebuilt',
        at: this.clock.now(),
        userKey: null,
        actorKey: null,
        subjectId: null,
        details,
      });
      await this.store.putProgress(em, {
        source: sourceOf(plan, options),
        tip: plan.tip.name,
        segment: plan.tip.name,
        frames: 0,
        finished: 1,
      });
      return this.store.counts(em);
    });
  }

  /** Says up to when a rebuild would go through in spite of the damage. */
  private async withWayOut(damage: VaultDamage, plan: RebuildPlan): Promise<Error> {
    const place = plan.segments.findIndex((candidates) =>
      candidates.some(({ name }) => name === damage.object),
    );
    const before = place > 0 ? await this.timeOf(plan.segments[place - 1]![0]!).catch(() => null) : null;
    const older = before ?? plan.generation.number - 1;
    const way =
      before === null
        ? `Try an older time with --at (generation ${older} may be whole)`
        : `Everything up to ${toIso(before)} can be rebuilt with --at ${toIso(before)}`;
    return new RebuildError(`${damage.message}. ${way}; into an empty database.`);
  }
}

/** What a rebuild that is gone on with must agree in. */
function sourceOf({ generation }: RebuildPlan, { at, user }: RebuildOptions): string {
  return JSON.stringify({ lineage: generation.lineage, generation: generation.number, at, user });
}

/** How many frames of a segment are loaded already, by the segment at which the rebuild was. Names sort in reading order. */
function doneOf(name: string, { segment, frames }: { segment: string; frames: number }): number {
  if (name < segment) return Infinity;
  return name === segment ? frames : 0;
}

/** The database that is being made, at the schema that the segments at hand belong to. */
class TargetDatabase {
  private open: { database: OpenDatabase; schema: string } | undefined;

  constructor(
    private readonly databases: Databases,
    private readonly target: DatabaseTarget,
  ) {}

  /** The database after the given migrations. */
  async at(migrations: readonly string[]): Promise<UnitOfWork> {
    const schema = migrations.join(' ');
    if (this.open?.schema !== schema) {
      await this.close();
      this.open = { database: await this.databases.open(this.target, migrations), schema };
    }
    return this.open.database.unitOfWork;
  }

  async close(): Promise<void> {
    await this.open?.database.close();
    this.open = undefined;
  }
}
