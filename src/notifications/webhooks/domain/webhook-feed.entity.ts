import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../../platform/database/columns';

/** One row: webhooks were told of the journal's events up to `seen_seq`. */
export interface WebhookFeedRow {
  id: number;
  seen_seq: number;
}

export const webhookFeedSchema = (column: PortableColumns) =>
  new EntitySchema<WebhookFeedRow>({
    name: 'webhook_feed',
    columns: {
      id: column.int({ primary: true, primaryKeyConstraintName: 'pk_webhook_feed' }),
      seen_seq: column.int64(),
    },
  });
