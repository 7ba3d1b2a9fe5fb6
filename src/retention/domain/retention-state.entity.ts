import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** What retention remembers from run to run: one row. */
export interface RetentionStateRow {
  id: number;
  /** The instance's default policy (JSON) that every graph has been looked at with. */
  default_policy: string;
}

export const retentionStateSchema = (column: PortableColumns) =>
  new EntitySchema<RetentionStateRow>({
    name: 'retention_state',
    columns: {
      id: column.small({ primary: true, primaryKeyConstraintName: 'pk_retention_state' }),
      default_policy: column.text(),
    },
  });
