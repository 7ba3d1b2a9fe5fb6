import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../../platform/database/statement';
import type { GraphRow } from '../domain/graph.entity';

/** The columns of a graph that retention reads. */
export type DueGraphRow = Pick<
  GraphRow,
  | 'user_key'
  | 'key'
  | 'id'
  | 'version'
  | 'seq'
  | 'updated_at'
  | 'deleted_at'
  | 'purge_at'
  | 'prune_due_at'
  | 'title'
>;

/** The columns that packing reads. */
export type GraphState = Pick<GraphRow, 'id' | 'version' | 'updated_at'>;

/** Position of a walk in the order of a time: continue after it. */
export interface DueCursor {
  at: number;
  user_key: number;
  key: number;
}

const DUE = 'user_key, key, id, version, seq, updated_at, deleted_at, purge_at, prune_due_at, title';
const GRAPH = 'user_key = :user_key AND key = :key';

// Both walk the index of the time, so a run with nothing due reads nothing.
const toPurge = new Statement<DueGraphRow>(
  `SELECT ${DUE} FROM graphs WHERE purge_at <= :now AND (purge_at, user_key, key) > (:at, :after_user, :after_key)
   AND purge_at >= :at ORDER BY purge_at, user_key, key LIMIT :limit`,
);
const toPrune = new Statement<DueGraphRow>(
  `SELECT ${DUE} FROM graphs WHERE prune_due_at <= :now AND (prune_due_at, user_key, key) > (:at, :after_user, :after_key)
   AND prune_due_at >= :at ORDER BY prune_due_at, user_key, key LIMIT :limit`,
);
const ofUser = new Statement<DueGraphRow>(
  `SELECT ${DUE} FROM graphs WHERE user_key = :user_key AND key > :after ORDER BY key LIMIT :limit`,
);
const ofAllUsers = new Statement<DueGraphRow>(
  `SELECT ${DUE} FROM graphs WHERE (user_key, key) > (:after_user, :after_key) ORDER BY user_key, key LIMIT :limit`,
);
const findOf = new Statement<DueGraphRow>(
  `SELECT ${DUE} FROM graphs WHERE user_key = :user_key AND id = :id`,
);
const makeDue = new Statement(`UPDATE graphs SET prune_due_at = :at WHERE ${GRAPH}`);
const remove = new Statement<{ head_bytes: number }>(
  `DELETE FROM graphs WHERE ${GRAPH} AND seq = :seq RETURNING octet_length(head) AS head_bytes`,
);
const stateOf = new Statement<GraphState>(`SELECT id, version, updated_at FROM graphs WHERE ${GRAPH}`);
const forgetKeys = new Statement(
  `DELETE FROM idempotency_keys WHERE (user_key, key_sha256) IN
   (SELECT user_key, key_sha256 FROM idempotency_keys WHERE created_at <= :before ORDER BY created_at LIMIT :limit)`,
);
// Stops counting at the limit: the caller compares and does not need the exact number.
const versionsUpTo = new Statement<{ counted: number }>(
  'SELECT COUNT(*) AS counted FROM (SELECT version FROM versions LIMIT :limit) AS first_ones',
);

/** Due graphs of all users: for the retention job only. */
@Injectable()
export class GraphRetentionStore {
  /** Graphs whose time in the trash is over, the longest overdue first. */
  toPurge(em: EntityManager, now: number, after: DueCursor, limit: number): Promise<DueGraphRow[]> {
    return toPurge.all(em, { now, at: after.at, after_user: after.user_key, after_key: after.key, limit });
  }

  /** Graphs with versions that may have expired. */
  toPrune(em: EntityManager, now: number, after: DueCursor, limit: number): Promise<DueGraphRow[]> {
    return toPrune.all(em, { now, at: after.at, after_user: after.user_key, after_key: after.key, limit });
  }

  ofUser(em: EntityManager, userKey: number, after: number, limit: number): Promise<DueGraphRow[]> {
    return ofUser.all(em, { user_key: userKey, after, limit });
  }

  ofAllUsers(
    em: EntityManager,
    after: { user_key: number; key: number },
    limit: number,
  ): Promise<DueGraphRow[]> {
    return ofAllUsers.all(em, { after_user: after.user_key, after_key: after.key, limit });
  }

  find(em: EntityManager, userKey: number, id: Buffer): Promise<DueGraphRow | undefined> {
    return findOf.one(em, { user_key: userKey, id });
  }

  /** Schedules a graph for pruning from `at` (ms) on; false when it is gone. */
  async makeDue(em: EntityManager, userKey: number, key: number, at: number): Promise<boolean> {
    return (await makeDue.run(em, { user_key: userKey, key, at })) === 1;
  }

  /** Compare and set: removes the graph's row. Returns the bytes of its sealed head; undefined when the graph changed. */
  async remove(em: EntityManager, { user_key, key, seq }: DueGraphRow): Promise<number | undefined> {
    return (await remove.one(em, { user_key, key, seq }))?.head_bytes;
  }

  /** The state of a graph for packing; undefined when it is gone. */
  stateOf(em: EntityManager, userKey: number, key: number): Promise<GraphState | undefined> {
    return stateOf.one(em, { user_key: userKey, key });
  }

  /** Removes idempotency keys from before a time (ms), at most `limit`; returns how many. */
  forgetKeys(em: EntityManager, before: number, limit: number): Promise<number> {
    return forgetKeys.run(em, { before, limit });
  }

  /** Number of versions of all users, counted up to `limit`. */
  async versionsUpTo(em: EntityManager, limit: number): Promise<number> {
    return Number((await versionsUpTo.one(em, { limit }))?.counted ?? 0);
  }
}
