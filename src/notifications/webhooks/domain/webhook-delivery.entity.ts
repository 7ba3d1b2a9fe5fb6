import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../../platform/database/columns';

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** An event that is to be sent to one webhook, or was. */
export interface WebhookDeliveryRow {
  user_key: number;
  webhook_key: number;
  /** 1, 2, 3 … for each webhook. */
  n: number;
  /** The event's number in the journal; 0 for a test. */
  event_seq: number;
  type: string;
  /** The id of the graph or source that the event is about: one lane is delivered in order. Empty for other events. */
  lane: Buffer;
  /** See `DELIVERY_STATUSES`. */
  status: number;
  created_at: number;
  /** When it is tried next, ms since the epoch. */
  due_at: number;
  /** A failure at this time or later is the last one. */
  give_up_at: number;
  attempts: number;
  last_attempt_at: number | null;
  /** What the receiver answered last; null without an answer. */
  http_status: number | null;
  duration_ms: number | null;
  failure: string | null;
}

export const webhookDeliverySchema = (column: PortableColumns) =>
  new EntitySchema<WebhookDeliveryRow>({
    name: 'webhook_deliveries',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_webhook_deliveries' }),
      webhook_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_webhook_deliveries' }),
      n: column.int({ primary: true, primaryKeyConstraintName: 'pk_webhook_deliveries' }),
      event_seq: column.int64(),
      type: column.text(),
      lane: column.bytes(),
      status: column.small(),
      created_at: column.int64(),
      due_at: column.int64(),
      give_up_at: column.int64(),
      attempts: column.int(),
      last_attempt_at: column.int64({ nullable: true }),
      http_status: column.small({ nullable: true }),
      duration_ms: column.int({ nullable: true }),
      failure: column.text({ nullable: true }),
    },
  });
