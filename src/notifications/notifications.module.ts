import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { WebhooksController } from './webhooks/http/webhooks.controller';
import { WebhookDeliveriesStore } from './webhooks/webhook-deliveries.store';
import { WebhookEvents } from './webhooks/webhook-events';
import { WebhookInputs } from './webhooks/webhook-inputs';
import { WebhookStatesStore } from './webhooks/webhook-states.store';
import { WebhookStores } from './webhooks/webhook-stores';
import { WebhookVault } from './webhooks/webhook-vault';
import { WebhooksService } from './webhooks/webhooks.service';
import { WebhooksStore } from './webhooks/webhooks.store';

/** Tells other programs and people what happened: webhooks. */
@Module({
  imports: [AuditModule],
  controllers: [WebhooksController],
  providers: [
    WebhooksService,
    WebhookInputs,
    WebhookVault,
    WebhookEvents,
    WebhookStores,
    WebhooksStore,
    WebhookStatesStore,
    WebhookDeliveriesStore,
  ],
  exports: [WebhookEvents],
})
export class NotificationsModule {}
