import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/**
 * A graph without its bytes. `key` is the sequence number of the event that created it: unique, short, never reused.
 */
export interface GraphInfoRow {
  user_key: number;
  key: number;
  id: Buffer;
  /** Number of the newest version. */
  version: number;
  /** Index into GRAPH_STATUSES. */
  status: number;
  /** The version that introduced the current title and description. */
  text_version: number;
  seq: number;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
  purge_at: number | null;
  /** When a version may be due for pruning, ms since the epoch; null: not before the graph's next change. */
  prune_due_at: number | null;
  config_bytes: number;
  /** Where the next version's frame goes; see ChainState of the version store. */
  anchor_version: number;
  anchors: number;
  since_anchor: number;
  config_sha256: Buffer;
  title: string;
  /** The title in the form that the title filter searches. */
  title_folded: string;
  description: string | null;
}

/**
 * A graph as it is stored. `head` is a compressed and encrypted copy of the current config, or empty if reading the
 * chain costs no more. It is the last column, so that lists don't read its pages.
 */
export interface GraphRow extends GraphInfoRow {
  head: Buffer;
}

/** The columns of the table. `staged_changes` has most of them too. */
export const graphColumns = (column: PortableColumns) => ({
  user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_graphs' }),
  key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_graphs' }),
  id: column.bytes(),
  version: column.int(),
  status: column.small(),
  text_version: column.int(),
  seq: column.int64(),
  created_at: column.int64(),
  updated_at: column.int64(),
  deleted_at: column.int64({ nullable: true }),
  purge_at: column.int64({ nullable: true }),
  prune_due_at: column.int64({ nullable: true }),
  config_bytes: column.int(),
  anchor_version: column.int(),
  anchors: column.small(),
  since_anchor: column.small(),
  config_sha256: column.bytes(),
  title: column.text(),
  title_folded: column.plainText(),
  description: column.text({ nullable: true }),
  head: column.bytes(),
});

export const graphSchema = (column: PortableColumns) =>
  new EntitySchema<GraphRow>({
    name: 'graphs',
    columns: graphColumns(column),
    indices: [
      { name: 'ux_graphs_id', columns: ['user_key', 'id'], unique: true },
      // Lists and searches read this index alone, and then the rows that they show.
      {
        name: 'ix_graphs_list',
        columns: [
          'user_key',
          'key',
          'updated_at',
          'deleted_at',
          'purge_at',
          'status',
          'seq',
          'id',
          'title_folded',
        ],
      },
      { name: 'ix_graphs_seq', columns: ['seq'] },
      { name: 'ix_graphs_purge_at', columns: ['purge_at'] },
      { name: 'ix_graphs_prune_due_at', columns: ['prune_due_at'] },
    ],
  });
