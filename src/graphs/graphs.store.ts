import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { assignments, columnsOf, placeholders } from '../platform/database/columns';
import { Statement, type SqlParams } from '../platform/database/statement';
import { graphSchema, type GraphInfoRow, type GraphRow } from './domain/graph.entity';
import { NO_SOURCE, type GraphFilter, type Sorting } from './domain/graph-list';

const INFO = columnsOf(graphSchema, ['head']).join(', ');
const ALL_COLUMNS = columnsOf(graphSchema);
const CHANGING = columnsOf(graphSchema, ['user_key', 'key', 'id', 'created_at']);
const SAME_ROW = 'WHERE user_key = :user_key AND key = :key AND seq = :expected_seq';

const insert = new Statement(
  `INSERT INTO graphs (${ALL_COLUMNS.join(', ')}) VALUES (${placeholders(ALL_COLUMNS)})`,
);
const find = new Statement<GraphRow>(
  `SELECT ${ALL_COLUMNS.join(', ')} FROM graphs WHERE user_key = :user_key AND id = :id`,
);
const findInfo = new Statement<GraphInfoRow>(
  `SELECT ${INFO} FROM graphs WHERE user_key = :user_key AND id = :id`,
);
const findWithSmallHead = new Statement<LightGraphRow>(
  `SELECT ${INFO}, CASE WHEN config_bytes <= :head_up_to THEN head END AS head
   FROM graphs WHERE user_key = :user_key AND id = :id`,
);
const replace = new Statement(`UPDATE graphs SET ${assignments(CHANGING)} ${SAME_ROW}`);

const updateChain = new Statement(
  `UPDATE graphs SET seq = :seq, anchor_version = :anchor_version, anchors = :anchors, since_anchor = :since_anchor,
   prune_due_at = :prune_due_at ${SAME_ROW}`,
);
const bumpSeq = new Statement(`UPDATE graphs SET seq = :seq, prune_due_at = :prune_due_at ${SAME_ROW}`);
// -1 for null: a comparison with null is not true and not false.
const setPruneDueAt = new Statement(
  `UPDATE graphs SET prune_due_at = :prune_due_at ${SAME_ROW} AND COALESCE(prune_due_at, -1) = :as_read`,
);
const remove = new Statement(`DELETE FROM graphs ${SAME_ROW}`);
const keysOf = new Statement<Pick<GraphRow, 'key' | 'id'>>(
  'SELECT key, id FROM graphs WHERE user_key = :user_key ORDER BY key LIMIT :limit',
);
const removeOfAccount = new Statement<{ head_bytes: number }>(
  'DELETE FROM graphs WHERE user_key = :user_key AND key = :key RETURNING octet_length(head) AS head_bytes',
);
const ofUser = new Statement<GraphRow>(
  `SELECT ${ALL_COLUMNS.join(', ')} FROM graphs WHERE user_key = :user_key AND key > :after ORDER BY key LIMIT :limit`,
);
const lastChange = new Statement<{ at: number | null }>(
  'SELECT MAX(updated_at) AS at FROM graphs WHERE user_key = :user_key',
);
const ofAllUsers = new Statement<GraphRow>(
  `SELECT ${ALL_COLUMNS.join(', ')} FROM graphs WHERE (user_key, key) > (:after_user, :after_key) ORDER BY user_key, key LIMIT :limit`,
);

/** A graph's row, without its bytes if they are many. */
export type LightGraphRow = GraphInfoRow & { head: Buffer | null };

/** The columns of the version store's chain state. */
export type StoredChain = Pick<GraphRow, 'anchor_version' | 'anchors' | 'since_anchor'>;

/** The chain state, and when the graph is due for pruning. */
export type UpkeptChain = StoredChain & Pick<GraphRow, 'prune_due_at'>;

/** The requested part of a list. */
export interface PartRequest {
  limit: number;
  skip: number;
  after: Array<string | number> | null;
}

/** The rows of the graphs. Every statement for users filters by the owner's key. */
@Injectable()
export class GraphsStore {
  private readonly lists = new Map<string, Statement<GraphInfoRow>>();
  private readonly counts = new Map<string, Statement<{ total: number }>>();

  async insert(em: EntityManager, row: GraphRow): Promise<void> {
    await insert.run(em, { ...row });
  }

