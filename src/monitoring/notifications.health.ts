import { Injectable } from '@nestjs/common';
import type { HealthIndicatorFunction } from '@nestjs/terminus';
import { MailHealth } from '../notifications/mail/mail.health';
import { WebhooksHealth } from '../notifications/webhooks/webhooks.health';

/** The health indicators of notifications. */
@Injectable()
export class NotificationsHealth {
  constructor(
    private readonly mail: MailHealth,
    private readonly webhooks: WebhooksHealth,
  ) {}

  /** All of them. */
  checks(): HealthIndicatorFunction[] {
    return [() => this.mail.check(), () => this.webhooks.check()];
  }
}
