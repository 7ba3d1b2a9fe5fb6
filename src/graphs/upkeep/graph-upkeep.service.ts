import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService, type Action } from '../../audit/journal.service';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { unavailable } from '../../platform/errors/app-error';
import { uuidBytes } from '../../platform/ids/uuid';
import { BatchSizer } from '../../platform/jobs/batch-sizer';
import type { RunLease } from '../../platform/jobs/job';
import {
  VersionUpkeepService,
  type AgedVersion,
  type GraphRef,
  type PreparedUpkeep,
} from '../../versions/version-upkeep.service';
import type { GraphRow } from '../domain/graph.entity';
import { ranges } from '../domain/ranges';
import { refOf } from '../graph-reader.service';
import { GraphsStore } from '../graphs.store';
import { ConcurrentChangeError, undefinedOnConcurrentChange } from '../domain/concurrent-change.error';
import { GRAPH_TASKS } from './domain/graph-task.entity';
import { GraphTaskStore } from './graph-task.store';

/** A graph, as jobs know it. */
export interface GraphOwner {
  userKey: number;
  userId: string;
  graphId: string;
}

/** A graph's row with the ages of all its versions, ascending. Valid only as long as the row's `seq` is the same. */
export interface GraphAges {
  owner: GraphOwner;
  row: GraphRow;
  versions: readonly AgedVersion[];
}

/** Which versions of a graph to remove. */
export interface PruneSelection {
  /** Version numbers, ascending; the newest version is never removed. */
  toRemove: readonly number[];
  /** When to look at the graph again once they are gone, ms since the epoch; null: after its next change. */
  dueAt: number | null;
}

/** What one batch of pruning removes, and whether more is left to remove. `bytes` counts sealed frames. */
export interface Pruned {
  removed: number;
  bytes: number;
  more: boolean;
}

/** A batch that is ready to be written. */
export interface PreparedPrune {
  change: PreparedChange;
  result: Pruned;
  /** False when there is nothing to write. */
  changes: boolean;
}

/** Rows to replace and remove, prepared outside the transaction for the row as it was read. */
interface PreparedChange {
  owner: GraphOwner;
  row: GraphRow;
  upkeep: PreparedUpkeep;
  dueAt: number | null;
}

/** Journal action and batch size control of a kind of upkeep. */
interface UpkeepOptions {
  action: Action;
  sizer: BatchSizer;
}

/** Versions of a graph to pack: above `after`, up to `upTo`. */
export interface RepackRange {
  after: number;
  upTo: number;
}

/** Lost races in a row before a busy graph is left to the next run. */
export const UPKEEP_ATTEMPTS = 10;
/** A graph that has not changed for this long is packed, ms. */
export const RESTING_MS = 86_400_000;
/** Versions that one transaction removes at most, so that other writes wait only briefly; fewer after each lost race. */
const BATCH_VERSIONS = 100;
/** Frames that one transaction removes, and frames that it writes, bytes. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Documents and bases that one packing step decodes at most, MiB. */
const PACKED_MIB = 16;
const MIB = 1024 * 1024;

/**
 * Changes how histories are stored: for jobs, not for users. Readers see no change except that pruned versions are
 * gone. Everything is prepared outside the transaction and written only if the graph's row is still as it was read, so
 * users' changes never wait for it.
 */
