import type { JournalService } from '../audit/journal.service';
import type { Clock } from '../platform/clock/clock';
import { toIso } from '../platform/clock/instant';
import { VAULT_KEY } from '../platform/crypto/keyring';
import type { Databases } from '../platform/database/databases';
import type { DatabaseTarget } from '../platform/database/database-url';
import type { UserKeyRow } from '../platform/crypto/user-key.entity';
import type { UnitOfWork } from '../platform/database/unit-of-work';
import type { ObjectStore } from '../platform/objects/object-store';
import { UsageStore } from '../usage/usage.store';
import {
  RebuildError,
  RebuildPlanner,
  sourceOf,
  type RebuildOptions,
  type RebuildPlan,
} from './rebuild-plan';
import { RebuildTarget } from './rebuild-target';
import { RebuildStore, type RebuiltCounts } from './rebuild.store';
import { EVERYTHING, loadBlock, onlyUser, type RowFilter } from './vault-loader';
import {
  allKeys,
  readChain,
  readLineageKey,
  VaultDamage,
  WrongVaultKeyError,
  type MasterKeyFinder,
  type ReadSegment,
} from './vault-reader';

export interface RebuildProgress {
  bytes: number;
  total: number;
}

/** Rebuilds a database from copies and a master key alone. */
export class Rebuild {
  private readonly store = new RebuildStore();
  private readonly usage = new UsageStore();
  private readonly planner: RebuildPlanner;

  constructor(
    private readonly objects: ObjectStore,
    private readonly masters: MasterKeyFinder,
    private readonly databases: Databases,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {
    this.planner = new RebuildPlanner(objects, masters);
  }

  /** Chooses what to read. Throws RebuildError, WrongVaultKeyError, VaultDamage, ObjectStoreError. */
  plan(options: RebuildOptions): Promise<RebuildPlan> {
    return this.planner.plan(options);
  }

  /** Chooses the newest state that holds a graph. Throws as `plan` does. */
  planForGraph(options: RebuildOptions, graphId: string): Promise<RebuildPlan> {
    return this.planner.planForGraph(options, graphId);
  }

  /** The wrapped keys that are stored with the segments of a plan. */
  keysOf({ generation }: RebuildPlan): Promise<Map<number, UserKeyRow>> {
    return allKeys(this.objects, generation.lineage);
  }

  /**
   * Loads the plan's segments into `target`, which must be empty, or hold the part that an earlier call of this plan
   * has loaded. Can be stopped by `signal` or killed, and called again. Resolves with what the database contains now;
   * undefined if it was stopped.
   */
  async run(
    plan: RebuildPlan,
    target: DatabaseTarget,
    options: RebuildOptions,
    onProgress: (progress: RebuildProgress) => void,
    signal: AbortSignal,
  ): Promise<RebuiltCounts | undefined> {
    const { lineage } = plan.generation;
    const key = await readLineageKey(this.objects, lineage, this.masters);
    const user = options.user === null ? null : await this.userKey(plan, key, options.user);
    const filter = user === null ? EVERYTHING : onlyUser(user);
    const keys = [...(await allKeys(this.objects, lineage)).values()];
    requireMasterKeys(
      keys.filter(({ user_key }) => user === null || user_key === user),
      this.masters,
    );
    if (signal.aborted) return undefined;
    const database = new RebuildTarget(this.databases, this.store, this.planner, target);
    // Last, when nothing prevents the rebuild: it may remove an empty installation.
    const resumed = await database.prepare(plan, options);
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
      throw error instanceof VaultDamage ? await this.planner.withWayOut(error, plan) : error;
    } finally {
      await database.close();
    }
  }

  /** Loads into a database that is thrown away: reports what would be restored, and proves that it can be. */
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
    database: RebuildTarget,
    segment: ReadSegment,
    done: number,
    filter: RowFilter,
    plan: RebuildPlan,
    options: RebuildOptions,
    signal: AbortSignal,
  ): Promise<void> {
    // What is loaded already is read too, because the next segments refer to its hash.
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
    // Copies of a part, or of an older state, are a different history: they get their own line.
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
}

/** Throws WrongVaultKeyError when a user's key in the copies could not be opened after the rebuild. */
function requireMasterKeys(keys: readonly UserKeyRow[], masters: MasterKeyFinder): void {
  for (const { master_id, destroyed_at } of keys)
    if (destroyed_at === null && !masters.find(master_id))
      throw new WrongVaultKeyError(master_id.toString('hex'), masters.currentId.toString('hex'));
}

/** How many frames of a segment are loaded already, by the segment at which the rebuild was. Names sort in reading order. */
function doneOf(name: string, { segment, frames }: { segment: string; frames: number }): number {
  if (name < segment) return Infinity;
  return name === segment ? frames : 0;
}
