import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** What retention remembers from run to run: one row. */
export interface RetentionStateRow {
  id: number;
  /** The newest time of which it is known that the clock was right, ms since the epoch; see `ClockWatch`. */
  clock_seen_at: number;
  /** The instance's default policy (JSON) that every graph has been looked at with; null: none yet. */
  default_policy: string | null;
}

export const retentionStateSchema = (column: PortableColumns) =>
  new EntitySchema<RetentionStateRow>({
    name: 'retention_state',
    columns: {
      id: column.small({ primary: true, primaryKeyConstraintName: 'pk_retention_state' }),
      clock_seen_at: column.int64(),
      default_policy: column.text({ nullable: true }),
    },
  });
