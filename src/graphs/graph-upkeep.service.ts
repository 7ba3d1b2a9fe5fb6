import { Injectable } from '@nestjs/common';
import { JournalService, type Action } from '../audit/journal.service';
import { VersionUpkeep, type PreparedUpkeep } from '../backups/versions/version-upkeep.service';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { unavailable } from '../platform/errors/app-error';
import { uuidBytes } from '../platform/ids/uuid';
import type { GraphRow } from './domain/graph.entity';
import { refOf } from './graph-reader.service';
import { GraphQueue } from './graph-queue';
import { GraphsStore } from './graphs.store';
import { LostRace, undefinedOnLostRace } from './lost-race';

/** A graph, as jobs know it. */
export interface GraphOwner {
  userKey: number;
  userId: string;
  graphId: string;
}

/** Lost races in a row before upkeep leaves a busy graph for its next run. */
const ATTEMPTS = 10;

/** Changes how histories are stored: for jobs, not for users. Nothing that anybody can read changes, but that pruned versions go. */
@Injectable()
export class GraphUpkeep {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: GraphsStore,
    private readonly versions: VersionUpkeep,
    private readonly journal: JournalService,
    private readonly queue: GraphQueue,
    private readonly clock: Clock,
  ) {}

  /** Removes versions of a graph, never the newest; returns how many went. Those that are not there are passed over. */
  async prune(owner: GraphOwner, versions: Iterable<number>): Promise<number> {
    const goners = [...versions];
    const done = await this.keepUp(owner, 'versions.pruned', async (row) => {
      const upkeep = await this.versions.prepareRemoval(refOf(row, owner.userId), row.version, goners);
      return { upkeep, result: upkeep.removed.length };
    });
    return done ?? 0;
  }

  /**
   * Packs the next versions of a graph above `after` more tightly. Returns the bytes saved and the version to go
   * on after (null: the graph is done).
   */
  async repack(owner: GraphOwner, after = 0): Promise<{ savedBytes: number; next: number | null }> {
    const done = await this.keepUp(owner, 'versions.repacked', async (row) => {
      const { upkeep, savedBytes, next } = await this.versions.prepareRepack(refOf(row, owner.userId), after);
      return { upkeep, result: { savedBytes, next } };
    });
    return done ?? { savedBytes: 0, next: null };
  }

  private keepUp<T>(
    owner: GraphOwner,
    action: Action,
    prepare: (row: GraphRow) => Promise<{ upkeep: PreparedUpkeep; result: T }>,
  ): Promise<T | undefined> {
    return this.queue.run(owner.userKey, owner.graphId, async () => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const row = await this.unitOfWork.read((em) =>
          this.store.find(em, owner.userKey, uuidBytes(owner.graphId)),
        );
        if (!row) return undefined;
        const { upkeep, result } = await prepare(row);
        if (upkeep.removed.length + upkeep.rewritten.length === 0) return result;
        if (await this.write(owner, row, upkeep, action)) return result;
      }
      throw unavailable('graph');
    });
  }

  /** Whether the graph still was as it had been read, and the upkeep is written. */
  private async write(
    owner: GraphOwner,
    row: GraphRow,
    upkeep: PreparedUpkeep,
    action: Action,
  ): Promise<boolean> {
    const chain = upkeep.chain
      ? {
          anchor_version: upkeep.chain.anchor,
          anchors: upkeep.chain.anchors,
          since_anchor: upkeep.chain.since,
        }
      : { anchor_version: row.anchor_version, anchors: row.anchors, since_anchor: row.since_anchor };
    const details = { removed: upkeep.removed.length, rewritten: upkeep.rewritten.length };
    const event = {
      action,
      at: this.clock.now(),
      userKey: owner.userKey,
      actorKey: null,
      subjectId: owner.graphId,
      details,
    };
    const written = await this.unitOfWork
      .write(async (em) => {
        const seq = await this.journal.append(em, event);
        if (!(await this.store.rechain(em, row, chain, seq))) throw new LostRace();
        await this.versions.apply(em, refOf(row, owner.userId), upkeep, seq);
        return true;
      })
      .catch(undefinedOnLostRace);
    return written === true;
  }
}
