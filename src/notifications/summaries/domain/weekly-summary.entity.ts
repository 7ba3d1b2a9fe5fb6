import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../../platform/database/columns';

/** Whether an account wants a weekly summary, and for which week it got the last one. */
export interface WeeklySummaryRow {
  user_key: number;
  /** Number of the event that changed the setting. `last_week` changes without it: copies need not follow it. */
  seq: number;
  enabled: number;
  /** Beginning of the last week that was summarized, ms since the epoch. Earlier weeks are not caught up. */
  last_week: number;
}

export const weeklySummarySchema = (column: PortableColumns) =>
  new EntitySchema<WeeklySummaryRow>({
    name: 'weekly_summaries',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_weekly_summaries' }),
      seq: column.int64(),
      enabled: column.small(),
      last_week: column.int64(),
    },
    indices: [
      { name: 'ix_weekly_summaries_seq', columns: ['seq'] },
      { name: 'ix_weekly_summaries_due', columns: ['enabled', 'last_week'] },
    ],
  });
