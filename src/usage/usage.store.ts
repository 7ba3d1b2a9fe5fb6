import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement, type SqlParams } from '../platform/database/statement';
import { countsOf, isNothing, type UsageCounts } from './domain/usage-counts';
import { USAGE_PARTS, type UsagePointRow } from './domain/usage.entity';

const COUNTS = 'graphs, versions, config_bytes, head_bytes, frame_bytes';
const SUMS = COUNTS.replace(/\w+/g, 'COALESCE(SUM($&), 0) AS $&');
const VALUES = COUNTS.replace(/\w+/g, ':$&');
/** Adds to a part of a user's counters, with parameters named as `countParams` names them. */
export const COUNT = `INSERT INTO user_usage (user_key, part, ${COUNTS}) VALUES (:usage_user, :usage_part, ${COUNTS.replace(/\w+/g, ':usage_$&')})
   ON CONFLICT (user_key, part) DO UPDATE SET ${COUNTS.replace(/\w+/g, '$& = user_usage.$& + excluded.$&')}`;

/** The parameters of COUNT; `graphKey` null: a change of no single graph. */
export function countParams(userKey: number, graphKey: number | null, counts: UsageCounts): SqlParams {
  const { graphs, versions, config_bytes, head_bytes, frame_bytes } = counts;
  return {
    usage_user: userKey,
    usage_part: (graphKey ?? 0) % USAGE_PARTS,
    usage_graphs: graphs,
    usage_versions: versions,
    usage_config_bytes: config_bytes,
    usage_head_bytes: head_bytes,
    usage_frame_bytes: frame_bytes,
  };
}

const add = new Statement(COUNT);
const remove = new Statement('DELETE FROM user_usage WHERE user_key = :user_key');
const removeAll = new Statement('DELETE FROM user_usage');
const countAll = new Statement(
  `INSERT INTO user_usage (user_key, part, ${COUNTS})
   SELECT user_key, 0, SUM(graphs), SUM(versions), SUM(config_bytes), SUM(head_bytes), SUM(frame_bytes)
   FROM (SELECT user_key, 1 AS graphs, 0 AS versions, 0 AS config_bytes, octet_length(head) AS head_bytes, 0 AS frame_bytes FROM graphs
     UNION ALL SELECT user_key, 0, 1, config_bytes, 0, octet_length(frame) FROM versions) AS rows_of_users GROUP BY user_key`,
);
const find = new Statement<UsageCounts>(`SELECT ${SUMS} FROM user_usage WHERE user_key = :user_key`);
const users = new Statement<UsageCounts & { user_key: number }>(
  `SELECT user_key, ${SUMS} FROM user_usage WHERE user_key > :after GROUP BY user_key ORDER BY user_key LIMIT :limit`,
);
const ids = new Statement<{ user_key: number; user_id: Buffer }>(
  'SELECT user_key, user_id FROM user_keys WHERE user_key IN (:...keys)',
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

/** The counters of one user. */
export interface UserUsage extends UsageCounts {
  user_key: number;
}

/** Sums over several users. */
export interface UsageSum extends UsageCounts {
  users: number;
}

/** The usage counters, and the rows that they count. */
@Injectable()
export class UsageStore {
  /**
   * Adds to a user's counters, for a change of one graph, or of none (null). Call it last in a transaction: on
   * PostgreSQL the part stays locked until the transaction ends.
   */
  async add(em: EntityManager, userKey: number, graphKey: number | null, counts: UsageCounts): Promise<void> {
    if (!isNothing(counts)) await add.run(em, countParams(userKey, graphKey, counts));
  }

  async remove(em: EntityManager, userKey: number): Promise<void> {
    await remove.run(em, { user_key: userKey });
  }

  /** Recounts everything for all users. Only for a database that is not in use yet. */
  async countAll(em: EntityManager): Promise<void> {
    await removeAll.run(em);
    await countAll.run(em);
  }

  /** The counters of one user; reads a few rows. */
  async of(em: EntityManager, userKey: number): Promise<UsageCounts> {
    return countsOf((await find.one(em, { user_key: userKey }))!);
  }

  /** The next users by key, each with their counters. */
  async users(em: EntityManager, after: number, limit: number): Promise<UserUsage[]> {
    const rows = await users.all(em, { after, limit });
    return rows.map((row) => ({ user_key: row.user_key, ...countsOf(row) }));
  }

  /** Ids of users, 16 bytes each; also of deleted accounts while the rows of their keys exist. */
  async ids(em: EntityManager, keys: readonly number[]): Promise<Map<number, Buffer>> {
    if (keys.length === 0) return new Map();
    return new Map((await ids.all(em, { keys })).map(({ user_key, user_id }) => [user_key, user_id]));
  }

  /** The next owners of stored data, including deleted accounts. */
  async owners(em: EntityManager, after: number, limit: number): Promise<number[]> {
    return (await owners.all(em, { after, limit })).map(({ user_key }) => user_key);
  }

  /** The next graphs of a user, with the size of their heads. */
  heads(em: EntityManager, userKey: number, after: number, limit: number) {
    return heads.all(em, { user_key: userKey, after, limit });
  }

  /** The next versions of a user, with their sizes. */
  frames(em: EntityManager, userKey: number, after: { graph_key: number; version: number }, limit: number) {
    const { graph_key, version } = after;
    return frames.all(em, { user_key: userKey, graph_key, version, limit });
  }

  async addPoint(em: EntityManager, point: UsagePointRow): Promise<void> {
    await addPoint.run(em, { ...point });
  }

  /**
   * Removes points from before one time and from after another, ms; the latter were recorded by a clock that was set
   * back.
   */
  async forgetPoints(em: EntityManager, before: number, after: number): Promise<void> {
    await forgetPoints.run(em, { before, after });
  }

  /** The newest point that is not after a time (ms); undefined if there is none. */
  pointAt(em: EntityManager, at: number): Promise<UsagePointRow | undefined> {
    return pointAt.one(em, { at });
  }

  firstPoint(em: EntityManager): Promise<UsagePointRow | undefined> {
    return firstPoint.one(em);
  }

  /** Size of the database on disk, and its free space for new rows if the database reports it; bytes. */
  async databaseBytes(em: EntityManager): Promise<{ bytes: number; freeBytes: number | null }> {
    const postgres = em.queryRunner?.dataSource.options.type === 'postgres';
    const { bytes, free } = (await (postgres ? postgresBytes : sqliteBytes).one(em))!;
    return { bytes: Number(bytes), freeBytes: free === null ? null : Number(free) };
  }
}
