import { Injectable } from '@nestjs/common';
import { JournalFeed } from '../../audit/journal-feed';
import type { Caller } from '../../platform/access/caller';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import type { OutboundSession } from '../../platform/outbound/outbound-session';
import type { Message } from './domain/messages';
import type { WebhookDeliveryRow } from './domain/webhook-delivery.entity';
import type { WebhookRow } from './domain/webhook.entity';
import { WebhookMessagesService } from './webhook-messages.service';
import { WebhookSender, type Sent } from './webhook-sender';
import { WebhookVault, type WebhookSecrets } from './webhook-vault';

/** A receiver whose address and secrets are open. */
export interface Receiver {
  webhook: WebhookRow;
  owner: Caller;
  secrets: WebhookSecrets;
  session: OutboundSession;
}

/** Sends events to one receiver. */
@Injectable()
export class WebhookPostService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly journal: JournalFeed,
    private readonly messages: WebhookMessagesService,
    private readonly vault: WebhookVault,
    private readonly sender: WebhookSender,
    private readonly clock: Clock,
  ) {}

  /** Opens a receiver, runs `work` and closes its connections. Rejects if the secrets cannot be read. */
  async use<T>(webhook: WebhookRow, owner: Caller, work: (receiver: Receiver) => Promise<T>): Promise<T> {
    const owned = { userKey: owner.key, userId: owner.id, id: webhook.id };
    const { url, secret, previous } = await this.vault.open(owned, webhook.sealed);
    const overlaps = webhook.previous_until !== null && this.clock.now() < webhook.previous_until;
    const session = this.sender.open();
    try {
      const secrets = { url, secret, previous: overlaps ? previous : null };
      return await work({ webhook, owner, secrets, session });
    } finally {
      session.close();
    }
  }

  /** Sends the event of a delivery once; undefined if the journal does not contain the event any more. */
  async event(
    receiver: Receiver,
    delivery: WebhookDeliveryRow,
    signal: AbortSignal,
  ): Promise<Sent | undefined> {
    const { webhook, owner } = receiver;
    const seq = delivery.event_seq;
    const event = await this.unitOfWork.read(
      async (em) =>
        (await this.journal.find(em, webhook.user_key, seq)) ?? (await this.journal.find(em, null, seq)),
    );
    if (!event) return undefined;
    return this.message(receiver, await this.messages.of(webhook, owner, event), signal);
  }

  /** Sends a test once. */
  test(receiver: Receiver, n: number, signal: AbortSignal): Promise<Sent> {
    return this.message(receiver, this.messages.test(receiver.webhook, n, this.clock.now()), signal);
  }

  private message(receiver: Receiver, message: Message, signal: AbortSignal): Promise<Sent> {
    return this.sender.send(receiver.session, receiver.secrets, message, signal);
  }
}
