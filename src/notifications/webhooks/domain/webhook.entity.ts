import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../../platform/database/columns';

/**
 * A webhook as its owner set it. `key` is the sequence number of the event that created it. A removed webhook keeps its
 * row without its address and secrets, so that the copies learn that it is gone.
 */
export interface WebhookRow {
  user_key: number;
  key: number;
  id: Buffer;
  seq: number;
  created_at: number;
  deleted_at: number | null;
  enabled: number;
  /** See `WEBHOOK_FORMATS`. */
  format: number;
  name: string;
  /** Types of events, separated by spaces. */
  events: string;
  /** Ids of graphs, 16 bytes each; empty: all graphs. */
  graph_ids: Buffer;
  /** Until when messages are also signed with the previous secret, ms since the epoch; null: there is none. */
  previous_until: number | null;
  /** When and why the service disabled it; null if it did not. */
  disabled_at: number | null;
  disabled_reason: string | null;
  /** Address and secrets, sealed with the user's data key: the addresses of chats are secrets themselves. */
  sealed: Buffer;
}

export const webhookSchema = (column: PortableColumns) =>
  new EntitySchema<WebhookRow>({
    name: 'webhooks',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_webhooks' }),
      key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_webhooks' }),
      id: column.bytes(),
      seq: column.int64(),
      created_at: column.int64(),
      deleted_at: column.int64({ nullable: true }),
      enabled: column.small(),
      format: column.small(),
      name: column.text(),
      events: column.text(),
      graph_ids: column.bytes(),
      previous_until: column.int64({ nullable: true }),
      disabled_at: column.int64({ nullable: true }),
      disabled_reason: column.text({ nullable: true }),
      sealed: column.bytes(),
    },
    indices: [
      { name: 'ux_webhooks_id', columns: ['user_key', 'id'], unique: true },
      { name: 'ix_webhooks_seq', columns: ['seq'] },
    ],
  });
