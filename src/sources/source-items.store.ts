import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { columnsOf, placeholders } from '../platform/database/columns';
import { Statement } from '../platform/database/statement';
import type { ItemWithGraph } from './domain/source-state';
import { sourceItemSchema, type SourceItemRow } from './domain/source-item.entity';

const COLUMNS = columnsOf(sourceItemSchema);
const KEY = ['user_key', 'source_key', 'remote_id'];
const OF_SOURCE = 'user_key = :user_key AND source_key = :source_key';
const SET = COLUMNS.filter((column) => !KEY.includes(column))
  .map((column) => `${column} = excluded.${column}`)
  .join(', ');
const INSERT = `INSERT INTO source_items (${COLUMNS.join(', ')}) VALUES (${placeholders(COLUMNS)})
   ON CONFLICT (user_key, source_key, remote_id) DO UPDATE SET ${SET}`;

const put = new Statement(INSERT);
const link = new Statement(`${INSERT} WHERE source_items.graph_id IS NULL`);
const some = new Statement<SourceItemRow>(
  `SELECT ${COLUMNS.join(', ')} FROM source_items WHERE ${OF_SOURCE} AND remote_id IN (:...remote_ids)`,
);
const page = new Statement<SourceItemRow>(
  `SELECT ${COLUMNS.join(', ')} FROM source_items WHERE ${OF_SOURCE} AND remote_id > :after ORDER BY remote_id LIMIT :limit`,
);
const listed = new Statement<ItemWithGraph>(
  `SELECT ${COLUMNS.map((column) => `i.${column}`).join(', ')}, g.config_sha256 AS graph_sha256, g.deleted_at AS graph_deleted_at
   FROM source_items i LEFT JOIN graphs g ON g.user_key = i.user_key AND g.id = i.graph_id
   WHERE i.user_key = :user_key AND i.source_key = :source_key AND i.remote_id > :after ORDER BY i.remote_id LIMIT :limit OFFSET :skip`,
);
const ofGraphs = new Statement<ItemOfGraphRow>(
  `SELECT ${COLUMNS.map((column) => `i.${column}`).join(', ')}, g.config_sha256 AS graph_sha256, g.deleted_at AS graph_deleted_at,
   s.id AS source_id, s.kind AS source_kind
   FROM source_items i JOIN graphs g ON g.user_key = i.user_key AND g.id = i.graph_id
   JOIN sources s ON s.user_key = i.user_key AND s.key = i.source_key AND s.deleted_at IS NULL
   WHERE i.user_key = :user_key AND i.graph_id IN (:...graph_ids)`,
);
const counts = new Statement<{ total: number; gone: number; with_secrets: number }>(
  `SELECT COUNT(*) AS total, COUNT(gone_since) AS gone,
   COUNT(CASE WHEN secrets > 0 AND gone_since IS NULL THEN 1 END) AS with_secrets FROM source_items WHERE ${OF_SOURCE}`,
);
const missed = new Statement(
  `UPDATE source_items SET missed = missed + 1 WHERE ${OF_SOURCE} AND remote_id IN (:...remote_ids)`,
);
const gone = new Statement(
  `UPDATE source_items SET missed = missed + 1, gone_since = :now WHERE ${OF_SOURCE} AND remote_id IN (:...remote_ids) AND gone_since IS NULL`,
);
// Rows without a graph were purged, or never made it: the next pass fills them again.
const adopt = new Statement(
  `UPDATE source_items SET signal = NULL, fingerprint = NULL, missed = 0, gone_since = NULL, failure = NULL,
   graph_id = (SELECT g.id FROM graphs g WHERE g.user_key = source_items.user_key AND g.id = source_items.graph_id)
   WHERE ${OF_SOURCE}`,
);
const removeOfUser = new Statement(
  `DELETE FROM source_items WHERE user_key = :user_key AND (user_key, source_key, remote_id) IN
   (SELECT user_key, source_key, remote_id FROM source_items WHERE user_key = :user_key LIMIT :limit)`,
);

/** An item, its graph, and the source that fills it. */
export interface ItemOfGraphRow extends ItemWithGraph {
  source_id: Buffer;
  source_kind: number;
}

/** How many items a source has, and how many of them contain literal secrets; and how many more are gone. */
export interface ItemCounts {
  items: number;
  gone: number;
  withSecrets: number;
}

/** The place of a source's items. */
export interface ItemsPlace {
  user_key: number;
  source_key: number;
}

/** The rows of what sources hold. */
@Injectable()
export class SourceItemsStore {
  async put(em: EntityManager, row: SourceItemRow): Promise<void> {
    await put.run(em, { ...row });
  }

  /** Writes a row that has a new graph. Returns false if the item has got a graph in the meantime. */
  async link(em: EntityManager, row: SourceItemRow): Promise<boolean> {
    return (await link.run(em, { ...row })) === 1;
  }

  /** The rows of the given ids; at most a few hundred. */
  async some(em: EntityManager, place: ItemsPlace, remoteIds: readonly string[]): Promise<SourceItemRow[]> {
    return remoteIds.length === 0 ? [] : some.all(em, { ...place, remote_ids: remoteIds });
  }

  /** The next rows by remote id. */
  page(em: EntityManager, place: ItemsPlace, after: string, limit: number): Promise<SourceItemRow[]> {
    return page.all(em, { ...place, after, limit });
  }

  /** The next rows by remote id, with the state of their graphs. */
  listed(
    em: EntityManager,
    place: ItemsPlace,
    part: { after: string; limit: number; skip: number },
  ): Promise<ItemWithGraph[]> {
    return listed.all(em, { ...place, ...part });
  }

  /** The items that fill the given graphs. */
  async ofGraphs(em: EntityManager, userKey: number, graphIds: readonly Buffer[]): Promise<ItemOfGraphRow[]> {
    return graphIds.length === 0 ? [] : ofGraphs.all(em, { user_key: userKey, graph_ids: graphIds });
  }

  async counts(em: EntityManager, place: ItemsPlace): Promise<ItemCounts> {
    const { total, gone: lost, with_secrets } = (await counts.one(em, { ...place }))!;
    return { items: Number(total) - Number(lost), gone: Number(lost), withSecrets: Number(with_secrets) };
  }

  /** Notes that a complete pass did not find these items. */
  async missed(em: EntityManager, place: ItemsPlace, remoteIds: readonly string[]): Promise<void> {
    if (remoteIds.length > 0) await missed.run(em, { ...place, remote_ids: remoteIds });
  }

  /** Calls these items gone, from now (ms since the epoch). */
  async gone(em: EntityManager, place: ItemsPlace, remoteIds: readonly string[], now: number): Promise<void> {
    if (remoteIds.length > 0) await gone.run(em, { ...place, remote_ids: remoteIds, now });
  }

  /** Makes the next pass read all items again, for a source that was created again. */
  async adopt(em: EntityManager, place: ItemsPlace): Promise<void> {
    await adopt.run(em, { ...place });
  }

  /** Removes some rows of a deleted account; returns how many. */
  removeOfUser(em: EntityManager, userKey: number, limit: number): Promise<number> {
    return removeOfUser.run(em, { user_key: userKey, limit });
  }
}