  find(em: EntityManager, userKey: number, id: Buffer): Promise<GraphRow | undefined> {
    return find.one(em, { user_key: userKey, id });
  }

  /** The row without its bytes, which may be megabytes. */
  findInfo(em: EntityManager, userKey: number, id: Buffer): Promise<GraphInfoRow | undefined> {
    return findInfo.one(em, { user_key: userKey, id });
  }

  /** The row, without its bytes (null) if the config is larger than `headUpTo` bytes. */
  findWithSmallHead(
    em: EntityManager,
    userKey: number,
    id: Buffer,
    headUpTo: number,
  ): Promise<LightGraphRow | undefined> {
    return findWithSmallHead.one(em, { user_key: userKey, id, head_up_to: headUpTo });
  }

  /** The user's next graphs above the key `after`, also in the trash. */
  ofUser(em: EntityManager, userKey: number, after: number, limit: number): Promise<GraphRow[]> {
    return ofUser.all(em, { user_key: userKey, after, limit });
  }

  /** When a graph of the user last changed, ms since the epoch; 0 if the user has none. */
  async lastChange(em: EntityManager, userKey: number): Promise<number> {
    return (await lastChange.one(em, { user_key: userKey }))?.at ?? 0;
  }

  /** The next graphs of all users after the given one, by primary key. Only for the operator's own tasks. */
  ofAllUsers(
    em: EntityManager,
    after: { user_key: number; key: number },
    limit: number,
  ): Promise<GraphRow[]> {
    return ofAllUsers.all(em, { after_user: after.user_key, after_key: after.key, limit });
  }

  /**
   * Compare and set: replaces the row if its seq is still `expectedSeq`. Returns false if it is not; read again and
   * start over.
   */
  async replace(em: EntityManager, row: GraphRow, expectedSeq: number): Promise<boolean> {
    return (await replace.run(em, { expected_seq: expectedSeq, ...row })) === 1;
  }

  /**
   * Compare and set: gives the row a new seq, so that concurrent changes based on the old row fail, and schedules
   * the graph for pruning.
   */
  async bumpSeq(
    em: EntityManager,
    { user_key, key, seq: expected_seq }: GraphRow,
    seq: number,
    pruneDueAt: number,
  ): Promise<boolean> {
    return (await bumpSeq.run(em, { user_key, key, expected_seq, seq, prune_due_at: pruneDueAt })) === 1;
  }

  /** Some of a user's graphs, also in the trash. */
  keysOf(em: EntityManager, userKey: number, limit: number): Promise<Array<Pick<GraphRow, 'key' | 'id'>>> {
    return keysOf.all(em, { user_key: userKey, limit });
  }

  /**
   * Removes a graph of a deleted account in any state. Returns the bytes of its encrypted head; undefined if it was
   * already removed.
   */
  async removeOfAccount(em: EntityManager, userKey: number, key: number): Promise<number | undefined> {
    return (await removeOfAccount.one(em, { user_key: userKey, key }))?.head_bytes;
  }

  /** Compare and set: removes the row. */
  async remove(em: EntityManager, { user_key, key, seq: expected_seq }: GraphRow): Promise<boolean> {
    return (await remove.run(em, { user_key, key, expected_seq })) === 1;
  }

  /** Compare and set for upkeep, which changes how a history is stored but nothing that users see. */
  async updateChain(em: EntityManager, row: GraphRow, chain: UpkeptChain, seq: number): Promise<boolean> {
    const { user_key, key, seq: expected_seq } = row;
    return (await updateChain.run(em, { user_key, key, expected_seq, seq, ...chain })) === 1;
  }

  /** Compare and set: sets when the graph is next due for pruning. Not a change that backups must follow. */
  async setPruneDueAt(em: EntityManager, row: GraphRow, dueAt: number | null): Promise<boolean> {
    const { user_key, key, seq: expected_seq, prune_due_at } = row;
    const params = { user_key, key, expected_seq, as_read: prune_due_at ?? -1, prune_due_at: dueAt };
    return (await setPruneDueAt.run(em, params)) === 1;
  }

