import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../../platform/database/statement';
import { NO_USAGE, countsOf, isNothing, type UsageCounts } from './domain/usage-counts';
import type { UsagePointRow } from './domain/usage.entity';

const COUNTS = 'graphs, versions, config_bytes, head_bytes, frame_bytes';
const SUMS = COUNTS.replace(/\w+/g, 'COALESCE(SUM($&), 0) AS $&');
const VALUES = COUNTS.replace(/\w+/g, ':$&');

const add = new Statement(
  `INSERT INTO user_usage (user_key, ${COUNTS}, stored_bytes) VALUES (:user_key, ${VALUES}, :stored_bytes)
   ON CONFLICT (user_key) DO UPDATE SET ${`${COUNTS}, stored_bytes`.replace(/\w+/g, '$& = user_usage.$& + excluded.$&')}`,
);
const remove = new Statement('DELETE FROM user_usage WHERE user_key = :user_key');
const removeAll = new Statement('DELETE FROM user_usage');
const countAll = new Statement(
  `INSERT INTO user_usage (user_key, ${COUNTS}, stored_bytes)
   SELECT user_key, SUM(graphs), SUM(versions), SUM(config_bytes), SUM(head_bytes), SUM(frame_bytes), SUM(head_bytes) + SUM(frame_bytes)
   FROM (SELECT user_key, 1 AS graphs, 0 AS versions, 0 AS config_bytes, octet_length(head) AS head_bytes, 0 AS frame_bytes FROM graphs
     UNION ALL SELECT user_key, 0, 1, config_bytes, 0, octet_length(frame) FROM versions) AS rows_of_users GROUP BY user_key`,
);
const find = new Statement<UsageCounts>(`SELECT ${COUNTS} FROM user_usage WHERE user_key = :user_key`);
const part = new Statement<UsageCounts & { users: number; last: number | null }>(
  `SELECT COUNT(*) AS users, MAX(user_key) AS last, ${SUMS}
   FROM (SELECT * FROM user_usage WHERE user_key > :after ORDER BY user_key LIMIT :limit) AS next_users`,
);
const largest = new Statement<
  UsageCounts & { user_key: number; stored_bytes: number; user_id: Buffer | null }
>(
  `SELECT u.user_key, u.stored_bytes, ${COUNTS.replace(/\w+/g, 'u.$&')}, k.user_id
   FROM user_usage u LEFT JOIN user_keys k ON k.user_key = u.user_key
   WHERE u.stored_bytes <= :stored_bytes AND (u.stored_bytes < :stored_bytes OR u.user_key < :user_key)
   ORDER BY u.stored_bytes DESC, u.user_key DESC LIMIT :limit`,
);
const owners = new Statement<{ user_key: number }>(
  `SELECT user_key FROM user_keys WHERE user_key > :after
   UNION SELECT user_key FROM user_usage WHERE user_key > :after ORDER BY user_key LIMIT :limit`,
);
const heads = new Statement<{ key: number; head_bytes: number }>(
  `SELECT key, octet_length(head) AS head_bytes FROM graphs WHERE user_key = :user_key AND key > :after ORDER BY key LIMIT :limit`,
);
const frames = new Statement<{
  graph_key: number;
  version: number;
  config_bytes: number;
  frame_bytes: number;
}>(
  `SELECT graph_key, version, config_bytes, octet_length(frame) AS frame_bytes FROM versions
   WHERE user_key = :user_key AND (graph_key, version) > (:graph_key, :version) ORDER BY graph_key, version LIMIT :limit`,
);
const addPoint = new Statement(
  `INSERT INTO usage_points (at, users, ${COUNTS}) VALUES (:at, :users, ${VALUES}) ON CONFLICT (at) DO NOTHING`,
);
const forgetPoints = new Statement('DELETE FROM usage_points WHERE at < :before OR at > :after');
const pointAt = new Statement<UsagePointRow>(
  `SELECT at, users, ${COUNTS} FROM usage_points WHERE at <= :at ORDER BY at DESC LIMIT 1`,
);
const firstPoint = new Statement<UsagePointRow>(
  `SELECT at, users, ${COUNTS} FROM usage_points ORDER BY at LIMIT 1`,
);
const sqliteBytes = new Statement<{ bytes: number; free: number | null }>(
  `SELECT page_count * page_size AS bytes, freelist_count * page_size AS free
   FROM pragma_page_count(), pragma_page_size(), pragma_freelist_count()`,
);
const postgresBytes = new Statement<{ bytes: number; free: number | null }>(
  'SELECT pg_database_size(current_database()) AS bytes, NULL AS free',
);

