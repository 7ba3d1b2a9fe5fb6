import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService, type Action } from '../../audit/journal.service';
import {
  VersionUpkeep,
  type AgedVersion,
  type GraphRef,
  type PreparedUpkeep,
} from '../../versions/version-upkeep.service';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { unavailable } from '../../platform/errors/app-error';
import { uuidBytes } from '../../platform/ids/uuid';
import { Pace } from '../../platform/jobs/pace';
import type { GraphRow } from '../domain/graph.entity';
import { ranges } from '../domain/ranges';
import { refOf } from '../graph-reader.service';
import { GraphsStore } from '../graphs.store';
import { LostRace, undefinedOnLostRace } from '../domain/lost-race';

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
/** Frames that it removes, and frames that it writes, bytes. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Documents and bases that one step of packing decodes at most, MiB. */
const PACKED_MIB = 16;
const MIB = 1024 * 1024;
const NOTHING: Pruned = { removed: 0, bytes: 0, more: false };

/**
 * Changes how histories are stored: for jobs, not for users. Nothing that anybody can read changes, but that pruned
 * versions go. It is prepared beside the users' changes of the graph, which never wait for it, and written only if
 * the graph's row is still as it was read.
 */
@Injectable()
export class GraphUpkeep {
  private readonly pruning = new Pace(BATCH_VERSIONS);
  private readonly packing = new Pace(PACKED_MIB);

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
    const how = { action: 'versions.pruned', beside, pace: this.pruning } as const;
    const done = await this.keepUp(owner, how, async (row, attempt) => {
      const ref = refOf(row, owner.userId);
      const versions = await this.versions.aged(ref);
      const { goners, dueAt } = await choose(versions);
      const open = openOf(versions, goners, row.version);
      const { batch, upkeep } = await this.removalOf(ref, row.version, open, this.pruning.next >> attempt);
      const removed = upkeep.removed.length;
      const more = removed > 0 && removed < open.length;
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
    const how = { action: 'versions.repacked', beside, pace: this.packing } as const;
    const done = await this.keepUp(owner, how, async (row) => {
      const { upkeep, savedBytes, next } = await this.versions.prepareRepack(
        refOf(row, owner.userId),
        { after, upTo },
        this.packing.next * MIB,
      );
      return { upkeep, dueAt: row.prune_due_at, result: { savedBytes, next } };
    });
    return done ?? { savedBytes: 0, next: null };
  }

  private async keepUp<T>(
    owner: GraphOwner,
    how: Manner,
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
      if (prepared && (await this.write(owner, row, prepared, how))) return prepared.result;
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
    { action, beside, pace }: Manner,
  ): Promise<boolean> {
    const changes = upkeep.removed.length + upkeep.rewritten.length > 0;
    if (!changes && dueAt === row.prune_due_at) return true;
    const work = async (em: EntityManager) => {
      const rewritten = upkeep.rewritten.map(({ version }) => version);
      if (!(await beside(em, rewritten))) throw new LostRace();
      if (!changes) return this.store.settle(em, row, dueAt);
      const seq = await this.journal.append(em, this.event(owner, action, upkeep));
      const upkept = { ...chainOf(row, upkeep), prune_due_at: dueAt };
      if (!(await this.store.rechain(em, row, upkept, seq))) throw new LostRace();
      await this.versions.apply(em, refOf(row, owner.userId), upkeep, seq);
      return true;
    };
    const paced = (em: EntityManager) => (changes ? pace.step(() => work(em)) : work(em));
    return (await this.unitOfWork.write(paced).catch(undefinedOnLostRace)) === true;
  }

  /** The next versions to go, at most `limit`, and what their removal comes to: half as many again while it writes too much. */
  private async removalOf(ref: GraphRef, head: number, open: readonly AgedVersion[], limit: number) {
    for (let size = Math.max(1, limit); ; size = Math.ceil(size / 2)) {
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

/** As what a change is noted, what goes beside it, and the pace of its kind. */
interface Manner {
  action: Action;
  beside: Beside;
  pace: Pace;
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

/** The versions to go that are there. */
function openOf(versions: readonly AgedVersion[], goners: readonly number[], head: number): AgedVersion[] {
  const going = new Set(goners);
  return versions.filter(({ version }) => going.has(version) && version !== head);
}

/** The first of them, as many as one transaction may take; one at least. */
function batchOf(open: readonly AgedVersion[], limit: number): AgedVersion[] {
  let bytes = 0;
  const first = open.slice(0, limit);
  const end = first.findIndex(({ frameBytes }, index) => (bytes += frameBytes) > BATCH_BYTES && index > 0);
  return end < 0 ? first : first.slice(0, end);
}
