import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService, type Action } from '../../audit/journal.service';
import { AccountLimit } from '../../platform/access/account-limit';
import type { Caller } from '../../platform/access/caller';
import { OnAccountRemoved, type RemovedAccount } from '../../platform/access/on-account-removed.decorator';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { changedMeanwhile } from '../../platform/errors/app-error';
import { foundById } from '../../platform/ids/found-by-id';
import { uuidBytes, uuidText, uuidv7 } from '../../platform/ids/uuid';
import { GIVE_UP_MS } from './domain/retry';
import { SECRET_BYTES } from './domain/signature';
import { formatCode, type WebhookFormat } from './domain/webhook-format';
import type { WebhookStateRow } from './domain/webhook-state.entity';
import type { WebhookRow } from './domain/webhook.entity';
import { newState, placeOf } from './domain/webhook-place';
import { WebhookInputs } from './webhook-inputs';
import { WebhookStores } from './webhook-stores';
import { WebhookVault } from './webhook-vault';

const limit = new AccountLimit('webhooks', 20);
/** How long messages are signed with the previous secret as well, ms. */
const OVERLAP_MS = 24 * 3_600_000;

/** A webhook as its owner sees it. */
export interface Webhook {
  row: WebhookRow;
  state: WebhookStateRow | undefined;
  url: string;
}

/** A webhook as a client describes it. */
export interface NewWebhook {
  name: string;
  url: string;
  format: WebhookFormat;
  events: readonly string[];
  /** Empty: all graphs. */
  graphIds: readonly string[];
}

/** What a client changes; undefined fields stay as they are. */
export interface WebhookChange {
  name?: string | undefined;
  url?: string | undefined;
  format?: WebhookFormat | undefined;
  events?: readonly string[] | undefined;
  graphIds?: readonly string[] | undefined;
  enabled?: boolean | undefined;
  /** Don't send what happened before now. */
  skipMissed?: boolean | undefined;
}

