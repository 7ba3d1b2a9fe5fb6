import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../../platform/database/statement';
import { CHORES, type GraphChoreRow } from './domain/graph-chore.entity';
import type { GraphRow } from '../domain/graph.entity';
import type { GraphPlace } from '../../versions/version-upkeep.service';

/** What retention sees of a graph. */
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

/** What packing asks of a graph: its UUID's bytes, its newest version, and when it was changed last (ms). */
export type GraphState = Pick<GraphRow, 'id' | 'version' | 'updated_at'>;

/** Where a walk by a time goes on: after this one. */
export interface DueCursor {
  at: number;
  user_key: number;
  key: number;
}

const DUE = 'user_key, key, id, version, seq, updated_at, deleted_at, purge_at, prune_due_at, title';
const GRAPH = 'user_key = :user_key AND key = :key';

// Both go along the index of the time alone, so that a look that finds nothing reads nothing.
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
const ofEverybody = new Statement<DueGraphRow>(
  `SELECT ${DUE} FROM graphs WHERE (user_key, key) > (:after_user, :after_key) ORDER BY user_key, key LIMIT :limit`,
);
const findOf = new Statement<DueGraphRow>(
  `SELECT ${DUE} FROM graphs WHERE user_key = :user_key AND id = :id`,
);
const makeDue = new Statement(`UPDATE graphs SET prune_due_at = :at WHERE ${GRAPH}`);
const remove = new Statement<{ head_bytes: number }>(
  `DELETE FROM graphs WHERE ${GRAPH} AND seq = :seq RETURNING octet_length(head) AS head_bytes`,
);
const CHORE = 'kind, user_key, graph_key, after_version, up_to_version, due_at';
const owe = new Statement(
  `INSERT INTO graph_chores (${CHORE}) VALUES (:kind, :user_key, :graph_key, :after_version, :up_to_version, NULL)
   ON CONFLICT (kind, user_key, graph_key) DO UPDATE SET
   after_version = CASE WHEN excluded.after_version < graph_chores.after_version THEN excluded.after_version ELSE graph_chores.after_version END,
   up_to_version = CASE WHEN excluded.up_to_version > graph_chores.up_to_version THEN excluded.up_to_version ELSE graph_chores.up_to_version END`,
);
// What is packed up to its newest version already is left alone.
const owePacking = new Statement(
  `INSERT INTO graph_chores (${CHORE}) VALUES (${CHORES.pack}, :user_key, :graph_key, 0, 0, :due_at)
   ON CONFLICT (kind, user_key, graph_key) DO UPDATE SET due_at = excluded.due_at WHERE graph_chores.after_version < :version`,
);
const packed = new Statement(
  `UPDATE graph_chores SET after_version = :after_version, due_at = :due_at
   WHERE kind = ${CHORES.pack} AND user_key = :user_key AND graph_key = :graph_key`,
);
const toPack = new Statement<GraphChoreRow>(
  `SELECT ${CHORE} FROM graph_chores WHERE due_at <= :now AND (due_at, user_key, graph_key) > (:at, :after_user, :after_key)
   AND due_at >= :at ORDER BY due_at, user_key, graph_key LIMIT :limit`,
);
const goOn = new Statement(
  'UPDATE graph_chores SET after_version = :after_version WHERE kind = :kind AND user_key = :user_key AND graph_key = :graph_key',
);
const done = new Statement(
  'DELETE FROM graph_chores WHERE kind = :kind AND user_key = :user_key AND graph_key = :graph_key',
);
const chores = new Statement<GraphChoreRow>(
  `SELECT ${CHORE} FROM graph_chores
   WHERE kind = :kind AND (user_key, graph_key) > (:after_user, :after_key) ORDER BY user_key, graph_key LIMIT :limit`,
);
const removeChores = new Statement('DELETE FROM graph_chores WHERE user_key = :user_key');
const stateOf = new Statement<GraphState>(`SELECT id, version, updated_at FROM graphs WHERE ${GRAPH}`);
const forgetKeys = new Statement(
  `DELETE FROM idempotency_keys WHERE (user_key, key_sha256) IN
   (SELECT user_key, key_sha256 FROM idempotency_keys WHERE created_at <= :before ORDER BY created_at LIMIT :limit)`,
);
// As many as are asked about are counted and no more: the answer is all that is wanted, not the number.
const versionsUpTo = new Statement<{ counted: number }>(
  'SELECT COUNT(*) AS counted FROM (SELECT version FROM versions LIMIT :limit) AS first_ones',
);

