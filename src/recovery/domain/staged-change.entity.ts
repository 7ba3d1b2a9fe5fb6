import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/**
 * A change that waits to be written together with others: of a recovery of a whole account, whose new states
 * may be too many for memory. Rows of a run that died are swept away by the user's next one.
 */
export interface StagedChangeRow {
  user_key: number;
  /** The run it belongs to, 16 random bytes. */
  run: Buffer;
  graph_key: number;
  graph_id: Buffer;
  /** The graph's seq when it was read: compare and set. */
  expected_seq: number;
  version: number;
  base_version: number | null;
  change: number;
  status: number;
  text_version: number;
  created_at: number;
  deleted_at: number | null;
  purge_at: number | null;
  restored_from: number | null;
  config_bytes: number;
  anchor_version: number;
  anchors: number;
  since_anchor: number;
  config_sha256: Buffer;
  title: string;
  title_folded: string;
  description: string | null;
  /** Sealed, as they will stand in `versions` and `graphs`. */
  frame: Buffer;
  head: Buffer;
}

export const stagedChangeSchema = (column: PortableColumns) =>
  new EntitySchema<StagedChangeRow>({
    name: 'staged_changes',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_staged_changes' }),
      run: column.bytes({ primary: true, primaryKeyConstraintName: 'pk_staged_changes' }),
      graph_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_staged_changes' }),
      graph_id: column.bytes(),
      expected_seq: column.int64(),
      version: column.int(),
      base_version: column.int({ nullable: true }),
      change: column.small(),
      status: column.small(),
      text_version: column.int(),
      created_at: column.int64(),
      deleted_at: column.int64({ nullable: true }),
      purge_at: column.int64({ nullable: true }),
      restored_from: column.int({ nullable: true }),
      config_bytes: column.int(),
      anchor_version: column.int(),
      anchors: column.small(),
      since_anchor: column.small(),
      config_sha256: column.bytes(),
      title: column.text(),
      title_folded: column.plainText(),
      description: column.text({ nullable: true }),
      frame: column.bytes(),
      head: column.bytes(),
    },
  });
