import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Keyring } from '../../platform/crypto/keyring';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { AppError } from '../../platform/errors/app-error';
import { isUuid, uuidBytes, uuidText } from '../../platform/ids/uuid';
import type { RunLease } from '../../platform/jobs/job';
import { VersionUpkeepService, type AgedVersion } from '../../versions/version-upkeep.service';
import { REMEMBERED_MS } from '../idempotency-keys';
import { GraphRetentionStore, type DueCursor, type DueGraphRow } from './graph-retention.store';
import type { GraphOwner } from './graph-upkeep.service';

export type { AgedVersion, GraphOwner };

/** A graph, as retention sees it. */
export interface DueGraph {
  userKey: number;
  key: number;
  graphId: string;
  title: string;
  deleted: boolean;
  row: DueGraphRow;
}

/** Graphs read at once. */
const BATCH = 100;
/** Idempotency keys removed by one transaction. */
const KEYS_AT_ONCE = 500;

/** Finds due graphs of all users by index. It decides nothing. */
@Injectable()
export class GraphRetentionService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: GraphRetentionStore,
    private readonly versions: VersionUpkeepService,
    private readonly keyring: Keyring,
  ) {}

  /** Graphs whose time in the trash was over at `now` (ms). */
  async *toPurge(now: number): AsyncGenerator<DueGraph> {
    for (let after: DueCursor = { at: 0, user_key: -1, key: -1 }; ;) {
      const rows = await this.unitOfWork.read((em) => this.store.toPurge(em, now, after, BATCH));
      yield* rows.map(dueGraph);
      const last = rows.at(-1);
      if (!last) return;
      after = { at: last.purge_at ?? 0, user_key: last.user_key, key: last.key };
    }
  }

  /** Graphs with versions that may have expired at `now` (ms). */
  async *toPrune(now: number): AsyncGenerator<DueGraph> {
    for (let after: DueCursor = { at: 0, user_key: -1, key: -1 }; ;) {
      const rows = await this.unitOfWork.read((em) => this.store.toPrune(em, now, after, BATCH));
      yield* rows.map(dueGraph);
      const last = rows.at(-1);
      if (!last) return;
      after = { at: last.prune_due_at ?? 0, user_key: last.user_key, key: last.key };
    }
  }

  /** All graphs of a user, in the trash or not, with their versions, ascending: one read for many small graphs. */
  async *allWithAges(userKey: number): AsyncGenerator<{ graph: DueGraph; ages: AgedVersion[] }> {
    for (let after = -1; ;) {
      const rows = await this.unitOfWork.read((em) => this.store.ofUser(em, userKey, after, BATCH));
      const [first, last] = [rows[0]?.key, rows.at(-1)?.key];
      if (first === undefined || last === undefined) return;
      const aged = await this.versions.agedOfSome(userKey, { first, last });
      for (const graph of rows.map(dueGraph))
        yield { graph, ages: aged.get(graph.key) ?? (await this.agesOf(graph)) };
      after = last;
    }
  }

  /** All graphs of a user, in the trash or not; of all users when `userKey` is null. */
  async *all(userKey: number | null): AsyncGenerator<DueGraph> {
    for (let after = { user_key: -1, key: -1 }; ;) {
      const rows = await this.unitOfWork.read((em) =>
        userKey === null
          ? this.store.ofAllUsers(em, after, BATCH)
          : this.store.ofUser(em, userKey, after.key, BATCH),
      );
      yield* rows.map(dueGraph);
      const last = rows.at(-1);
      if (!last) return;
      after = { user_key: last.user_key, key: last.key };
    }
  }

  /** A graph of the user, in the trash or not; undefined when its time there is over at `now` (ms). */
  async find(userKey: number, id: string, now: number): Promise<DueGraph | undefined> {
    if (!isUuid(id)) return undefined;
    const row = await this.unitOfWork.read((em) => this.store.find(em, userKey, uuidBytes(id)));
    return row && (row.purge_at === null || row.purge_at > now) ? dueGraph(row) : undefined;
  }

  /** All versions of a graph, ascending. */
  agesOf({ userKey, key: graphKey }: Pick<DueGraph, 'userKey' | 'key'>): Promise<AgedVersion[]> {
    return this.versions.aged({ userKey, graphKey });
  }

  /** Schedules a graph for pruning from `at` (ms) on, inside the caller's transaction; false when it is gone. */
  makeDue(em: EntityManager, { userKey, key }: DueGraph, at: number): Promise<boolean> {
    return this.store.makeDue(em, userKey, key, at);
  }

  /** Removes idempotency keys that can no longer be used at `now` (ms); returns how many. */
  async forgetIdempotencyKeys(
    now: number,
    lease: Pick<RunLease, 'guard'>,
    signal: AbortSignal,
  ): Promise<number> {
    for (let forgotten = 0; ;) {
      signal.throwIfAborted();
      const count = await this.unitOfWork.write(async (em) => {
        await lease.guard(em);
        return this.store.forgetKeys(em, now - REMEMBERED_MS, KEYS_AT_ONCE);
      });
      forgotten += count;
      if (count < KEYS_AT_ONCE) return forgotten;
    }
  }

  /** Number of versions of all users together, counted up to `limit`. */
  countVersions(limit: number): Promise<number> {
    return this.unitOfWork.read((em) => this.store.versionsUpTo(em, limit));
  }

  /** The ids under which a graph's rows are sealed. Throws when the owner's data key is gone. */
  async ownerOf({ userKey, graphId }: Pick<DueGraph, 'userKey' | 'graphId'>): Promise<GraphOwner> {
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
