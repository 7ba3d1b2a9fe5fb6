import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../../platform/database/columns';

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

/** One user's counters, changed by each transaction that changes what they count. */
export interface UserUsageRow extends UsageCounts {
  user_key: number;
  /** `head_bytes` and `frame_bytes` together: what the list of the largest users goes by. */
  stored_bytes: number;
}

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
      ...counts(column),
      stored_bytes: column.int64(),
    },
    indices: [{ name: 'ix_user_usage_stored_bytes', columns: ['stored_bytes'] }],
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
