import { ApiProperty } from '@nestjs/swagger';
import { toIso, toIsoOrNull } from '../../../platform/clock/instant';
import { uuidText } from '../../../platform/ids/uuid';
import {
  DELIVERY_STATUSES,
  type DeliveryStatus,
  type WebhookDeliveryRow,
} from '../domain/webhook-delivery.entity';
import { When } from './webhook.views';

const ID = '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11';
const TIME = '2026-11-23T09:15:00.000Z';

/** An event that is to be sent to a webhook, or was. */
export class WebhookDeliveryView {
  @ApiProperty({ type: 'integer', example: 12, description: 'Grows with every delivery of the webhook.' })
  n!: number;

  @ApiProperty({ example: 'graph.updated' })
  type!: string;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 4711,
    description: 'The `seq` of the event in the audit log; null for a test. Part of `webhook-id`.',
  })
  event_seq!: number | null;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: ID,
    description: 'The graph or source that the event is about.',
  })
  subject_id!: string | null;

  @ApiProperty({
    enum: DELIVERY_STATUSES,
    example: 'delivered',
    description: '`pending`: waits or is tried again. `failed`: given up.',
  })
  status!: DeliveryStatus;

  @ApiProperty({ format: 'date-time', example: TIME })
  created_at!: string;

  @ApiProperty({ type: 'integer', example: 1 })
  attempts!: number;

  @When('When it was sent last.')
  last_attempt_at!: string | null;

  @When('When it is sent next, at the earliest; null if it was delivered or given up.')
  next_attempt_at!: string | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 200,
    description: 'The last answer; null without one.',
  })
  http_status!: number | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 42,
    description: 'Duration of the last attempt, ms.',
  })
  duration_ms!: number | null;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why the last attempt failed.' })
  failure!: string | null;

  static from(row: WebhookDeliveryRow): WebhookDeliveryView {
    const status = DELIVERY_STATUSES[row.status] ?? 'failed';
    return {
      n: row.n,
      type: row.type,
      event_seq: row.event_seq === 0 ? null : row.event_seq,
      subject_id: row.lane.length === 0 ? null : uuidText(row.lane),
      status,
      created_at: toIso(row.created_at),
      attempts: row.attempts,
      last_attempt_at: toIsoOrNull(row.last_attempt_at),
      next_attempt_at: status === 'pending' ? toIso(row.due_at) : null,
      http_status: row.http_status,
      duration_ms: row.duration_ms,
      failure: row.failure,
    };
  }
}