@Injectable()
export class GraphUpkeepService {
  private readonly pruning = new BatchSizer(BATCH_VERSIONS);
  private readonly packing = new BatchSizer(PACKED_MIB);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: GraphsStore,
    private readonly versions: VersionUpkeepService,
    private readonly journal: JournalService,
    private readonly tasks: GraphTaskStore,
    private readonly clock: Clock,
  ) {}

  /** Reads a graph and the ages of its versions; undefined when the graph is gone. */
  async ages(owner: GraphOwner): Promise<GraphAges | undefined> {
    const row = await this.find(owner);
    if (!row) return undefined;
    return { owner, row, versions: await this.versions.aged(refOf(row, owner.userId)) };
  }

  /**
   * Prepares the next batch of a selection: removes versions and encodes what stood on them on what is left. Versions
   * that are gone already are skipped. `attempt` halves the batch for each lost race. Undefined when the graph changed
   * since it was read: read and select again.
   */
  async preparePrune(
    { owner, row, versions }: GraphAges,
    { toRemove, dueAt }: PruneSelection,
    attempt: number,
  ): Promise<PreparedPrune | undefined> {
    const open = presentOf(versions, toRemove, row.version);
    const limit = Math.max(1, this.pruning.next >> attempt);
    const prepared = await this.unlessChanged({ owner, row }, () =>
      this.removalOf(refOf(row, owner.userId), row.version, open, limit),
    );
    if (!prepared) return undefined;
    const removed = prepared.upkeep.removed.length;
    const more = removed > 0 && removed < open.length;
    const bytes = prepared.batch.reduce((sum, { frameBytes }) => sum + frameBytes, 0);
    const change = { owner, row, upkeep: prepared.upkeep, dueAt: more ? row.prune_due_at : dueAt };
    const changes = hasChanges(change.upkeep) || change.dueAt !== row.prune_due_at;
    return { change, result: { removed, bytes, more }, changes };
  }

  /**
   * Writes a prepared batch inside the caller's transaction, as the last thing in it, and schedules the packing that
   * it makes necessary. Throws ConcurrentChangeError when the graph changed since it was read.
   */
  async applyPrune(em: EntityManager, { change }: PreparedPrune): Promise<void> {
    const { row, upkeep } = change;
    await this.schedulePacking(em, row, upkeep);
    await this.apply(em, change, { action: 'versions.pruned', sizer: this.pruning });
  }

  /**
   * Packs the next versions of a graph in `range` more tightly. Returns the bytes saved and the version to continue
   * after (null: the graph is done). 503 for a graph that changes too often.
   */
  async repack(
    owner: GraphOwner,
    { after, upTo }: RepackRange,
    lease: Pick<RunLease, 'guard'>,
  ): Promise<{ savedBytes: number; next: number | null }> {
    const options = { action: 'versions.repacked', sizer: this.packing } as const;
    for (let attempt = 0; attempt < UPKEEP_ATTEMPTS; attempt += 1) {
      const row = await this.find(owner);
      if (!row) return { savedBytes: 0, next: null };
      const ref = refOf(row, owner.userId);
      const step = await this.unlessChanged({ owner, row }, () =>
        this.versions.prepareRepack(ref, { after, upTo }, this.packing.next * MIB),
      );
      if (!step) continue;
      const change = { owner, row, upkeep: step.upkeep, dueAt: row.prune_due_at };
      if (await this.writeRepack(change, options, lease))
        return { savedBytes: step.savedBytes, next: step.next };
    }
    throw unavailable('graph');
  }

  private async writeRepack(
    change: PreparedChange,
    options: UpkeepOptions,
    lease: Pick<RunLease, 'guard'>,
  ): Promise<boolean> {
    if (!hasChanges(change.upkeep)) return true;
    const written = this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.apply(em, change, options);
      return true;
    });
    return (await written.catch(undefinedOnConcurrentChange)) === true;
  }

  private find({ userKey, graphId }: GraphOwner): Promise<GraphRow | undefined> {
    return this.unitOfWork.read((em) => this.store.find(em, userKey, uuidBytes(graphId)));
  }

  /** What `prepare` returns; undefined when it failed on a graph that changed while it was read piece by piece. */
  private async unlessChanged<T>(
    { owner, row }: Pick<GraphAges, 'owner' | 'row'>,
    prepare: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await prepare();
    } catch (error) {
      if ((await this.find(owner))?.seq === row.seq) throw error;
      return undefined;
    }
  }

  private async apply(
    em: EntityManager,
    { owner, row, upkeep, dueAt }: PreparedChange,
    { action, sizer }: UpkeepOptions,
  ): Promise<void> {
    if (!hasChanges(upkeep)) {
      if (!(await this.store.setPruneDueAt(em, row, dueAt))) throw new ConcurrentChangeError();
      return;
    }
    await sizer.step(async () => {
      const seq = await this.journal.append(em, this.event(owner, action, upkeep));
      const upkept = { ...chainOf(row, upkeep), prune_due_at: dueAt };
      if (!(await this.store.updateChain(em, row, upkept, seq))) throw new ConcurrentChangeError();
      await this.versions.apply(em, refOf(row, owner.userId), upkeep, seq);
    });
  }

  /** Schedules packing of what pruning has rewritten, and of the whole graph once it rests. */
  private async schedulePacking(em: EntityManager, row: GraphRow, upkeep: PreparedUpkeep): Promise<void> {
    const place = { user_key: row.user_key, graph_key: row.key };
    if (row.version > 1) await this.tasks.enqueuePacking(em, place, row.version, row.updated_at + RESTING_MS);
    const rewritten = upkeep.rewritten.map(({ version }) => version);
    if (rewritten.length === 0) return;
    const range = {
      after_version: rewritten.reduce((least, version) => Math.min(least, version)) - 1,
      up_to_version: rewritten.reduce((most, version) => Math.max(most, version)),
    };
    await this.tasks.enqueue(em, { kind: GRAPH_TASKS.repack, ...place, ...range });
  }

  /** The next versions to remove, at most `limit`, and what their removal takes: half as many while it writes too much. */
  private async removalOf(ref: GraphRef, head: number, open: readonly AgedVersion[], limit: number) {
    for (let size = limit; ; size = Math.ceil(size / 2)) {
      const batch = batchOf(open, size);
      const numbers = batch.map(({ version }) => version);
      const upkeep = await this.versions.prepareRemoval(ref, head, numbers);
      const bytes = upkeep.rewritten.reduce((sum, { frame }) => sum + frame.length, 0);
      if (bytes <= BATCH_BYTES || batch.length <= 1) return { batch, upkeep };
      size = Math.min(size, batch.length);
    }
  }

  private event({ userKey, graphId }: GraphOwner, action: Action, { removed, rewritten }: PreparedUpkeep) {
    const details = {
      removed: removed.length,
      rewritten: rewritten.length,
      ...(removed.length > 0 && { versions: ranges(removed) }),
    };
    return { action, at: this.clock.now(), userKey, actorKey: null, subjectId: graphId, details };
  }
}

function hasChanges({ removed, rewritten }: PreparedUpkeep): boolean {
  return removed.length + rewritten.length > 0;
}

function chainOf(row: GraphRow, { chain }: PreparedUpkeep) {
  return {
    anchor_version: chain ? chain.anchor : row.anchor_version,
    anchors: chain ? chain.anchors : row.anchors,
    since_anchor: chain ? chain.since : row.since_anchor,
  };
}

/** The versions to remove that exist. */
function presentOf(
  versions: readonly AgedVersion[],
  toRemove: readonly number[],
  head: number,
): AgedVersion[] {
  const selected = new Set(toRemove);
  return versions.filter(({ version }) => selected.has(version) && version !== head);
}

/** The first of them, as many as one transaction may take; at least one. */
function batchOf(open: readonly AgedVersion[], limit: number): AgedVersion[] {
  let bytes = 0;
  const first = open.slice(0, limit);
  const end = first.findIndex(({ frameBytes }, index) => (bytes += frameBytes) > BATCH_BYTES && index > 0);
  return end < 0 ? first : first.slice(0, end);
}
