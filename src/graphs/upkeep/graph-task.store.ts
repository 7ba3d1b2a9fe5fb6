import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { columnsOf } from '../../platform/database/columns';
import { Statement } from '../../platform/database/statement';
import type { GraphPlace } from '../../versions/version-upkeep.service';
import { GRAPH_TASKS, graphTaskSchema, type GraphTaskRow } from './domain/graph-task.entity';
import type { DueCursor } from './graph-retention.store';

const COLUMNS = columnsOf(graphTaskSchema).join(', ');
const TASK = 'kind = :kind AND user_key = :user_key AND graph_key = :graph_key';

const enqueue = new Statement(
  `INSERT INTO graph_chores (${COLUMNS}) VALUES (:kind, :user_key, :graph_key, :after_version, :up_to_version, NULL)
   ON CONFLICT (kind, user_key, graph_key) DO UPDATE SET
   after_version = CASE WHEN excluded.after_version < graph_chores.after_version THEN excluded.after_version ELSE graph_chores.after_version END,
   up_to_version = CASE WHEN excluded.up_to_version > graph_chores.up_to_version THEN excluded.up_to_version ELSE graph_chores.up_to_version END`,
);
// A graph that is packed up to its newest version is left alone.
const enqueuePacking = new Statement(
  `INSERT INTO graph_chores (${COLUMNS}) VALUES (${GRAPH_TASKS.pack}, :user_key, :graph_key, 0, 0, :due_at)
   ON CONFLICT (kind, user_key, graph_key) DO UPDATE SET due_at = excluded.due_at WHERE graph_chores.after_version < :version`,
);
const setPacked = new Statement(
  `UPDATE graph_chores SET after_version = :after_version, due_at = :due_at
   WHERE kind = ${GRAPH_TASKS.pack} AND user_key = :user_key AND graph_key = :graph_key`,
);
const toPack = new Statement<GraphTaskRow>(
  `SELECT ${COLUMNS} FROM graph_chores WHERE due_at <= :now AND (due_at, user_key, graph_key) > (:at, :after_user, :after_key)
   AND due_at >= :at ORDER BY due_at, user_key, graph_key LIMIT :limit`,
);
const advance = new Statement(`UPDATE graph_chores SET after_version = :after_version WHERE ${TASK}`);
const complete = new Statement(`DELETE FROM graph_chores WHERE ${TASK}`);
const list = new Statement<GraphTaskRow>(
  `SELECT ${COLUMNS} FROM graph_chores
   WHERE kind = :kind AND (user_key, graph_key) > (:after_user, :after_key) ORDER BY user_key, graph_key LIMIT :limit`,
);
const removeOfUser = new Statement('DELETE FROM graph_chores WHERE user_key = :user_key');

/** Deferred work on graphs. */
@Injectable()
export class GraphTaskStore {
  /** Adds a task; an open one of the same kind is widened to cover both. */
  async enqueue(em: EntityManager, task: Omit<GraphTaskRow, 'due_at'>): Promise<void> {
    await enqueue.run(em, { ...task });
  }

  /** Schedules packing of a graph from `dueAt` (ms) on, unless it is packed up to `version` already. */
  async enqueuePacking(em: EntityManager, place: GraphPlace, version: number, dueAt: number): Promise<void> {
    await enqueuePacking.run(em, { ...place, version, due_at: dueAt });
  }

  /** Records up to which version a graph is packed, and when it is due again (null: after its next change). */
  async setPacked(
    em: EntityManager,
    place: GraphPlace,
    version: number,
    dueAt: number | null,
  ): Promise<void> {
    const { user_key, graph_key } = place;
    await setPacked.run(em, { user_key, graph_key, after_version: version, due_at: dueAt });
  }

  /** Graphs due to be packed at `now` (ms), the longest due first. */
  toPack(em: EntityManager, now: number, after: DueCursor, limit: number): Promise<GraphTaskRow[]> {
    return toPack.all(em, { now, at: after.at, after_user: after.user_key, after_key: after.key, limit });
  }

  /** Records how far a task is. */
  async advance(
    em: EntityManager,
    { kind, user_key, graph_key, after_version }: GraphTaskRow,
  ): Promise<void> {
    await advance.run(em, { kind, user_key, graph_key, after_version });
  }

  async complete(em: EntityManager, kind: number, userKey: number, graphKey: number): Promise<void> {
    await complete.run(em, { kind, user_key: userKey, graph_key: graphKey });
  }

  /** The next tasks of a kind, by graph. */
  list(
    em: EntityManager,
    kind: keyof typeof GRAPH_TASKS,
    after: { user_key: number; graph_key: number },
    limit: number,
  ): Promise<GraphTaskRow[]> {
    const { user_key: after_user, graph_key: after_key } = after;
    return list.all(em, { kind: GRAPH_TASKS[kind], after_user, after_key, limit });
  }

  /** Removes all tasks of a deleted account. */
  async removeOfUser(em: EntityManager, userKey: number): Promise<void> {
    await removeOfUser.run(em, { user_key: userKey });
  }
}
