import { Injectable } from '@nestjs/common';
import { JournalFeed, type FedEvent, type FeedPart } from '../../audit/journal-feed';
import { PERMISSIONS, Permission } from '../../platform/access/permission';
import type { Caller } from '../../platform/access/caller';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { uuidBytes } from '../../platform/ids/uuid';
import type { RunLease } from '../../platform/jobs/job';
import { hasOperational, typeOfEvent } from './domain/event-types';
import { GIVE_UP_MS } from './domain/retry';
import { DELIVERY_STATUSES, type WebhookDeliveryRow } from './domain/webhook-delivery.entity';
import { graphIdsOf } from './domain/webhook-status';
import type { WebhookStateRow } from './domain/webhook-state.entity';
import type { WebhookRow } from './domain/webhook.entity';
import { WebhookDeliveriesStore } from './webhook-deliveries.store';
import { WebhookQueueStore } from './webhook-queue.store';
import { placeOf } from './domain/webhook-place';

/** Events that are read at a time. */
const EVENTS = 500;
/** Deliveries of a webhook that wait at most; further events wait in the journal. */
export const WINDOW = 100;
/** Deliveries that are shown for a webhook after they were sent. */
const KEPT = 500;
const NO_LANE = Buffer.alloc(0);

/** Makes deliveries of a webhook out of the journal, a window at a time. */
@Injectable()
export class WebhookFillService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly journal: JournalFeed,
    private readonly queue: WebhookQueueStore,
    private readonly deliveries: WebhookDeliveriesStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads the journal from the webhook's cursor until there is a delivery or no event left. Returns the state after it;
   * undefined if the webhook was changed or removed meanwhile.
   */
  async fill(
    webhook: WebhookRow,
    owner: Caller,
    state: WebhookStateRow,
    signal: AbortSignal,
    lease: RunLease,
  ): Promise<WebhookStateRow | undefined> {
    const upTo = await this.unitOfWork.read((em) => this.queue.seen(em));
    let current = state;
    while (current.cursor_seq < upTo) {
      signal.throwIfAborted();
      const part = { after: current.cursor_seq, upTo };
      const { events, to } = await this.events(webhook, owner, part);
      const rows = this.deliveriesOf(webhook, events, current.deliveries);
      if (!(await this.record(webhook, current, rows, to, lease))) return undefined;
      current = { ...current, cursor_seq: to, deliveries: current.deliveries + rows.length };
      if (rows.length > 0) break;
    }
    return current;
  }

  private async record(
    webhook: WebhookRow,
    state: WebhookStateRow,
    rows: readonly WebhookDeliveryRow[],
    to: number,
    lease: RunLease,
  ): Promise<boolean> {
    const place = placeOf(webhook);
    return this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      if (!(await this.queue.filled(em, state, to, rows.length))) return false;
      for (const row of rows) await this.deliveries.insert(em, row);
      if (rows.length > 0) await this.deliveries.removeOld(em, place, state.deliveries + rows.length - KEPT);
      return true;
    });
  }

  /** The next events that the webhook wants, at most a window of them, and the number up to which it has read then. */
  private async events(
    webhook: WebhookRow,
    owner: Caller,
    part: FeedPart,
  ): Promise<{ events: FedEvent[]; to: number }> {
    const types = new Set(webhook.events.split(' '));
    const isOperator = PERMISSIONS[owner.role].has(Permission.Operate);
    const seesAll = isOperator && hasOperational([...types]);
    const [own, ofService] = await this.unitOfWork.read(async (em) => [
      await this.journal.events(em, webhook.user_key, part, EVENTS),
      seesAll ? await this.journal.events(em, null, part, EVENTS) : [],
    ]);
    const to = Math.min(endOf(own, part), endOf(ofService, part));
    const graphs = new Set(graphIdsOf(webhook));
    const wanted = [...own, ...ofService]
      .filter((event) => event.seq <= to && isWanted(event, types, graphs))
      .sort((a, b) => a.seq - b.seq);
    const events = wanted.slice(0, WINDOW);
    return { events, to: wanted.length > WINDOW ? events.at(-1)!.seq : to };
  }

  private deliveriesOf(
    { user_key, key }: WebhookRow,
    events: readonly FedEvent[],
    newest: number,
  ): WebhookDeliveryRow[] {
    const now = this.clock.now();
    return events.map((event, i) => ({
      user_key,
      webhook_key: key,
      n: newest + 1 + i,
      event_seq: event.seq,
      type: typeOfEvent(event)!,
      lane: event.subjectId === null ? NO_LANE : uuidBytes(event.subjectId),
      status: DELIVERY_STATUSES.indexOf('pending'),
      created_at: now,
      due_at: now,
      give_up_at: now + GIVE_UP_MS,
      attempts: 0,
      last_attempt_at: null,
      http_status: null,
      duration_ms: null,
      failure: null,
    }));
  }
}

/** How far a list of events reaches: to its last event if it is full, else to the end of the part. */
function endOf(events: readonly FedEvent[], { upTo }: FeedPart): number {
  return events.length < EVENTS ? upTo : events.at(-1)!.seq;
}

function isWanted(event: FedEvent, types: ReadonlySet<string>, graphs: ReadonlySet<string>): boolean {
  const type = typeOfEvent(event);
  if (type === undefined || !types.has(type)) return false;
  return graphs.size === 0 || !type.startsWith('graph.') || graphs.has(event.subjectId ?? '');
}
