import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService } from '../../audit/journal.service';
import { VersionUpkeep, type AgedVersion } from '../../versions/version-upkeep.service';
import { Keyring } from '../../platform/crypto/keyring';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { AppError } from '../../platform/errors/app-error';
import { isUuid, uuidBytes, uuidText } from '../../platform/ids/uuid';
import { CHORES, type GraphChoreRow } from './domain/graph-chore.entity';
import { GraphPurge, type Guard, type Swept } from './graph-purge.service';
import { GraphRetentionStore, type DueGraphRow } from './graph-retention.store';
import { GraphUpkeep, type Choose, type GraphOwner, type Pruned } from './graph-upkeep.service';
import { REMEMBERED_MS } from '../idempotency-keys';
import { Quota } from '../../usage/quota.service';
import { LostRace, undefinedOnLostRace } from '../domain/lost-race';

export type { AgedVersion, Choose, Guard, Pruned, GraphChoreRow as GraphChore };

/** A graph, as retention sees it. */
export interface DueGraph {
  userKey: number;
  key: number;
  graphId: string;
  title: string;
  deleted: boolean;
  row: DueGraphRow;
}

/** What a step of packing has saved, bytes, and the version to go on after (null: done). */
export interface Packed {
  savedBytes: number;
  next: number | null;
}

/** What a purge has removed. Null: the graph is not to be purged any more. */
export type Purged = Swept | null;

/** A graph that was not changed for so long rests, ms. */
const RESTING_MS = 86_400_000;
/** Graphs read at once. */
const BATCH = 100;
/** Idempotency keys forgotten by one transaction. */
const KEYS_AT_ONCE = 500;

