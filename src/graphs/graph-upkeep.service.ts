import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService, type Action } from '../audit/journal.service';
import {
  VersionUpkeep,
  type AgedVersion,
  type PreparedUpkeep,
} from '../backups/versions/version-upkeep.service';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { unavailable } from '../platform/errors/app-error';
import { uuidBytes } from '../platform/ids/uuid';
import type { GraphRow } from './domain/graph.entity';
import { ranges } from './domain/ranges';
import { refOf } from './graph-reader.service';
import { GraphsStore } from './graphs.store';
import { LostRace, undefinedOnLostRace } from './lost-race';

/** A graph, as jobs know it. */
export interface GraphOwner {
  userKey: number;
  userId: string;
  graphId: string;
}

/** What is to become of a graph's versions. */
export interface Thinning {
  /** Versions to remove, the newest never among them; ascending. */
  goners: readonly number[];
  /** When to look at the graph again once they have gone, ms since the epoch; null: not before its next change. */
  dueAt: number | null;
}

/** Chooses out of all versions of a graph, ascending. Called again when the graph changes meanwhile. */
export type Choose = (versions: readonly AgedVersion[]) => Thinning | Promise<Thinning>;

/** Goes first in the transaction, and is told which versions are encoded anew in it. False: what was chosen by is not so any more; nothing is written, and it is chosen again. */
export type Beside = (em: EntityManager, rewritten: readonly number[]) => Promise<boolean>;

/** What one batch of pruning has removed, and whether more is to go. `bytes` are those of sealed frames. */
export interface Pruned {
  removed: number;
  bytes: number;
  more: boolean;
}

/** Lost races in a row before upkeep leaves a busy graph for its next run. */
const ATTEMPTS = 10;
/** What one transaction removes at most, so that nobody's write waits long for it; fewer after each lost race. */
const BATCH_VERSIONS = 100;
const BATCH_BYTES = 4 * 1024 * 1024;
const NOTHING: Pruned = { removed: 0, bytes: 0, more: false };

/**
 * Changes how histories are stored: for jobs, not for users. Nothing that anybody can read changes, but that pruned
 * versions go. It is prepared beside the users' changes of the graph, which never wait for it, and written only if
 * the graph's row is still as it was read.
 */
@Injectable()
export class GraphUpkeep {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: GraphsStore,
    private readonly versions: VersionUpkeep,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /**
   * Removes the next versions of a graph that `choose` gives up, never the newest, in one transaction. When none is
   * left, notes when the graph is due next. Those that are not there are passed over. 503 for a graph too busy.
   */
  async prune(owner: GraphOwner, choose: Choose, beside: Beside = always): Promise<Pruned> {
    const done = await this.keepUp(owner, 'versions.pruned', beside, async (row, attempt) => {
      const ref = refOf(row, owner.userId);
      const versions = await this.versions.aged(ref);
      const { goners, dueAt } = await choose(versions);
      const batch = batchOf(versions, goners, row.version, BATCH_VERSIONS >> attempt || 1);
      const numbers = batch.map(({ version }) => version);
      const upkeep = await this.versions.prepareRemoval(ref, row.version, numbers);
      const removed = upkeep.removed.length;
      const more = removed > 0 && removed < goners.filter((version) => version !== row.version).length;
      const bytes = batch.reduce((sum, { frameBytes }) => sum + frameBytes, 0);
      return { upkeep, dueAt: more ? row.prune_due_at : dueAt, result: { removed, bytes, more } };
    });
    return done ?? NOTHING;
  }

  /**
   * Packs the next versions of a graph above `after`, up to `upTo`, more tightly. Returns the bytes saved and the version to go
   * on after (null: the graph is done).
   */
  async repack(
    owner: GraphOwner,
    after = 0,
    upTo = Infinity,
    beside: Beside = always,
  ): Promise<{ savedBytes: number; next: number | null }> {
    const done = await this.keepUp(owner, 'versions.repacked', beside, async (row) => {
      const { upkeep, savedBytes, next } = await this.versions.prepareRepack(
        refOf(row, owner.userId),
        after,
        upTo,
      );
      return { upkeep, dueAt: row.prune_due_at, result: { savedBytes, next } };
    });
    return done ?? { savedBytes: 0, next: null };
  }

  private async keepUp<T>(
    owner: GraphOwner,
    action: Action,
    beside: Beside,
    prepare: (row: GraphRow, attempt: number) => Promise<Prepared<T>>,
  ): Promise<T | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const row = await this.find(owner);
      if (!row) return undefined;
      const prepared = await prepare(row, attempt).catch(async (error: unknown) => {
        // What was read piece by piece may have changed in between: then the fault is not the graph's.
        if ((await this.find(owner))?.seq === row.seq) throw error;
        return undefined;
      });
      if (prepared && (await this.write(owner, row, prepared, action, beside))) return prepared.result;
    }
    throw unavailable('graph');
  }

  private find({ userKey, graphId }: GraphOwner): Promise<GraphRow | undefined> {
    return this.unitOfWork.read((em) => this.store.find(em, userKey, uuidBytes(graphId)));
  }

  /** Whether the graph still was as it had been read, and the upkeep is written. */
  private async write<T>(
    owner: GraphOwner,
    row: GraphRow,
    { upkeep, dueAt }: Prepared<T>,
    action: Action,
    beside: Beside,
  ): Promise<boolean> {
    const changes = upkeep.removed.length + upkeep.rewritten.length > 0;
    if (!changes && dueAt === row.prune_due_at) return true;
    const written = await this.unitOfWork
      .write(async (em) => {
        if (
          !(await beside(
            em,
            upkeep.rewritten.map(({ version }) => version),
          ))
        )
          throw new LostRace();
        if (!changes) return this.store.settle(em, row, dueAt);
        const seq = await this.journal.append(em, this.event(owner, action, upkeep));
        const upkept = { ...chainOf(row, upkeep), prune_due_at: dueAt };
        if (!(await this.store.rechain(em, row, upkept, seq))) throw new LostRace();
        await this.versions.apply(em, refOf(row, owner.userId), upkeep, seq);
        return true;
      })
      .catch(undefinedOnLostRace);
    return written === true;
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

interface Prepared<T> {
  upkeep: PreparedUpkeep;
  dueAt: number | null;
  result: T;
}

const always: Beside = () => Promise.resolve(true);

function chainOf(row: GraphRow, { chain }: PreparedUpkeep) {
  return {
    anchor_version: chain ? chain.anchor : row.anchor_version,
    anchors: chain ? chain.anchors : row.anchors,
    since_anchor: chain ? chain.since : row.since_anchor,
  };
}

/** The first of the versions to go that are there, as many as one transaction may take; one at least. */
function batchOf(
  versions: readonly AgedVersion[],
  goners: readonly number[],
  head: number,
  limit: number,
): AgedVersion[] {
  const going = new Set(goners);
  let bytes = 0;
  return versions
    .filter(({ version }) => going.has(version) && version !== head)
    .slice(0, limit)
    .filter(({ frameBytes }, index) => (bytes += frameBytes) <= BATCH_BYTES || index === 0);
}
