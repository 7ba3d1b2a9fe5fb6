import { EntitySchema } from 'typeorm';
import type { PolicyField } from '../../platform/config/policy-limits';
import type { PortableColumns } from '../../platform/database/columns';

/** The `graph_key` of the policy for the whole account: no graph has this key. */
export const WHOLE_ACCOUNT = 0;

/** The fields that one level sets; null is inherited. A deleted policy stays as a row of nulls. */
export interface PolicyRow extends Record<PolicyField, number | null> {
  user_key: number;
  /** `WHOLE_ACCOUNT` for the account's level. */
  graph_key: number;
  seq: number;
  /** When this level was changed, ms since the epoch; null once retention has applied it to all its graphs. */
  changed_at: number | null;
}

export const policySchema = (column: PortableColumns) =>
  new EntitySchema<PolicyRow>({
    name: 'policies',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_policies' }),
      graph_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_policies' }),
      seq: column.int64(),
      changed_at: column.int64({ nullable: true }),
      keep_last: column.int({ nullable: true }),
      keep_within_hours: column.int({ nullable: true }),
      keep_hourly: column.int({ nullable: true }),
      keep_daily: column.int({ nullable: true }),
      keep_weekly: column.int({ nullable: true }),
      keep_monthly: column.int({ nullable: true }),
      keep_yearly: column.int({ nullable: true }),
      deleted_retention_days: column.int({ nullable: true }),
    },
    indices: [
      { name: 'ix_policies_seq', columns: ['seq'] },
      { name: 'ix_policies_changed_at', columns: ['changed_at'] },
    ],
  });
