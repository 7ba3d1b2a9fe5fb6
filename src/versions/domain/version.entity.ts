import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** A version's frame, with everything that decoding needs. */
export interface FrameRow {
  version: number;
  base_version: number | null;
  config_bytes: number;
  config_sha256: Buffer;
  frame: Buffer;
}

/** A version without its bytes. */
export interface VersionInfoRow {
  user_key: number;
  graph_key: number;
  version: number;
  /** The version whose document is the dictionary of this frame; null for a full frame. */
  base_version: number | null;
  /** Index into CHANGES. */
  change: number;
  /** The graph's status at that time, as a number of the graphs feature. */
  status: number;
  /** The version that introduced this title and description: its row in `version_texts`. */
  text_version: number;
  created_at: number;
  /**
   * Set if the versions right after this one were pruned: from this time (ms) to the next version, the state is
   * unknown.
   */
  valid_until: number | null;
  label: string | null;
  pinned: number;
  restored_from: number | null;
  config_bytes: number;
  config_sha256: Buffer;
  seq: number;
}

/** A version as it is stored. The frame is the last column, so that reading the others does not read its pages. */
export interface VersionRow extends VersionInfoRow {
  frame: Buffer;
}

/** The columns of the table. `staged_changes` has most of them too. */
export const versionColumns = (column: PortableColumns) => ({
  user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_versions' }),
  graph_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_versions' }),
  version: column.int({ primary: true, primaryKeyConstraintName: 'pk_versions' }),
  base_version: column.int({ nullable: true }),
  change: column.small(),
  status: column.small(),
  text_version: column.int(),
  created_at: column.int64(),
  valid_until: column.int64({ nullable: true }),
  label: column.text({ nullable: true }),
  pinned: column.small(),
  restored_from: column.int({ nullable: true }),
  config_bytes: column.int(),
  seq: column.int64(),
  config_sha256: column.bytes(),
  frame: column.bytes(),
});

export const versionSchema = (column: PortableColumns) =>
  new EntitySchema<VersionRow>({
    name: 'versions',
    columns: versionColumns(column),
    indices: [{ name: 'ix_versions_seq', columns: ['seq'] }],
  });

/** A title and description, and the version that introduced them. */
export interface VersionTextRow {
  user_key: number;
  graph_key: number;
  version: number;
  seq: number;
  title: string;
  description: string | null;
}

export const versionTextSchema = (column: PortableColumns) =>
  new EntitySchema<VersionTextRow>({
    name: 'version_texts',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_version_texts' }),
      graph_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_version_texts' }),
      version: column.int({ primary: true, primaryKeyConstraintName: 'pk_version_texts' }),
      seq: column.int64(),
      title: column.text(),
      description: column.text({ nullable: true }),
    },
    indices: [{ name: 'ix_version_texts_seq', columns: ['seq'] }],
  });
