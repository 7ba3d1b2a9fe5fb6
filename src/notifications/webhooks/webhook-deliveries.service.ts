import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService, type Action } from '../../audit/journal.service';
import type { Caller } from '../../platform/access/caller';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { AppError, notFound, tooManyRequests } from '../../platform/errors/app-error';
import { encodeCursor, type Page } from '../../platform/http/pagination';
import { uuidText } from '../../platform/ids/uuid';
import { DELIVERY_STATUSES, type WebhookDeliveryRow } from './domain/webhook-delivery.entity';
import type { WebhookRow } from './domain/webhook.entity';
import { WebhookPostService } from './webhook-post.service';
import type { Sent } from './webhook-sender';
import { WebhookStores } from './webhook-stores';
import { placeOf } from './domain/webhook-place';
import { WebhooksService } from './webhooks.service';

/** Tests of one user at the same time. */
const TESTS_AT_ONCE = 2;
const ABOVE_ALL = 2_147_483_647;
const NO_LANE = Buffer.alloc(0);

/** The requested part of the deliveries: numbers below `before`. */
export interface DeliveriesPart {
  limit: number;
  skip: number;
  before: number | null;
}

/** Deliveries for the owner of a webhook: list them, send one again, try a receiver out. */
@Injectable()
export class WebhookDeliveriesService {
  private readonly testing = new Map<number, number>();

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly webhooks: WebhooksService,
    private readonly stores: WebhookStores,
    private readonly post: WebhookPostService,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /** The deliveries of one of the caller's webhooks, newest first. */
  async list(
    caller: Caller,
    id: string,
    { limit, skip, before }: DeliveriesPart,
  ): Promise<Page<WebhookDeliveryRow>> {
    const place = placeOf(await this.webhooks.row(caller, id));
    const { rows, total } = await this.unitOfWork.read(async (em) => ({
      rows: await this.stores.deliveries.list(em, place, {
        limit: limit + 1,
        skip,
        before: before ?? ABOVE_ALL,
      }),
      total: await this.stores.deliveries.count(em, place),
    }));
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return { items, total, next: rows.length > limit && last ? encodeCursor([last.n]) : null };
  }

  /** Sends a delivery again, at once. 404 for an unknown one, 409 while the webhook is paused or disabled. */
  async retry(caller: Caller, id: string, number: string): Promise<WebhookDeliveryRow> {
    const row = await this.webhooks.row(caller, id);
    if (row.enabled === 0)
      throw new AppError(
        'conflict',
        'webhook-paused',
        'The webhook is paused or disabled. Resume it, then repeat the call.',
      );
    const n = /^[1-9]\d{0,8}$/.test(number) ? Number(number) : 0;
    const place = placeOf(row);
    const known = await this.unitOfWork.read((em) => this.stores.deliveries.find(em, place, n));
    if (!known) throw notFound('delivery');
    if (known.event_seq === 0)
      throw new AppError('conflict', 'test-delivery', 'This delivery is a test. Run a new test instead.');
    const now = this.clock.now();
    return this.unitOfWork.write(async (em) => {
      if (!(await this.stores.deliveries.again(em, place, n, now))) throw notFound('delivery');
      await this.stores.states.wake(em, place, now);
      await this.note(em, caller, 'webhook.delivery_retried', row, { delivery: n });
      return (await this.stores.deliveries.find(em, place, n))!;
    });
  }

  /** Sends a test and waits for the answer; also for a paused webhook. 429 while two tests of the caller run. */
  async test(caller: Caller, id: string): Promise<WebhookDeliveryRow> {
    const row = await this.webhooks.rowToSend(caller, id);
    const running = this.testing.get(caller.key) ?? 0;
    if (running >= TESTS_AT_ONCE) throw tooManyRequests(5);
    this.testing.set(caller.key, running + 1);
    try {
      return await this.sendTest(caller, row);
    } finally {
      const left = this.testing.get(caller.key)! - 1;
      if (left > 0) this.testing.set(caller.key, left);
      else this.testing.delete(caller.key);
    }
  }

  private async sendTest(caller: Caller, row: WebhookRow): Promise<WebhookDeliveryRow> {
    const at = this.clock.now();
    const n = await this.unitOfWork.write(async (em) => {
      const taken = await this.stores.states.takeNumber(em, placeOf(row));
      if (taken === undefined) throw notFound('webhook');
      await this.note(em, caller, 'webhook.tested', row, { delivery: taken });
      return taken;
    });
    const sent = await this.post.use(row, caller, (receiver) =>
      this.post.test(receiver, n, new AbortController().signal),
    );
    const delivery = testOf(row, n, at, sent);
    await this.unitOfWork.write(async (em) => {
      // Removed meanwhile: its deliveries are gone, too.
      if (await this.stores.webhooks.byKey(em, row.user_key, row.key))
        await this.stores.deliveries.insert(em, delivery);
    });
    return delivery;
  }

  private async note(
    em: EntityManager,
    { key, origin }: Caller,
    action: Action,
    { id }: WebhookRow,
    details: Readonly<Record<string, number>>,
  ): Promise<void> {
    const event = { at: this.clock.now(), userKey: key, actorKey: key, subjectId: uuidText(id) };
    await this.journal.append(em, { ...event, action, origin, details });
  }
}

function testOf(row: WebhookRow, n: number, at: number, sent: Sent): WebhookDeliveryRow {
  return {
    ...placeOf(row),
    n,
    event_seq: 0,
    type: 'webhook.test',
    lane: NO_LANE,
    status: DELIVERY_STATUSES.indexOf(sent.delivered ? 'delivered' : 'failed'),
    created_at: at,
    due_at: at,
    give_up_at: at,
    attempts: 1,
    last_attempt_at: at,
    http_status: sent.status,
    duration_ms: sent.durationMs,
    failure: sent.failure,
  };
}