/** Creates, changes and removes webhooks. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stores: WebhookStores,
    private readonly vault: WebhookVault,
    private readonly inputs: WebhookInputs,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /** One of the caller's webhooks; 404 for any other. */
  async get(caller: Caller, id: string): Promise<Webhook> {
    const row = await this.row(caller, id);
    const place = placeOf(row);
    const state = await this.unitOfWork.read((em) => this.stores.states.find(em, place));
    return this.shown(caller, row, state);
  }

  /** The caller's webhooks, newest first. */
  async list(caller: Caller, limit: number, skip: number): Promise<{ items: Webhook[]; total: number }> {
    const { rows, states, total } = await this.unitOfWork.read(async (em) => ({
      rows: await this.stores.webhooks.list(em, caller.key, limit, skip),
      states: await this.stores.states.ofUser(em, caller.key),
      total: await this.stores.webhooks.count(em, caller.key),
    }));
    const byKey = new Map(states.map((state) => [state.webhook_key, state]));
    const items: Webhook[] = [];
    for (const row of rows) items.push(await this.shown(caller, row, byKey.get(row.key)));
    return { items, total };
  }

  /** Creates a webhook for events from now on. The secret is not shown again. */
  async create(caller: Caller, given: NewWebhook): Promise<{ webhook: Webhook; secret: Buffer }> {
    this.inputs.requireAllowed(caller, given.events);
    const url = this.inputs.address(given.url);
    const now = this.clock.now();
    const id = uuidBytes(uuidv7(now));
    const secret = randomBytes(SECRET_BYTES);
    const sealed = await this.vault.seal(ownedBy(caller, id), { url, secret, previous: null });
    const made = {
      user_key: caller.key,
      id,
      created_at: now,
      deleted_at: null,
      enabled: 1,
      format: formatCode(given.format),
      name: given.name,
      events: given.events.join(' '),
      graph_ids: idBytes(given.graphIds),
      previous_until: null,
      disabled_at: null,
      disabled_reason: null,
      sealed,
    };
    return this.unitOfWork.write(async (em) => {
      await limit.requireRoom(em, caller.key, () => this.stores.webhooks.count(em, caller.key));
      const seq = await this.note(em, caller, 'webhook.created', id, { format: given.format });
      const row = { ...made, key: seq, seq };
      const state = newState(row);
      await this.stores.webhooks.insert(em, row);
      await this.stores.states.insert(em, state);
      return { webhook: { row, state, url }, secret };
    });
  }

  /** Changes the given fields. A webhook that is enabled continues where it stopped, unless told to skip that. */
  async change(caller: Caller, id: string, change: WebhookChange): Promise<Webhook> {
    const row = await this.row(caller, id);
    const events = change.events ?? row.events.split(' ');
    this.inputs.requireAllowed(caller, events);
    const changed: WebhookRow = {
      ...row,
      ...(change.enabled !== undefined && {
        enabled: change.enabled ? 1 : 0,
        disabled_at: null,
        disabled_reason: null,
      }),
      name: change.name ?? row.name,
      format: change.format === undefined ? row.format : formatCode(change.format),
      events: events.join(' '),
      graph_ids: change.graphIds === undefined ? row.graph_ids : idBytes(change.graphIds),
      sealed: change.url === undefined ? row.sealed : await this.sealAddress(caller, row, change.url),
    };
    const fields = Object.keys(change).sort().join(' ');
    await this.replace(
      caller,
      row,
      changed,
      'webhook.changed',
      async (em, seq) => {
        const now = this.clock.now();
        const skipTo = change.skipMissed === true ? seq : 0;
        await this.stores.states.set(em, placeOf(row), stateOf(changed, skipTo, now));
        if (skipTo > 0) await this.stores.deliveries.skip(em, placeOf(row), 'Skipped by the owner.');
        await this.stores.deliveries.prolong(em, placeOf(row), now, now + GIVE_UP_MS);
      },
      { fields },
    );
    return this.get(caller, id);
  }

  /** Makes a new secret. Messages are signed with both for 24 hours; a secret before the previous one is void. */
  async makeSecret(caller: Caller, id: string): Promise<{ secret: Buffer; previousUntil: number }> {
    const row = await this.row(caller, id);
    const owned = ownedBy(caller, row.id);
    const { url, secret: previous } = await this.vault.open(owned, row.sealed);
    const secret = randomBytes(SECRET_BYTES);
    const previousUntil = this.clock.now() + OVERLAP_MS;
    const sealed = await this.vault.seal(owned, { url, secret, previous });
    await this.replace(caller, row, { ...row, sealed, previous_until: previousUntil }, 'webhook.secret_made');
    return { secret, previousUntil };
  }

  /** Removes a webhook with its address, its secrets and its deliveries. */
  async remove(caller: Caller, id: string): Promise<void> {
    const row = await this.row(caller, id);
    const removed: WebhookRow = {
      ...row,
      deleted_at: this.clock.now(),
      enabled: 0,
      graph_ids: Buffer.alloc(0),
      sealed: Buffer.alloc(0),
    };
    await this.replace(caller, row, removed, 'webhook.removed', async (em) => {
      await this.stores.states.remove(em, placeOf(row));
      await this.stores.deliveries.remove(em, placeOf(row));
    });
  }

  /** Removes everything about the webhooks of a deleted account. */
  @OnAccountRemoved()
  async forget({ key }: RemovedAccount, signal: AbortSignal): Promise<void> {
    const { webhooks, states, deliveries } = this.stores;
    for (const state of await this.unitOfWork.read((em) => states.ofUser(em, key))) {
      signal.throwIfAborted();
      await this.unitOfWork.write((em) => deliveries.remove(em, state));
    }
    await this.unitOfWork.write(async (em) => {
      await states.removeOfUser(em, key);
      await webhooks.removeOfUser(em, key);
    });
  }

  /** As `row`; 403 while webhooks are switched off. */
  rowToSend(caller: Caller, id: string): Promise<WebhookRow> {
    this.inputs.requireOn();
    return this.row(caller, id);
  }

  /** The row of one of the caller's webhooks; 404 for any other. */
  row(caller: Caller, id: string): Promise<WebhookRow> {
    return foundById('webhook', id, (bytes) =>
      this.unitOfWork.read((em) => this.stores.webhooks.find(em, caller.key, bytes)),
    );
  }

  private async shown(caller: Caller, row: WebhookRow, state: WebhookStateRow | undefined): Promise<Webhook> {
    const { url } = await this.vault.open(ownedBy(caller, row.id), row.sealed);
    return { row, state, url };
  }

  private async sealAddress(caller: Caller, row: WebhookRow, text: string): Promise<Buffer> {
    const url = this.inputs.address(text);
    const owned = ownedBy(caller, row.id);
    return this.vault.seal(owned, { ...(await this.vault.open(owned, row.sealed)), url });
  }

  private async replace(
    caller: Caller,
    row: WebhookRow,
    changed: WebhookRow,
    action: Action,
    more: (em: EntityManager, seq: number) => Promise<void> = () => Promise.resolve(),
    details: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      const seq = await this.note(em, caller, action, row.id, details);
      if (!(await this.stores.webhooks.change(em, { ...changed, seq }, row.seq)))
        throw changedMeanwhile('webhook');
      await more(em, seq);
    });
  }

  private note(
    em: EntityManager,
    { key, origin }: Caller,
    action: Action,
    id: Buffer,
    details: Readonly<Record<string, string>>,
  ): Promise<number> {
    const event = { at: this.clock.now(), userKey: key, actorKey: key, subjectId: uuidText(id) };
    return this.journal.append(em, { ...event, action, origin, details });
  }
}

function stateOf(row: WebhookRow, skipTo: number, now: number) {
  const { active, operational } = newState(row);
  return { active, operational, due_at: active ? now : null, cursor_seq: skipTo };
}

function ownedBy({ key, id: userId }: Caller, id: Buffer) {
  return { userKey: key, userId, id };
}

function idBytes(ids: readonly string[]): Buffer {
  return Buffer.concat(ids.map(uuidBytes));
}
