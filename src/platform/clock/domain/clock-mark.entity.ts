import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../database/columns';

/** When the clock was last known to be right; one row. */
export interface ClockMarkRow {
  id: number;
  /** Milliseconds since the epoch. */
  seen_at: number;
}

export const clockMarkSchema = (column: PortableColumns) =>
  new EntitySchema<ClockMarkRow>({
    name: 'clock_marks',
    columns: {
      id: column.small({ primary: true, primaryKeyConstraintName: 'pk_clock_marks' }),
      seen_at: column.int64(),
    },
  });
