import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService } from '../audit/journal.service';
import { VersionUpkeep, type AgedVersion } from '../backups/versions/version-upkeep.service';
import { Keyring } from '../platform/crypto/keyring';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError } from '../platform/errors/app-error';
import { isUuid, uuidBytes, uuidText } from '../platform/ids/uuid';
import { CHORES, type GraphChoreRow } from './domain/graph-chore.entity';
import { GraphRetentionStore, type DueGraphRow } from './graph-retention.store';
import { GraphUpkeep, type Choose, type GraphOwner, type Pruned } from './graph-upkeep.service';
import { REMEMBERED_MS } from './idempotency-keys';
import { Quota } from '../backups/versions/quota.service';
import { LostRace, undefinedOnLostRace } from './lost-race';

export type { AgedVersion, Choose, Pruned, GraphChoreRow as GraphChore };

/** A graph, as retention sees it. */
export interface DueGraph {
  userKey: number;
  key: number;
  graphId: string;
  title: string;
  deleted: boolean;
  row: DueGraphRow;
}

/** What a purge has removed; `bytes` are those of sealed frames. Null: the graph is not to be purged any more. */
export type Purged = { versions: number; bytes: number } | null;

/** Runs first in each transaction of a run; throws when the run may not write any more. */
export type Guard = (em: EntityManager) => Promise<void>;

const SWEEP = { kind: CHORES.sweep, after_version: 0, up_to_version: 0 };
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

  /**
   * Removes a graph for ever, if nothing about it has changed since it was found: first its row, after which nobody
   * can see it, then its versions in steps. What a crash leaves of it is removed by `sweep`.
   */
  async purge(graph: DueGraph, now: number, guard: Guard): Promise<Purged> {
    const { userKey, key, graphId, row } = graph;
    const first = await this.unitOfWork
      .write(async (em) => {
        await guard(em);
        const event = { at: now, userKey, actorKey: null, subjectId: graphId, details: { by: 'retention' } };
        await this.journal.append(em, { action: 'graph.purged', ...event });
        const headBytes = await this.store.remove(em, row);
        if (headBytes === undefined) throw new LostRace();
        await this.store.done(em, CHORES.repack, userKey, key);
        const swept = await this.versions.sweep(em, { user_key: userKey, graph_key: key }, headBytes);
        if (swept.more) await this.store.owe(em, { ...SWEEP, user_key: userKey, graph_key: key });
        return swept;
      })
      .catch(undefinedOnLostRace);
    if (!first) return null;
    this.quota.shrank(userKey);
    const rest = first.more ? await this.sweepOne(userKey, key, guard) : { versions: 0, bytes: 0 };
    return { versions: first.versions + rest.versions, bytes: first.bytes + rest.bytes };
  }

  /** Removes what interrupted purges have left; returns the versions and bytes. */
  async sweep(guard: Guard): Promise<{ versions: number; bytes: number }> {
    const swept = { versions: 0, bytes: 0 };
    for await (const { user_key, graph_key } of this.chores('sweep')) {
      const { versions, bytes } = await this.sweepOne(user_key, graph_key, guard);
      swept.versions += versions;
      swept.bytes += bytes;
    }
    return swept;
  }

  /** Graphs of which versions were encoded anew and not packed since. */
  toRepack(): AsyncGenerator<GraphChoreRow> {
    return this.chores('repack');
  }

  /** Packs the next versions of a graph; returns the bytes saved, and how far it is (null: done). */
  async repack(chore: GraphChoreRow, guard: Guard): Promise<{ savedBytes: number; next: number | null }> {
    const { user_key: userKey, graph_key: key, after_version: after, up_to_version: upTo } = chore;
    const id = await this.unitOfWork.read((em) => this.store.idOf(em, userKey, key));
    const owner = id && (await this.ownerOf(userKey, uuidText(id)));
    const { savedBytes, next } = owner
      ? await this.upkeep.repack(owner, after, upTo, (em) => guard(em).then(() => true))
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

  private async sweepOne(user_key: number, graph_key: number, guard: Guard) {
    const swept = { versions: 0, bytes: 0 };
    for (let more = true; more;) {
      const step = await this.unitOfWork.write(async (em) => {
        await guard(em);
        const step = await this.versions.sweep(em, { user_key, graph_key }, null);
        if (!step.more) await this.store.done(em, CHORES.sweep, user_key, graph_key);
        return step;
      });
      swept.versions += step.versions;
      swept.bytes += step.bytes;
      more = step.more;
    }
    return swept;
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
