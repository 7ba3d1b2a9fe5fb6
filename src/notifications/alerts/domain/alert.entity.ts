import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../../platform/database/columns';

/** A condition as it was seen last, and what operators were told about it last. */
export interface AlertRow {
  /** A key of CONDITIONS. */
  condition: string;
  active: number;
  /** When the state began that was seen last, ms since the epoch. */
  since: number;
  /** Changes of the state since it was last calm. */
  changes: number;
  told_active: number;
  /** When the last message was sent, ms since the epoch; null: never. */
  told_at: number | null;
}

export const alertSchema = (column: PortableColumns) =>
  new EntitySchema<AlertRow>({
    name: 'alerts',
    columns: {
      condition: column.text({ primary: true, primaryKeyConstraintName: 'pk_alerts' }),
      active: column.small(),
      since: column.int64(),
      changes: column.int(),
      told_active: column.small(),
      told_at: column.int64({ nullable: true }),
    },
  });