  /**
   * Part of the user's list. The index `ix_graphs_list` has all columns that choose and sort, so only the rows of the
   * part itself are read: a search, a skip, and a sort by another column than the key pass over the user's entries in
   * that index.
   */
  list(
    em: EntityManager,
    userKey: number,
    filter: GraphFilter,
    sorting: Sorting,
    { limit, skip, after }: PartRequest,
  ): Promise<GraphInfoRow[]> {
    const { where, params } = conditions(filter);
    const keyset = after ? ` AND ${afterCondition(sorting)}` : '';
    const order = orderOf(sorting);
    const keys = `SELECT key FROM graphs WHERE ${where}${keyset} ORDER BY ${order} LIMIT :limit OFFSET :skip`;
    const sql = `SELECT ${INFO} FROM graphs WHERE user_key = :user_key AND key IN (${keys}) ORDER BY ${order}`;
    const position: SqlParams = after ? { after_value: after[0]!, after_key: after.at(-1)! } : {};
    return cached(this.lists, sql).all(em, { user_key: userKey, ...params, ...position, limit, skip });
  }

  /** Counts the graphs of a list, up to `upTo`; reads the same index. */
  async count(em: EntityManager, userKey: number, filter: GraphFilter, upTo: number): Promise<number> {
    const { where, params } = conditions(filter);
    const sql = `SELECT COUNT(*) AS total FROM (SELECT key FROM graphs WHERE ${where} LIMIT :up_to) AS counted`;
    const counted = await cached(this.counts, sql).one(em, { user_key: userKey, ...params, up_to: upTo });
    return Number(counted?.total ?? 0);
  }
}

type Condition = readonly [sql: string, params?: SqlParams];

/** The graphs that sources fill; a removed source fills none. */
const FILLED = `SELECT i.graph_id FROM sources s JOIN source_items i ON i.user_key = s.user_key AND i.source_key = s.key
  WHERE s.user_key = :user_key AND s.deleted_at IS NULL AND i.graph_id IS NOT NULL`;

function conditions(filter: GraphFilter): { where: string; params: SqlParams } {
  const wanted: Condition[] = [
    ['user_key = :user_key'],
    inTrash(filter),
    ...ofContent(filter),
    ...ofSeq(filter),
    ...ofSource(filter),
  ];
  return {
    where: wanted.map(([sql]) => sql).join(' AND '),
    params: Object.assign({}, ...wanted.map(([, params]) => params)) as SqlParams,
  };
}

function inTrash({ deleted, now }: GraphFilter): Condition {
  if (deleted === 'exclude') return ['deleted_at IS NULL'];
  return [deleted === 'only' ? 'purge_at > :now' : '(purge_at IS NULL OR purge_at > :now)', { now }];
}

function ofContent({ status, titlePart }: GraphFilter): Condition[] {
  const found: Condition[] = [];
  if (status !== undefined) found.push(['status = :status', { status }]);
  if (titlePart !== undefined) {
    const pattern = `%${titlePart.replace(/[\\%_]/g, '\\$&')}%`;
    found.push([`title_folded LIKE :title_part ESCAPE '\\'`, { title_part: pattern }]);
  }
  return found;
}

function ofSeq({ seq }: GraphFilter): Condition[] {
  const found: Condition[] = [];
  if (seq?.above !== undefined) found.push(['seq > :above_seq', { above_seq: seq.above }]);
  if (seq?.upTo !== undefined) found.push(['seq <= :up_to_seq', { up_to_seq: seq.upTo }]);
  return found;
}

function ofSource({ source }: GraphFilter): Condition[] {
  if (source === undefined) return [];
  if (source === NO_SOURCE) return [[`id NOT IN (${FILLED})`]];
  return [[`id IN (${FILLED} AND s.id = :source_id)`, { source_id: source }]];
}

function orderOf({ column, descending }: Sorting): string {
  const direction = descending ? 'DESC' : 'ASC';
  return column === 'key' ? `key ${direction}` : `${column} ${direction}, key ${direction}`;
}

function afterCondition({ column, descending }: Sorting): string {
  const sign = descending ? '<' : '>';
  return column === 'key'
    ? `key ${sign} :after_value`
    : `(${column}, key) ${sign} (:after_value, :after_key)`;
}

function cached<Row>(statements: Map<string, Statement<Row>>, sql: string): Statement<Row> {
  let statement = statements.get(sql);
  if (!statement) statements.set(sql, (statement = new Statement<Row>(sql)));
  return statement;
}
