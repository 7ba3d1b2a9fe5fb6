import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/**
 * A graph at a tool, and the graph here that it fills. `seq` is the event of the graph's newest version that the
 * source wrote. What a pass notes without a version (`signal`, `missed`, `gone_since`, `failure`) changes without it.
 */
export interface SourceItemRow {
  user_key: number;
  source_key: number;
  /** The tool's own id; a path for files. */
  remote_id: string;
  seq: number;
  /** Null: no graph yet. */
  graph_id: Buffer | null;
  title: string;
  /** SHA-256 of what matters of the document that was stored last; null: not known; empty: the first import is not finished. */
  fingerprint: Buffer | null;
  /** SHA-256 of the config as it was stored last: the graph was edited here if its own differs. */
  config_sha256: Buffer | null;
  /** When this source wrote the graph's last version, ms since the epoch. */
  stored_at: number | null;
  /** The tool's cheap sign of a change, as it was when the document was read last, after a hash of the source's settings. */
  signal: string | null;
  /** When the tool says that it was changed, ms since the epoch. */
  remote_changed_at: number | null;
  /** Complete passes in a row that did not find it. */
  missed: number;
  /** Since when it is called gone, ms since the epoch. */
  gone_since: number | null;
  /** When this source moved the graph to the trash, ms since the epoch. */
  trashed_at: number | null;
  /** Why it could not be read or stored at the last attempt. */
  failure: string | null;
  /** Literal secrets in the document that was stored last; null: not counted. */
  secrets: number | null;
}

export const sourceItemSchema = (column: PortableColumns) =>
  new EntitySchema<SourceItemRow>({
    name: 'source_items',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_source_items' }),
      source_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_source_items' }),
      remote_id: column.plainText({ primary: true, primaryKeyConstraintName: 'pk_source_items' }),
      seq: column.int64(),
      graph_id: column.bytes({ nullable: true }),
      title: column.text(),
      fingerprint: column.bytes({ nullable: true }),
      config_sha256: column.bytes({ nullable: true }),
      stored_at: column.int64({ nullable: true }),
      signal: column.text({ nullable: true }),
      remote_changed_at: column.int64({ nullable: true }),
      missed: column.int(),
      gone_since: column.int64({ nullable: true }),
      trashed_at: column.int64({ nullable: true }),
      failure: column.text({ nullable: true }),
      secrets: column.int({ nullable: true }),
    },
    indices: [
      { name: 'ix_source_items_seq', columns: ['seq'] },
      { name: 'ix_source_items_graph', columns: ['user_key', 'graph_id'] },
    ],
  });