/** Finds what is due among everybody's graphs, by index, and does it in small transactions. It decides nothing. */
@Injectable()
export class GraphRetention {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: GraphRetentionStore,
    private readonly upkeep: GraphUpkeep,
    private readonly versions: VersionUpkeep,
    private readonly purges: GraphPurge,
    private readonly journal: JournalService,
    private readonly keyring: Keyring,
    private readonly quota: Quota,
  ) {}

  /** Graphs whose time in the bin was over at `now` (ms). */
  async *toPurge(now: number): AsyncGenerator<DueGraph> {
    for (let after = { at: 0, user_key: -1, key: -1 }; ;) {
      const rows = await this.unitOfWork.read((em) => this.store.toPurge(em, now, after, BATCH));
      yield* rows.map(dueGraph);
      const last = rows.at(-1);
      if (!last) return;
      after = { at: last.purge_at ?? 0, user_key: last.user_key, key: last.key };
    }
  }

  /** Graphs of which versions may have to go at `now` (ms). */
  async *toPrune(now: number): AsyncGenerator<DueGraph> {
    for (let after = { at: 0, user_key: -1, key: -1 }; ;) {
      const rows = await this.unitOfWork.read((em) => this.store.toPrune(em, now, after, BATCH));
      yield* rows.map(dueGraph);
      const last = rows.at(-1);
      if (!last) return;
      after = { at: last.prune_due_at ?? 0, user_key: last.user_key, key: last.key };
    }
  }

  /** All graphs of a user's, in the bin or not; of everybody's when `userKey` is null. */
  async *all(userKey: number | null): AsyncGenerator<DueGraph> {
    for (let after = { user_key: -1, key: -1 }; ;) {
      const rows = await this.unitOfWork.read((em) =>
        userKey === null
          ? this.store.ofEverybody(em, after, BATCH)
          : this.store.ofUser(em, userKey, after.key, BATCH),
      );
      yield* rows.map(dueGraph);
      const last = rows.at(-1);
      if (!last) return;
      after = { user_key: last.user_key, key: last.key };
    }
  }

  /** A graph of the user's, in the bin or not; undefined for one whose time there is over at `now` (ms). */
  async find(userKey: number, id: string, now: number): Promise<DueGraph | undefined> {
    if (!isUuid(id)) return undefined;
    const row = await this.unitOfWork.read((em) => this.store.find(em, userKey, uuidBytes(id)));
    return row && (row.purge_at === null || row.purge_at > now) ? dueGraph(row) : undefined;
  }

  /** All versions of a graph, ascending. */
  agesOf({ userKey, key: graphKey }: DueGraph): Promise<AgedVersion[]> {
    return this.versions.aged({ userKey, graphKey });
  }

  /** Lets a graph be looked at from `at` (ms) on, inside the caller's transaction; false when it is gone. */
  makeDue(em: EntityManager, { userKey, key }: DueGraph, at: number): Promise<boolean> {
    return this.store.makeDue(em, userKey, key, at);
  }

  /** Removes the next versions that `choose` gives up; notes that what it encoded anew is to be packed. See GraphUpkeep. */
  async prune(
    graph: DueGraph,
    choose: Choose,
    beside: (em: EntityManager) => Promise<boolean>,
  ): Promise<Pruned> {
    const owner = await this.ownerOf(graph.userKey, graph.graphId);
    const chore = { kind: CHORES.repack, user_key: graph.userKey, graph_key: graph.key };
    const pruned = await this.upkeep.prune(owner, choose, async (em, rewritten) => {
      const still = await beside(em);
      if (still) await this.owePacking(em, graph);
      if (still && rewritten.length > 0)
        await this.store.owe(em, {
          ...chore,
          after_version: Math.min(...rewritten) - 1,
          up_to_version: Math.max(...rewritten),
        });
      return still;
    });
    if (pruned.removed > 0) this.quota.shrank(graph.userKey);
    return pruned;
  }

  /** Removes a graph for ever, if nothing about it has changed since it was found. See GraphPurge. */
  async purge(graph: DueGraph, now: number, guard: Guard): Promise<Purged> {
    const { userKey, key, graphId, row } = graph;
    const place = { user_key: userKey, graph_key: key };
    const begun = await this.unitOfWork
      .write(async (em) => {
        await guard(em);
        const event = { at: now, userKey, actorKey: null, subjectId: graphId, details: { by: 'retention' } };
        await this.journal.append(em, { action: 'graph.purged', ...event });
        const headBytes = await this.store.remove(em, row);
        if (headBytes === undefined) throw new LostRace();
        return this.purges.begin(em, place, headBytes);
      })
      .catch(undefinedOnLostRace);
    return begun ? this.purges.finish(place, begun, guard) : null;
  }

  /** Removes what interrupted purges have left; returns the versions and bytes. */
  sweep(guard: Guard): Promise<Swept> {
    return this.purges.remains(guard);
  }

  /** Graphs of which versions were encoded anew and not packed since. */
  toRepack(): AsyncGenerator<GraphChoreRow> {
    return this.chores('repack');
  }

  /** Graphs that rest at `now` (ms), with versions that were never packed tightly. */
  async *toPack(now: number): AsyncGenerator<GraphChoreRow> {
    for (let after = { at: 0, user_key: -1, key: -1 }; ;) {
      const rows = await this.unitOfWork.read((em) => this.store.toPack(em, now, after, BATCH));
      yield* rows;
      const last = rows.at(-1);
      if (!last) return;
      after = { at: last.due_at ?? 0, user_key: last.user_key, key: last.graph_key };
    }
  }

  /** Packs the next versions of a graph that rests at `now` (ms), as `repack` does; one that does not is left for later. */
  async pack(chore: GraphChoreRow, now: number, guard: Guard): Promise<Packed> {
    const { user_key: userKey, graph_key: key, after_version: after } = chore;
    const graph = await this.unitOfWork.read((em) => this.store.stateOf(em, userKey, key));
    const restsAt = (graph?.updated_at ?? 0) + RESTING_MS;
    const step =
      graph && restsAt <= now
        ? await this.packStep(userKey, graph.id, { after, upTo: graph.version }, guard)
        : { savedBytes: 0, next: null };
    await this.unitOfWork.write(async (em) => {
      await guard(em);
      if (!graph) return this.store.done(em, CHORES.pack, userKey, key);
      if (restsAt > now) return this.store.packed(em, chore, after, restsAt);
      if (step.next !== null) return this.store.packed(em, chore, step.next, chore.due_at);
      return this.store.packed(em, chore, graph.version, null);
    });
    return step;
  }

  /** Packs the next versions of a graph; returns the bytes saved, and how far it is (null: done). */
  async repack(chore: GraphChoreRow, guard: Guard): Promise<Packed> {
    const { user_key: userKey, graph_key: key, after_version: after, up_to_version: upTo } = chore;
    const graph = await this.unitOfWork.read((em) => this.store.stateOf(em, userKey, key));
    const { savedBytes, next } = graph
      ? await this.packStep(userKey, graph.id, { after, upTo }, guard)
      : { savedBytes: 0, next: null };
    await this.unitOfWork.write(async (em) => {
      await guard(em);
      if (next === null) return this.store.done(em, CHORES.repack, userKey, key);
      return this.store.goOn(em, { ...chore, after_version: next });
    });
    return { savedBytes, next };
  }

  /** Forgets idempotency keys that nobody can use again at `now` (ms); returns how many. */
  async forgetIdempotencyKeys(now: number, guard: Guard, signal: AbortSignal): Promise<number> {
    for (let forgotten = 0; ;) {
      signal.throwIfAborted();
      const count = await this.unitOfWork.write(async (em) => {
        await guard(em);
        return this.store.forgetKeys(em, now - REMEMBERED_MS, KEYS_AT_ONCE);
      });
      forgotten += count;
      if (count < KEYS_AT_ONCE) return forgotten;
    }
  }

  /** How many versions everybody has together, counted no further than `limit`. */
  countVersions(limit: number): Promise<number> {
    return this.unitOfWork.read((em) => this.store.versionsUpTo(em, limit));
  }

  private async packStep(
    userKey: number,
    id: Buffer,
    { after, upTo }: { after: number; upTo: number },
    guard: Guard,
  ): Promise<Packed> {
    const owner = await this.ownerOf(userKey, uuidText(id));
    return this.upkeep.repack(owner, after, upTo, (em) => guard(em).then(() => true));
  }

  /** Once it rests, the graph is to be packed, unless nothing is new. */
  private async owePacking(em: EntityManager, { userKey, key, row }: DueGraph): Promise<void> {
    if (row.version <= 1) return;
    const place = { user_key: userKey, graph_key: key };
    await this.store.owePacking(em, place, row.version, row.updated_at + RESTING_MS);
  }

  private async *chores(kind: keyof typeof CHORES) {
    for (let after = { user_key: -1, graph_key: -1 }; ;) {
      const rows = await this.unitOfWork.read((em) => this.store.chores(em, kind, after, BATCH));
      yield* rows;
      const last = rows.at(-1);
      if (!last) return;
      after = last;
    }
  }

  private async ownerOf(userKey: number, graphId: string): Promise<GraphOwner> {
    const id = await this.keyring.userId(userKey);
    if (!id)
      throw new AppError('internal', 'data-key-missing', "The data key of the graph's owner is missing.");
    return { userKey, userId: uuidText(id), graphId };
  }
}

function dueGraph(row: DueGraphRow): DueGraph {
  const { user_key: userKey, key, id, title, deleted_at } = row;
  return { userKey, key, graphId: uuidText(id), title, deleted: deleted_at !== null, row };
}