/** One user's counters, with his id; null when there is no account any more. */
export interface LargeUser extends UsageCounts {
  user_key: number;
  user_id: Buffer | null;
  stored_bytes: number;
}

/** Sums over some users. */
export interface UsageSum extends UsageCounts {
  users: number;
}

/** The kept counters of what is stored, and the rows they count. */
@Injectable()
export class UsageStore {
  /**
   * Adds to a user's counters. Let it be the last statement of a transaction: on PostgreSQL the row is locked until
   * the end of it, and others of the same user wait.
   */
  async add(em: EntityManager, userKey: number, counts: UsageCounts): Promise<void> {
    if (isNothing(counts)) return;
    const stored_bytes = counts.head_bytes + counts.frame_bytes;
    await add.run(em, { user_key: userKey, ...counts, stored_bytes });
  }

  async remove(em: EntityManager, userKey: number): Promise<void> {
    await remove.run(em, { user_key: userKey });
  }

  /** Counts everything anew, for everybody: only for a database that nobody uses yet. */
  async countAll(em: EntityManager): Promise<void> {
    await removeAll.run(em);
    await countAll.run(em);
  }

  /** One user's counters, by one look at one row. */
  async of(em: EntityManager, userKey: number): Promise<UsageCounts> {
    const row = await find.one(em, { user_key: userKey });
    return row ? countsOf(row) : NO_USAGE;
  }

  /** The sum of the next `limit` users after one, and the last of them; null when there are no more. */
  async sum(
    em: EntityManager,
    after: number,
    limit: number,
  ): Promise<{ sum: UsageSum; last: number | null }> {
    const row = (await part.one(em, { after, limit }))!;
    return { sum: { ...countsOf(row), users: Number(row.users) }, last: row.last };
  }

  /** The users who have stored most, after the given place of that order. */
  async largest(
    em: EntityManager,
    after: { stored_bytes: number; user_key: number },
    limit: number,
  ): Promise<LargeUser[]> {
    return largest.all(em, { ...after, limit });
  }

  /** The next owners of anything, gone accounts among them. */
  async owners(em: EntityManager, after: number, limit: number): Promise<number[]> {
    return (await owners.all(em, { after, limit })).map(({ user_key }) => user_key);
  }

  /** The next graphs of a user's, with the size of their heads. */
  heads(em: EntityManager, userKey: number, after: number, limit: number) {
    return heads.all(em, { user_key: userKey, after, limit });
  }

  /** The next versions of a user's, with their sizes. */
  frames(em: EntityManager, userKey: number, after: { graph_key: number; version: number }, limit: number) {
    const { graph_key, version } = after;
    return frames.all(em, { user_key: userKey, graph_key, version, limit });
  }

  async addPoint(em: EntityManager, point: UsagePointRow): Promise<void> {
    await addPoint.run(em, { ...point });
  }

  /** Forgets points from before a time, and from after another: those are from a clock that was set back (ms). */
  async forgetPoints(em: EntityManager, before: number, after: number): Promise<void> {
    await forgetPoints.run(em, { before, after });
  }

  /** The newest point that is not after a time (ms); undefined without any. */
  pointAt(em: EntityManager, at: number): Promise<UsagePointRow | undefined> {
    return pointAt.one(em, { at });
  }

  firstPoint(em: EntityManager): Promise<UsagePointRow | undefined> {
    return firstPoint.one(em);
  }

  /** What the database takes on its disk, and what of it is free for new rows, as far as it says so; bytes. */
  async databaseBytes(em: EntityManager): Promise<{ bytes: number; freeBytes: number | null }> {
    const postgres = em.queryRunner?.dataSource.options.type === 'postgres';
    const { bytes, free } = (await (postgres ? postgresBytes : sqliteBytes).one(em))!;
    return { bytes: Number(bytes), freeBytes: free === null ? null : Number(free) };
  }
}
