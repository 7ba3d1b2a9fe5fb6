import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../../platform/database/statement';

/** One version's size. */
export interface SizeRow {
  graph_key: number;
  version: number;
  config_bytes: number;
}

const sizes = new Statement<SizeRow>(
  `SELECT graph_key, version, config_bytes FROM versions
   WHERE user_key = :user_key AND (graph_key, version) > (:graph_key, :version) ORDER BY graph_key, version LIMIT :limit`,
);

/** What a user's versions take. */
@Injectable()
export class QuotaStore {
  /** The next versions of a user's after one, in the order of the primary key. */
  sizes(
    em: EntityManager,
    userKey: number,
    after: Omit<SizeRow, 'config_bytes'>,
    limit: number,
  ): Promise<SizeRow[]> {
    const { graph_key, version } = after;
    return sizes.all(em, { user_key: userKey, graph_key, version, limit });
  }
}
