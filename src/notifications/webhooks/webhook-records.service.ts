import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService } from '../../audit/journal.service';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { uuidText } from '../../platform/ids/uuid';
import type { RunLease } from '../../platform/jobs/job';
import { GIVE_UP_MS, retryWait } from './domain/retry';
import {
  DELIVERY_STATUSES,
  type DeliveryStatus,
  type WebhookDeliveryRow,
} from './domain/webhook-delivery.entity';
import type { WebhookStateRow } from './domain/webhook-state.entity';
import type { WebhookRow } from './domain/webhook.entity';
import type { Attempted } from './webhook-deliveries.store';
import { WebhooksMetrics } from './webhooks-metrics';
import { WebhookQueueStore } from './webhook-queue.store';
import type { Sent } from './webhook-sender';
import type { WebhookPlace } from './domain/webhook-place';
import { WebhookStores } from './webhook-stores';
import { placeOf } from './domain/webhook-place';

/** A receiver that takes longer is slow, ms. */
const SLOW_MS = 2_000;
/** After so many failures in a row, a success makes all that waits due at once. */
const OUTAGE_FAILURES = 3;
const PENDING = DELIVERY_STATUSES.indexOf('pending');

/** A webhook that is enabled. */
export interface ActiveWebhook {
  webhook: WebhookRow;
  state: WebhookStateRow;
  pending: WebhookDeliveryRow[];
}

/** What an attempt leads to. */
export interface Recorded {
  /** Undefined: the webhook was disabled, changed or removed, and the turn ends. */
  state: WebhookStateRow | undefined;
  delivery: WebhookDeliveryRow;
  /** Until when the receiver is left alone, ms since the epoch; null after a success. */
  hold: number | null;
  /** Whether all that waits is due now. */
  isRecovered: boolean;
}

/** Records attempts: the delivery, the state of the webhook, and in the journal when the service disables it. */
@Injectable()
export class WebhookRecordsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stores: WebhookStores,
    private readonly queue: WebhookQueueStore,
    private readonly journal: JournalService,
    private readonly clock: Clock,
    private readonly metrics: WebhooksMetrics,
  ) {}

  /** A webhook of the queue with its state and up to `limit` deliveries that wait; undefined if it is not active. */
  read(place: WebhookPlace, limit: number): Promise<ActiveWebhook | undefined> {
    const { webhooks, states, deliveries } = this.stores;
    return this.unitOfWork.read(async (em) => {
      const webhook = await webhooks.byKey(em, place.user_key, place.webhook_key);
      const state = await states.find(em, place);
      if (!webhook || state?.active !== 1) return undefined;
      return { webhook, state, pending: await deliveries.pending(em, place, limit) };
    });
  }

  /** Records an attempt of the job. */
  async record(
    webhook: WebhookRow,
    state: WebhookStateRow,
    delivery: WebhookDeliveryRow,
    sent: Sent,
    lease: RunLease,
  ): Promise<Recorded> {
    const now = this.clock.now();
    const place = placeOf(webhook);
    const after = stateAfter(state, sent, now);
    const reason = disableReason(after, sent, now);
    const attempted = deliveryAfter(delivery, sent, now, reason !== null);
    const isRecovered = sent.delivered && state.failures >= OUTAGE_FAILURES;
    const isActive = await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      if (!(await this.queue.attempted(em, place, after))) return false;
      await this.stores.deliveries.attempted(em, place, attemptOf(attempted));
      if (isRecovered) await this.stores.deliveries.allAtOnce(em, place, now);
      return reason === null || !(await this.disable(em, webhook, reason, now));
    });
    this.metrics.attempted(
      sent.delivered ? 'delivered' : attempted.status === PENDING ? 'failed' : 'given_up',
    );
    return {
      state: isActive ? after : undefined,
      delivery: attempted,
      hold: sent.delivered ? null : now + retryWait(after.failures, sent.retryAfter, Math.random()),
      isRecovered,
    };
  }

  /** Gives up a delivery whose event is no longer in the journal. */
  async lost(webhook: WebhookRow, delivery: WebhookDeliveryRow, lease: RunLease): Promise<void> {
    const failure = 'The event is no longer in the audit log (AUDIT_RETENTION_DAYS).';
    const status = DELIVERY_STATUSES.indexOf('failed');
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.stores.deliveries.attempted(
        em,
        placeOf(webhook),
        attemptOf({ ...delivery, status, failure }),
      );
    });
  }

  /** Ends a turn of a webhook; `next`: when something is to do again, ms since the epoch, or null. */
  async endTurn(begun: WebhookStateRow, next: number | null, lease: RunLease): Promise<void> {
    const now = this.clock.now();
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.queue.endTurn(em, begun, { as_begun: begun.due_at ?? now, next, now });
    });
  }

  /** Returns false if the owner changed the webhook meanwhile: then it gets another chance. */
  private async disable(
    em: EntityManager,
    webhook: WebhookRow,
    reason: string,
    now: number,
  ): Promise<boolean> {
    const seq = await this.journal.append(em, {
      action: 'webhook.disabled',
      at: now,
      userKey: webhook.user_key,
      actorKey: null,
      subjectId: uuidText(webhook.id),
      details: { reason },
    });
    const disabled = { ...webhook, seq, enabled: 0, disabled_at: now, disabled_reason: reason };
    if (!(await this.stores.webhooks.change(em, disabled, webhook.seq))) return false;
    await this.stores.states.stop(em, placeOf(webhook));
    return true;
  }
}

function attemptOf(row: WebhookDeliveryRow): Attempted {
  const { n, status, due_at, attempts, last_attempt_at, http_status, duration_ms, failure } = row;
  return { n, status, due_at, attempts, last_attempt_at, http_status, duration_ms, failure };
}

/** The state of a webhook after an attempt. */
export function stateAfter(state: WebhookStateRow, sent: Sent, now: number): WebhookStateRow {
  const isSlow = !sent.delivered || sent.durationMs >= SLOW_MS;
  return {
    ...state,
    slow: isSlow ? 1 : 0,
    failures: sent.delivered ? 0 : state.failures + 1,
    failing_since: sent.delivered ? null : (state.failing_since ?? now),
    last_attempt_at: now,
    last_success_at: sent.delivered ? now : state.last_success_at,
  };
}

/** A delivery after an attempt. `isDisabled`: it waits until the webhook is enabled again. */
export function deliveryAfter(
  delivery: WebhookDeliveryRow,
  sent: Sent,
  now: number,
  isDisabled: boolean,
): WebhookDeliveryRow {
  const isGivenUp = !sent.delivered && !isDisabled && now >= delivery.give_up_at;
  const status: DeliveryStatus = sent.delivered ? 'delivered' : isGivenUp ? 'failed' : 'pending';
  const attempts = delivery.attempts + 1;
  return {
    ...delivery,
    status: DELIVERY_STATUSES.indexOf(status),
    due_at:
      status === 'pending' ? now + retryWait(attempts, sent.retryAfter, Math.random()) : delivery.due_at,
    attempts,
    last_attempt_at: now,
    http_status: sent.status,
    duration_ms: sent.durationMs,
    failure: sent.failure,
  };
}

/** Why the service disables a webhook after a failure; null if it does not. */
function disableReason({ failing_since }: WebhookStateRow, sent: Sent, now: number): string | null {
  if (sent.isGone) return 'The receiver answered 410: it wants no more messages.';
  if (failing_since === null || now - failing_since < GIVE_UP_MS) return null;
  return `Every attempt of the last 24 hours has failed. The last one: ${sent.failure ?? 'no answer.'}`;
}
