import { EntitySchema } from 'typeorm';
import type { PortableColumns } from './columns';

/** The one row that a health check writes to see that writing works. */
export interface HealthProbeRow {
  id: number;
  /** When it was written last, ms. */
  at: number;
}

export const healthProbeSchema = (column: PortableColumns) =>
  new EntitySchema<HealthProbeRow>({
    name: 'health_probe',
    columns: {
      id: column.int64({ primary: true, primaryKeyConstraintName: 'pk_health_probe' }),
      at: column.int64(),
    },
  });
