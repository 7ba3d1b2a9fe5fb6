import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccountAddresses } from '../../auth/account-addresses';
import { toIso } from '../../platform/clock/instant';
import type { ConditionId } from '../../platform/health/conditions';
import { Log } from '../../platform/logging/log';
import { MailQueue } from '../mail/mail-queue';
import { WebhookEvents } from '../webhooks/webhook-events';

/** Operators that get a mail; more would make an alert a flood. */
const RECIPIENTS_MAX = 100;

/** A condition has begun, or is over. Times in ms since the epoch. */
export interface AlertMessage {
  condition: ConditionId;
  active: boolean;
  since: number;
  at: number;
  reason: string | null;
}

/** Tells operators: by an event for webhooks, which the audit log keeps, and by mail. */
@Injectable()
export class AlertMessages {
  constructor(
    private readonly webhooks: WebhookEvents,
    private readonly mails: MailQueue,
    private readonly accounts: AccountAddresses,
    private readonly log: Log,
  ) {}

  /** Adds the messages in the caller's transaction: they are sent if, and only if, it is committed. */
  async add(em: EntityManager, { condition, active, since, at, reason }: AlertMessage): Promise<void> {
    const state = active ? 'begun' : 'over';
    const data = { state, since: toIso(since), reason };
    await this.webhooks.announce({ type: condition, data, audience: 'operators' }, em);
    if (!this.mails.isSetUp) return;
    for (const { key } of await this.accounts.operators(em, RECIPIENTS_MAX)) {
      const details = { condition, ...data };
      await this.mails.put(em, { kind: 'alert', userKey: key, reference: `${condition} ${at}`, details });
    }
  }

  /** After the transaction. */
  sent(messages: readonly AlertMessage[]): void {
    for (const { condition, active, reason } of messages)
      this.log.warn(active ? 'an alert has begun' : 'an alert is over', { condition, reason });
    if (messages.length > 0) this.mails.sendSoon();
  }
}
