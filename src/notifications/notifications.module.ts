import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AuditModule } from '../audit/audit.module';
import { DiffModule } from '../diff/diff.module';
import { GraphsModule } from '../graphs/graphs.module';
import { WebhooksController } from './webhooks/http/webhooks.controller';
import { WebhookDeliveriesStore } from './webhooks/webhook-deliveries.store';
import { WebhookEvents } from './webhooks/webhook-events';
import { WebhookInputs } from './webhooks/webhook-inputs';
import { WebhookDeliveriesController } from './webhooks/http/webhook-deliveries.controller';
import { WebhookDeliveriesService } from './webhooks/webhook-deliveries.service';
import { WebhookFeedService } from './webhooks/webhook-feed.service';
import { WebhookFillService } from './webhooks/webhook-fill.service';
import { WebhookMessagesService } from './webhooks/webhook-messages.service';
import { WebhookPostService } from './webhooks/webhook-post.service';
import { WebhookQueueStore } from './webhooks/webhook-queue.store';
import { WebhookRecordsService } from './webhooks/webhook-records.service';
import { WebhookSender } from './webhooks/webhook-sender';
import { WebhookTurnService } from './webhooks/webhook-turn.service';
import { WebhookTurns } from './webhooks/webhook-turns';
import { WebhooksHealth } from './webhooks/webhooks.health';
import { WebhooksJob } from './webhooks/webhooks.job';
import { WebhooksMetrics } from './webhooks/webhooks-metrics';
import { WebhookStatesStore } from './webhooks/webhook-states.store';
import { WebhookStores } from './webhooks/webhook-stores';
import { WebhookVault } from './webhooks/webhook-vault';
import { WebhooksService } from './webhooks/webhooks.service';
import { WebhooksStore } from './webhooks/webhooks.store';

/** Tells other programs and people what happened: webhooks. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false }), AuditModule, GraphsModule, DiffModule],
  controllers: [WebhooksController, WebhookDeliveriesController],
  providers: [
    WebhooksService,
    WebhookInputs,
    WebhookVault,
    WebhookEvents,
    WebhookStores,
    WebhooksStore,
    WebhookStatesStore,
    WebhookDeliveriesStore,
    WebhookDeliveriesService,
    WebhookFeedService,
    WebhookFillService,
    WebhookMessagesService,
    WebhookPostService,
    WebhookQueueStore,
    WebhookRecordsService,
    WebhookSender,
    WebhookTurnService,
    WebhookTurns,
    WebhooksHealth,
    WebhooksJob,
    WebhooksMetrics,
  ],
  exports: [WebhookEvents, WebhooksHealth],
})
export class NotificationsModule {}
