import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** What somebody has stored, or by how much that changes. Bytes are those of contents, without the rows around them. */
export interface UsageCounts {
  graphs: number;
  versions: number;
  /** Configs of all versions, as they were sent. */
  config_bytes: number;
  /** The graphs' present configs, packed and sealed. */
  head_bytes: number;
  /** The versions' frames, packed and sealed. */
  frame_bytes: number;
}

/**
 * A part of one user's counters, changed by each transaction that changes what they count; the parts together say it.
 * On PostgreSQL a part is locked from its change to the end of the transaction: with several of them, changes of
 * several graphs of one user seldom wait for each other.
 */
export interface UserUsageRow extends UsageCounts {
  user_key: number;
  /** 0 to 15; by the graph's key. */
  part: number;
}

/** Into how many parts a user's counters may fall. */
export const USAGE_PARTS = 16;

/** What all users had stored at a time: a point of the curve of growth. */
export interface UsagePointRow extends UsageCounts {
  /** Milliseconds since the epoch. */
  at: number;
  users: number;
}

const counts = (column: PortableColumns) => ({
  graphs: column.int64(),
  versions: column.int64(),
  config_bytes: column.int64(),
  head_bytes: column.int64(),
  frame_bytes: column.int64(),
});

export const userUsageSchema = (column: PortableColumns) =>
  new EntitySchema<UserUsageRow>({
    name: 'user_usage',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_user_usage' }),
      part: column.small({ primary: true, primaryKeyConstraintName: 'pk_user_usage' }),
      ...counts(column),
    },
  });

export const usagePointSchema = (column: PortableColumns) =>
  new EntitySchema<UsagePointRow>({
    name: 'usage_points',
    columns: {
      at: column.int64({ primary: true, primaryKeyConstraintName: 'pk_usage_points' }),
      users: column.int64(),
      ...counts(column),
    },
  });
