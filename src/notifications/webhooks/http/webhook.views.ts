import { ApiProperty } from '@nestjs/swagger';
import { toIso, toIsoOrNull } from '../../../platform/clock/instant';
import { uuidText } from '../../../platform/ids/uuid';
import { WEBHOOK_EVENTS } from '../domain/event-types';
import { secretText } from '../domain/signature';
import { WEBHOOK_FORMATS, formatName, type WebhookFormat } from '../domain/webhook-format';
import { WEBHOOK_STATUSES, graphIdsOf, webhookStatus, type WebhookStatus } from '../domain/webhook-status';
import type { Webhook } from '../webhooks.service';

const ID = '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11';
const TIME = '2026-11-23T09:15:00.000Z';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=';
export const When = (description: string) =>
  ApiProperty({ type: String, format: 'date-time', nullable: true, example: TIME, description });

/** A webhook. Its secret is returned only when it is made. */
export class WebhookView {
  @ApiProperty({ format: 'uuid', example: ID })
  id!: string;

  @ApiProperty({ example: 'Team chat' })
  name!: string;

  @ApiProperty({ example: 'https://hooks.example.org/graphs' })
  url!: string;

  @ApiProperty({ enum: WEBHOOK_FORMATS, example: 'standard' })
  format!: WebhookFormat;

  @ApiProperty({ enum: WEBHOOK_EVENTS, isArray: true, example: ['graph.updated'] })
  events!: string[];

  @ApiProperty({ type: [String], format: 'uuid', example: [], description: 'Empty: all graphs.' })
  graph_ids!: string[];

  @ApiProperty({
    enum: WEBHOOK_STATUSES,
    example: 'working',
    description:
      '`failing`: the last delivery failed and is tried again. `paused`: by its owner. `disabled`: by the service, see `disabled_reason`.',
  })
  status!: WebhookStatus;

  @ApiProperty({ example: true })
  enabled!: boolean;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why the service disabled it.' })
  disabled_reason!: string | null;

  @When('When the service disabled it.')
  disabled_at!: string | null;

  @ApiProperty({ type: 'integer', example: 0, description: 'Failed attempts since the last success.' })
  failures!: number;

  @When('Since when every attempt has failed.')
  failing_since!: string | null;

  @When('When a message was sent last.')
  last_attempt_at!: string | null;

  @When('When a message was delivered last.')
  last_success_at!: string | null;

  @When('Until when messages are also signed with the previous secret.')
  previous_secret_until!: string | null;

  @ApiProperty({ format: 'date-time', example: TIME })
  created_at!: string;

  static from({ row, state, url }: Webhook): WebhookView {
    return {
      id: uuidText(row.id),
      name: row.name,
      url,
      format: formatName(row.format),
      events: row.events.split(' '),
      graph_ids: graphIdsOf(row),
      status: webhookStatus(row, state),
      enabled: row.enabled === 1,
      disabled_reason: row.disabled_reason,
      disabled_at: toIsoOrNull(row.disabled_at),
      failures: state?.failures ?? 0,
      failing_since: toIsoOrNull(state?.failing_since ?? null),
      last_attempt_at: toIsoOrNull(state?.last_attempt_at ?? null),
      last_success_at: toIsoOrNull(state?.last_success_at ?? null),
      previous_secret_until: toIsoOrNull(row.previous_until),
      created_at: toIso(row.created_at),
    };
  }
}

/** A webhook that was created. */
export class NewWebhookView extends WebhookView {
  @ApiProperty({
    example: SECRET,
    description: 'Verifies the signature of messages (Standard Webhooks). It cannot be shown again.',
  })
  secret!: string;

  static of(webhook: Webhook, secret: Buffer): NewWebhookView {
    return { ...WebhookView.from(webhook), secret: secretText(secret) };
  }
}

/** A new secret. */
export class WebhookSecretView {
  @ApiProperty({ example: SECRET, description: 'It cannot be shown again.' })
  secret!: string;

  @ApiProperty({
    format: 'date-time',
    example: TIME,
    description: 'Until then, messages are signed with the previous secret, too.',
  })
  previous_secret_until!: string;

  static of({ secret, previousUntil }: { secret: Buffer; previousUntil: number }): WebhookSecretView {
    return { secret: secretText(secret), previous_secret_until: toIso(previousUntil) };
  }
}
