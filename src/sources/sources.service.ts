import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService, type Action } from '../audit/journal.service';
import { AccountLimit } from '../platform/access/account-limit';
import type { Caller } from '../platform/access/caller';
import { OnAccountRemoved, type RemovedAccount } from '../platform/access/on-account-removed.decorator';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { changedMeanwhile } from '../platform/errors/app-error';
import { foundById } from '../platform/ids/found-by-id';
import { uuidBytes, uuidText, uuidv7 } from '../platform/ids/uuid';
import type { Fields } from './domain/fields';
import { hookSecretHash, hookTokenText } from './domain/hook-token';
import { kindCode, kindName } from './domain/source-kind';
import type { SourceRow } from './domain/source.entity';
import { SourceInputs, type NewSource, type SourceChange } from './source-inputs';
import { SourceSessionsService } from './source-sessions.service';
import { SourceStores } from './source-stores';

const limit = new AccountLimit('sources', 100);
const SECRET_BYTES = 32;
const REMOVE_BATCH = 1_000;

/** A source, and its hook token where it was made just now: it is not stored and cannot be shown again. */
export interface CreatedSource {
  source: SourceRow;
  hookToken: string;
}

/** Creates, changes and removes sources. */
@Injectable()
export class SourcesService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stores: SourceStores,
    private readonly inputs: SourceInputs,
    private readonly sessions: SourceSessionsService,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /** One of the caller's sources; 404 for any other. */
  get(caller: Caller, id: string): Promise<SourceRow> {
    return foundById('source', id, (bytes) =>
      this.unitOfWork.read((em) => this.stores.sources.find(em, caller.key, bytes)),
    );
  }

  /** The caller's sources, newest first. */
  list(caller: Caller, limit: number, skip: number): Promise<{ items: SourceRow[]; total: number }> {
    return this.unitOfWork.read(async (em) => ({
      items: await this.stores.sources.list(em, caller.key, limit, skip),
      total: await this.stores.sources.count(em, caller.key),
    }));
  }

  /**
   * Creates a source, due at once. One with the address of a removed source takes over its row, and so finds the graphs
   * that it had filled.
   */
  async create(caller: Caller, given: NewSource): Promise<CreatedSource> {
    const now = this.clock.now();
    const checked = this.inputs.checkNew(given);
    const id = uuidv7(now);
    const secret = randomBytes(SECRET_BYTES);
    const credentials = await this.sessions.seal(caller.key, caller.id, id, checked.credentials);
    const made = {
      ...EMPTY_STATE,
      user_key: caller.key,
      id: uuidBytes(id),
      created_at: now,
      kind: kindCode(checked.kind),
      enabled: 1,
      every_minutes: checked.everyMinutes,
      name: checked.name,
      url: checked.url,
      options: JSON.stringify(checked.options),
      hook_sha256: hookSecretHash(secret),
      credentials,
      next_attempt_at: now,
    };
    const source = await this.unitOfWork.write(async (em) => {
      await limit.requireRoom(em, caller.key, () => this.stores.sources.count(em, caller.key));
      const seq = await this.note(em, caller, 'source.created', id, { kind: checked.kind });
      return this.put(em, { ...made, seq });
    });
    this.stores.users.created(caller.key);
    return { source, hookToken: hookTokenText(caller.key, secret) };
  }

  /**
   * Changes the given fields; the source is due at once unless only its name changes. Another address needs the
   * credentials again: they are meant for one server.
   */
  async change(caller: Caller, id: string, change: SourceChange): Promise<SourceRow> {
    const row = await this.get(caller, id);
    const checked = this.inputs.checkChange(row, change);
    const credentials =
      checked.credentials === undefined
        ? row.credentials
        : await this.sessions.seal(caller.key, caller.id, id, checked.credentials);
    const enabled = checked.enabled ?? row.enabled === 1;
    const changed: SourceRow = {
      ...row,
      name: checked.name ?? row.name,
      url: checked.url ?? row.url,
      enabled: enabled ? 1 : 0,
      every_minutes: checked.everyMinutes ?? row.every_minutes,
      options: checked.options === undefined ? row.options : JSON.stringify(checked.options),
      credentials,
      next_attempt_at: enabled ? this.dueAfter(row, change) : null,
    };
    const fields = givenNames(change).sort().join(' ');
    return this.replace(caller, row, changed, 'source.changed', { fields });
  }

  /** Makes a new hook token; the old one is void. */
  async makeHookToken(caller: Caller, id: string): Promise<string> {
    const row = await this.get(caller, id);
    const secret = randomBytes(SECRET_BYTES);
    const changed = { ...row, hook_sha256: hookSecretHash(secret) };
    await this.replace(caller, row, changed, 'source.hook_token_made');
    return hookTokenText(caller.key, secret);
  }

  /** Removes a source and its credentials. Its graphs stay. */
  async remove(caller: Caller, id: string): Promise<void> {
    const row = await this.get(caller, id);
    const removed: SourceRow = {
      ...row,
      deleted_at: this.clock.now(),
      enabled: 0,
      credentials: Buffer.alloc(0),
      hook_sha256: Buffer.alloc(0),
      next_attempt_at: null,
    };
    await this.replace(caller, row, removed, 'source.removed', { kind: kindName(row.kind) });
  }

  /** Removes everything about the sources of a deleted account. */
  @OnAccountRemoved()
  async forget({ key }: RemovedAccount, signal: AbortSignal): Promise<void> {
    const { sources, items, runs } = this.stores;
    for (let removed = REMOVE_BATCH; removed === REMOVE_BATCH;) {
      signal.throwIfAborted();
      removed = await this.unitOfWork.write((em) => items.removeOfUser(em, key, REMOVE_BATCH));
    }
    await this.unitOfWork.write(async (em) => {
      await runs.removeOfUser(em, key);
      await sources.removeOfUser(em, key);
    });
  }

  /** A new name is no reason to read the tool again. */
  private dueAfter(row: SourceRow, change: SourceChange): number {
    const isRenamed = givenNames(change).every((field) => field === 'name');
    return isRenamed && row.next_attempt_at !== null ? row.next_attempt_at : this.clock.now();
  }

  private async put(em: EntityManager, made: Omit<SourceRow, 'key'>): Promise<SourceRow> {
    const { sources, items } = this.stores;
    const twin = await sources.removedTwin(em, made.user_key, made.kind, made.url);
    if (!twin) {
      const row = { ...made, key: made.seq };
      await sources.insert(em, row);
      return row;
    }
    const row = { ...made, key: twin.key, created_at: twin.created_at, runs: twin.runs };
    if (!(await sources.change(em, row, twin.seq))) throw changedMeanwhile('source');
    await sources.reset(em, row);
    await items.adopt(em, { user_key: row.user_key, source_key: row.key });
    return row;
  }

  private async replace(
    caller: Caller,
    row: SourceRow,
    changed: SourceRow,
    action: Action,
    details: Readonly<Record<string, string>> = {},
  ): Promise<SourceRow> {
    return this.unitOfWork.write(async (em) => {
      const seq = await this.note(em, caller, action, uuidText(row.id), details);
      const next = { ...changed, seq };
      if (!(await this.stores.sources.change(em, next, row.seq))) throw changedMeanwhile('source');
      return next;
    });
  }

  private note(
    em: EntityManager,
    { key, origin }: Caller,
    action: Action,
    subjectId: string,
    details: Readonly<Record<string, string>>,
  ): Promise<number> {
    const at = this.clock.now();
    return this.journal.append(em, { action, at, userKey: key, actorKey: key, subjectId, origin, details });
  }
}

const EMPTY_STATE = {
  deleted_at: null,
  claimed_by: null,
  last_attempt_at: null,
  last_success_at: null,
  failures: 0,
  failure: null,
  runs: 0,
  items: 0,
  changed: 0,
  gone: 0,
  with_secrets: 0,
} as const satisfies Partial<SourceRow>;

function givenNames(change: SourceChange): string[] {
  return Object.entries(change).flatMap(([field, value]) => (value === undefined ? [] : [field]));
}

/** The options of a source as they were given. */
export function optionsOf(row: SourceRow): Fields {
  return JSON.parse(row.options) as Fields;
}
