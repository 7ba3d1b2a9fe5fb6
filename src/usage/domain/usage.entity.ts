import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** What a user has stored, or the change of it. Bytes of the content, without row overhead. */
export interface UsageCounts {
  graphs: number;
  versions: number;
  /** Configs of all versions, as they were sent. */
  config_bytes: number;
  /** Current configs of the graphs, compressed and encrypted. */
  head_bytes: number;
  /** Frames of the versions, compressed and encrypted. */
  frame_bytes: number;
}

/**
 * One part of a user's counters. Each transaction that changes stored data also changes a part; the sum of the parts
 * is the user's usage. On PostgreSQL a part stays locked until its transaction ends, so with several parts, changes
 * of different graphs of a user rarely wait for each other.
 */
export interface UserUsageRow extends UsageCounts {
  user_key: number;
  /** 0 to 15, derived from the graph's key. */
  part: number;
}

/** Most parts of a user's counters. */
export const USAGE_PARTS = 16;

/** Usage of all users at one time: a point of the growth curve. */
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
