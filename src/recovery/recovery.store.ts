import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { graphSchema } from '../graphs/domain/graph.entity';
import { columnsOf, placeholders } from '../platform/database/columns';
import { Statement } from '../platform/database/statement';
import { versionSchema } from '../versions/domain/version.entity';
import { stagedChangeSchema, type StagedChangeRow } from './domain/staged-change.entity';

const COLUMNS = columnsOf(stagedChangeSchema);
const STAGED = new Set<string>(COLUMNS);
const SAME = 'user_key = :user_key AND run = :run AND graph_key = :graph_key';
/** Columns that a staged row shares with the tables it is copied to. */
const GRAPH_COLUMNS = columnsOf(graphSchema, ['user_key', 'created_at']).filter((name) => STAGED.has(name));
const VERSION_COLUMNS = columnsOf(versionSchema).filter((name) => STAGED.has(name));

const insert = new Statement(
  `INSERT INTO staged_changes (${COLUMNS.join(', ')}) VALUES (${placeholders(COLUMNS)})`,
);
const outline = new Statement<StagedOutline>(
  `SELECT graph_key, graph_id, version, text_version, change, created_at FROM staged_changes
   WHERE user_key = :user_key AND run = :run AND graph_key > :after ORDER BY graph_key LIMIT :limit`,
);
const applyToGraph = new Statement(
  `UPDATE graphs SET ${GRAPH_COLUMNS.map((column) => `${column} = s.${column}`).join(', ')}, updated_at = s.created_at, prune_due_at = s.created_at, seq = :seq
   FROM staged_changes s WHERE s.user_key = :user_key AND s.run = :run AND s.graph_key = :graph_key
   AND graphs.user_key = s.user_key AND graphs.key = s.graph_key AND graphs.seq = s.expected_seq`,
);
const addText = new Statement(
  `INSERT INTO version_texts (user_key, graph_key, version, seq, title, description)
   SELECT user_key, graph_key, version, CAST(:seq AS BIGINT), title, description FROM staged_changes WHERE ${SAME}`,
);
const addVersion = new Statement(
  `INSERT INTO versions (${VERSION_COLUMNS.join(', ')}, pinned, seq)
   SELECT ${VERSION_COLUMNS.join(', ')}, 0, CAST(:seq AS BIGINT) FROM staged_changes WHERE ${SAME}`,
);
const clear = new Statement('DELETE FROM staged_changes WHERE user_key = :user_key');

/** What applying a staged change needs. */
export type StagedOutline = Pick<
  StagedChangeRow,
  'graph_key' | 'graph_id' | 'version' | 'text_version' | 'change' | 'created_at'
>;

/** Changes that wait to be written together. Their bytes are copied from table to table inside the database. */
@Injectable()
export class RecoveryStore {
  async stage(em: EntityManager, rows: readonly StagedChangeRow[]): Promise<void> {
    for (const row of rows) await insert.run(em, { ...row });
  }

  /** The next staged changes of a run, above the graph key `after`. */
  outlines(
    em: EntityManager,
    userKey: number,
    run: Buffer,
    after: number,
    limit: number,
  ): Promise<StagedOutline[]> {
    return outline.all(em, { user_key: userKey, run, after, limit });
  }

  /**
   * Writes one staged change with the sequence number of its event. Returns false if the graph has changed since it
   * was read.
   */
  async apply(
    em: EntityManager,
    userKey: number,
    run: Buffer,
    staged: StagedOutline,
    seq: number,
  ): Promise<boolean> {
    const params = { user_key: userKey, run, graph_key: staged.graph_key, seq };
    if ((await applyToGraph.run(em, params)) !== 1) return false;
    if (staged.text_version === staged.version) await addText.run(em, params);
    await addVersion.run(em, params);
    return true;
  }

  /** Removes all staged changes of a user. */
  async clear(em: EntityManager, userKey: number): Promise<void> {
    await clear.run(em, { user_key: userKey });
  }
}
