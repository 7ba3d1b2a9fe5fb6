import { Injectable } from '@nestjs/common';
import { WebhookDeliveriesStore } from './webhook-deliveries.store';
import { WebhookStatesStore } from './webhook-states.store';
import { WebhooksStore } from './webhooks.store';

/** The stores of webhooks. */
@Injectable()
export class WebhookStores {
  constructor(
    readonly webhooks: WebhooksStore,
    readonly states: WebhookStatesStore,
    readonly deliveries: WebhookDeliveriesStore,
  ) {}
}
