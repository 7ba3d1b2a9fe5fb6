import { EntitySchema } from 'typeorm';
import type { PortableColumns } from './columns';

/** The row that the health check writes to test writing. */
export interface HealthProbeRow {
  id: number;
  /** When it was last written, ms. */
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
