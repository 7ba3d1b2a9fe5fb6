import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../../platform/database/columns';

/** How far a webhook is in this place. */
export interface WebhookStateRow {
  user_key: number;
  webhook_key: number;
  /** 1 while the webhook is enabled and not removed. */
  active: number;
  /** 1 if it wants events of the installation. */
  operational: number;
  /** 1 if the last request failed or took long: slow receivers have places of their own. */
  slow: number;
  /** Deliveries exist for all events up to this number of the journal. */
  cursor_seq: number;
  /** Events that may concern it exist up to this number of the journal. */
  news_seq: number;
  /** When something is to do, ms since the epoch; null: nothing. */
  due_at: number | null;
  /** Failures since the last success. */
  failures: number;
  failing_since: number | null;
  last_attempt_at: number | null;
  last_success_at: number | null;
  /** The number of the newest delivery. */
  deliveries: number;
}

export const webhookStateSchema = (column: PortableColumns) =>
  new EntitySchema<WebhookStateRow>({
    name: 'webhook_states',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_webhook_states' }),
      webhook_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_webhook_states' }),
      active: column.small(),
      operational: column.small(),
      slow: column.small(),
      cursor_seq: column.int64(),
      news_seq: column.int64(),
      due_at: column.int64({ nullable: true }),
      failures: column.int(),
      failing_since: column.int64({ nullable: true }),
      last_attempt_at: column.int64({ nullable: true }),
      last_success_at: column.int64({ nullable: true }),
      deliveries: column.int(),
    },
    indices: [
      { name: 'ix_webhook_states_due', columns: ['slow', 'due_at'], where: '"due_at" IS NOT NULL' },
      { name: 'ix_webhook_states_operational', columns: ['operational'], where: '"operational" = 1' },
      { name: 'ix_webhook_states_failing', columns: ['failures'], where: '"failures" > 0' },
    ],
  });