/** Which graphs are due, of all users: for the retention job only. */
@Injectable()
export class GraphRetentionStore {
  /** Graphs whose time in the bin is over, those longest over first. */
  toPurge(em: EntityManager, now: number, after: DueCursor, limit: number): Promise<DueGraphRow[]> {
    return toPurge.all(em, { now, at: after.at, after_user: after.user_key, after_key: after.key, limit });
  }

  /** Graphs of which versions may have to go. */
  toPrune(em: EntityManager, now: number, after: DueCursor, limit: number): Promise<DueGraphRow[]> {
    return toPrune.all(em, { now, at: after.at, after_user: after.user_key, after_key: after.key, limit });
  }

  ofUser(em: EntityManager, userKey: number, after: number, limit: number): Promise<DueGraphRow[]> {
    return ofUser.all(em, { user_key: userKey, after, limit });
  }

  ofEverybody(
    em: EntityManager,
    after: { user_key: number; key: number },
    limit: number,
  ): Promise<DueGraphRow[]> {
    return ofEverybody.all(em, { after_user: after.user_key, after_key: after.key, limit });
  }

  find(em: EntityManager, userKey: number, id: Buffer): Promise<DueGraphRow | undefined> {
    return findOf.one(em, { user_key: userKey, id });
  }

  /** Lets a graph be looked at from `at` (ms) on; false when it is gone. */
  async makeDue(em: EntityManager, userKey: number, key: number, at: number): Promise<boolean> {
    return (await makeDue.run(em, { user_key: userKey, key, at })) === 1;
  }

  /** Compare and set: removes the graph's own row. Returns the bytes of its sealed head; undefined when the race was lost. */
  async remove(em: EntityManager, { user_key, key, seq }: DueGraphRow): Promise<number | undefined> {
    return (await remove.one(em, { user_key, key, seq }))?.head_bytes;
  }

  /** Notes a chore; one that is owed already grows to take in both. */
  async owe(em: EntityManager, chore: Omit<GraphChoreRow, 'due_at'>): Promise<void> {
    await owe.run(em, { ...chore });
  }

  /** Notes that a graph is to be packed from `dueAt` (ms) on, unless it is packed up to `version` already. */
  async owePacking(em: EntityManager, place: GraphPlace, version: number, dueAt: number): Promise<void> {
    await owePacking.run(em, { ...place, version, due_at: dueAt });
  }

  /** Notes up to which version a graph is packed, and when it is to be looked at again (null: after its next change). */
  async packed(em: EntityManager, place: GraphPlace, version: number, dueAt: number | null): Promise<void> {
    const { user_key, graph_key } = place;
    await packed.run(em, { user_key, graph_key, after_version: version, due_at: dueAt });
  }

  /** Graphs that are to be packed at `now` (ms), those longest due first. */
  toPack(em: EntityManager, now: number, after: DueCursor, limit: number): Promise<GraphChoreRow[]> {
    return toPack.all(em, { now, at: after.at, after_user: after.user_key, after_key: after.key, limit });
  }

  /** Notes how far a chore is. */
  async goOn(em: EntityManager, { kind, user_key, graph_key, after_version }: GraphChoreRow): Promise<void> {
    await goOn.run(em, { kind, user_key, graph_key, after_version });
  }

  async done(em: EntityManager, kind: number, userKey: number, graphKey: number): Promise<void> {
    await done.run(em, { kind, user_key: userKey, graph_key: graphKey });
  }

  /** The next chores of a kind. */
  chores(
    em: EntityManager,
    kind: keyof typeof CHORES,
    after: { user_key: number; graph_key: number },
    limit: number,
  ): Promise<GraphChoreRow[]> {
    const { user_key: after_user, graph_key: after_key } = after;
    return chores.all(em, { kind: CHORES[kind], after_user, after_key, limit });
  }

  /** What packing asks of a graph. */
  stateOf(em: EntityManager, userKey: number, key: number): Promise<GraphState | undefined> {
    return stateOf.one(em, { user_key: userKey, key });
  }

  /** Forgets idempotency keys from before a time (ms), at most `limit`; returns how many. */
  forgetKeys(em: EntityManager, before: number, limit: number): Promise<number> {
    return forgetKeys.run(em, { before, limit });
  }

  /** How many versions there are, of everybody's, counted up to `limit`. */
  async versionsUpTo(em: EntityManager, limit: number): Promise<number> {
    return Number((await versionsUpTo.one(em, { limit }))?.counted ?? 0);
  }

  /** Forgets what is owed to the graphs of an account that is gone. */
  async removeChores(em: EntityManager, userKey: number): Promise<void> {
    await removeChores.run(em, { user_key: userKey });
  }
}
