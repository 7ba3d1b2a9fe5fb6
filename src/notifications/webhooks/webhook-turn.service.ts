import { Injectable } from '@nestjs/common';
import { AccountsService } from '../../auth/accounts.service';
import { Clock } from '../../platform/clock/clock';
import { LeaseLostError, type RunLease } from '../../platform/jobs/job';
import { Log } from '../../platform/logging/log';
import { nextDelivery } from './domain/lanes';
import { DELIVERY_STATUSES, type WebhookDeliveryRow } from './domain/webhook-delivery.entity';
import type { WebhookStateRow } from './domain/webhook-state.entity';
import { WINDOW, WebhookFillService } from './webhook-fill.service';
import { WebhookPostService, type Receiver } from './webhook-post.service';
import { WebhookRecordsService } from './webhook-records.service';

/** How long a turn sends before other webhooks have theirs, ms. */
const TURN_MS = 5_000;
/** When a webhook whose owner's account is disabled is looked at again, ms. */
const LATER_MS = 3_600_000;
/** When a webhook is looked at again after an error of the service itself, ms. */
const AFTER_ERROR_MS = 10 * 60_000;
/** Deliveries that wait at most, a new window included. */
const PENDING_MAX = 2 * WINDOW;
const PENDING = DELIVERY_STATUSES.indexOf('pending');

/** A turn and how it goes. */
interface Turn {
  receiver: Receiver;
  state: WebhookStateRow;
  /** Deliveries that wait, as far as they were read. */
  pending: WebhookDeliveryRow[];
  signal: AbortSignal;
  lease: RunLease;
}

/** Lets one webhook send what is due, in order for each lane, until nothing is left or its time is over. */
@Injectable()
export class WebhookTurnService {
  constructor(
    private readonly accounts: AccountsService,
    private readonly filling: WebhookFillService,
    private readonly post: WebhookPostService,
    private readonly records: WebhookRecordsService,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** One turn of a due webhook. Failures of the receiver are recorded; rejects if `signal` is aborted. */
  async run(state: WebhookStateRow, signal: AbortSignal, lease: RunLease): Promise<void> {
    const next = await this.send(state, signal, lease).catch((error: unknown) => {
      if (signal.aborted || error instanceof LeaseLostError) throw error;
      const { user_key, webhook_key } = state;
      this.log.error('a turn of a webhook failed', { user_key, webhook_key, error });
      return this.clock.now() + AFTER_ERROR_MS;
    });
    if (next !== undefined) await this.records.endTurn(state, next, lease);
  }

  /** Returns when something is to do again, ms or null; undefined if the webhook is gone or was disabled. */
  private async send(
    known: WebhookStateRow,
    signal: AbortSignal,
    lease: RunLease,
  ): Promise<number | null | undefined> {
    const active = await this.records.read(known, PENDING_MAX);
    if (!active) return undefined;
    const owner = await this.accounts.active(known.user_key);
    if (!owner) return this.clock.now() + LATER_MS;
    return this.post.use(active.webhook, owner, (receiver) =>
      this.sendAll({ ...active, receiver, signal, lease }),
    );
  }

  private async sendAll(turn: Turn): Promise<number | null | undefined> {
    const end = this.clock.monotonic() + TURN_MS;
    for (;;) {
      turn.signal.throwIfAborted();
      if (turn.pending.length < WINDOW && !(await this.fill(turn))) return undefined;
      const now = this.clock.now();
      const choice = nextDelivery(turn.pending, now);
      if (!('next' in choice)) return choice.wait;
      if (this.clock.monotonic() >= end) return now;
      const hold = await this.sendOne(turn, choice.next);
      if (hold !== null) return hold;
    }
  }

  /** Adds deliveries for further events. Returns false if the webhook was changed or removed. */
  private async fill(turn: Turn): Promise<boolean> {
    const { receiver, signal, lease } = turn;
    const { webhook, owner } = receiver;
    const before = turn.state.deliveries;
    const filled = await this.filling.fill(webhook, owner, turn.state, signal, lease);
    if (!filled) return false;
    turn.state = filled;
    if (filled.deliveries === before) return true;
    const active = await this.records.read(filled, PENDING_MAX);
    turn.pending = active?.pending ?? [];
    return active !== undefined;
  }

  /** Sends one delivery. Returns null to go on, undefined to stop, and otherwise until when to leave the receiver alone. */
  private async sendOne(turn: Turn, delivery: WebhookDeliveryRow): Promise<number | null | undefined> {
    const { receiver, lease, signal } = turn;
    const sent = await this.post.event(receiver, delivery, signal);
    if (!sent) {
      await this.records.lost(receiver.webhook, delivery, lease);
      turn.pending = turn.pending.filter(({ n }) => n !== delivery.n);
      return null;
    }
    const recorded = await this.records.record(receiver.webhook, turn.state, delivery, sent, lease);
    if (!recorded.state) return undefined;
    turn.state = recorded.state;
    turn.pending = turn.pending
      .map((one) => (one.n === delivery.n ? recorded.delivery : one))
      .filter(({ status }) => status === PENDING);
    if (recorded.isRecovered) {
      const now = this.clock.now();
      turn.pending = turn.pending.map((one) => ({ ...one, due_at: Math.min(one.due_at, now) }));
    }
    return recorded.hold;
  }
}
