import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { PERMISSIONS, Permission } from '../platform/access/permission';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError } from '../platform/errors/app-error';
import { encodeCursor, totalOf, type Page } from '../platform/http/pagination';
import { isUuid, uuidBytes, uuidText } from '../platform/ids/uuid';
import { AuditLogStore, type AuditFilter, type AuditPart, type AuditRow } from './audit-log.store';
import { ACTION_CODES, type Action } from './domain/actions';
import { unpackRequestId } from './domain/request-id';

/** The kinds of subjects of events. */
export const SUBJECT_TYPES = ['user', 'graph', 'source', 'policy', 'webhook', 'service'] as const;
export type SubjectType = (typeof SUBJECT_TYPES)[number];

/** An event as the API shows it. */
export interface AuditEvent {
  seq: number;
  /** Milliseconds since the epoch. */
  at: number;
  /** Owner of the data; null for events of the service and for deleted accounts. */
  userId: string | null;
  /** Null for the service itself, anonymous requests, and deleted accounts. */
  actorId: string | null;
  action: string;
  subjectType: SubjectType;
  subjectId: string | null;
  version: number | null;
  requestId: string | null;
  ip: string | null;
  details: Record<string, unknown> | null;
}

/** The requested events; times in ms since the epoch. */
export interface AuditRequest extends AuditPart {
  action?: Action | undefined;
  graphId?: string | undefined;
  userId?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

const NAMES = new Map<number, Action>(
  (Object.entries(ACTION_CODES) as Array<[Action, number]>).map(([name, code]) => [code, name]),
);

/** The audit log: the journal for people. Users see events about their own data, administrators see all events. */
@Injectable()
export class AuditLogService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: AuditLogStore,
  ) {}

  /** Lists events, newest first. 403 if the caller requests events of another account without permission. */
  async list(caller: Caller, request: AuditRequest): Promise<Page<AuditEvent>> {
    const filter = await this.filterOf(caller, request);
    if (!filter) return { items: [], total: 0, next: null };
    const { limit, skip, before } = request;
    const { rows, total } = await this.unitOfWork.read(async (em) => {
      const rows = await this.store.list(em, filter, { limit: limit + 1, skip, before });
      const count = (upTo: number) => this.store.count(em, filter, upTo);
      return { rows, total: await totalOf({ limit, skip, after: before }, rows.length, count) };
    });
    const items = rows.slice(0, limit).map((row) => eventOf(row, this.showsOrigin(caller, row)));
    const last = items.at(-1);
    return { items, total, next: rows.length > limit && last ? encodeCursor([last.seq]) : null };
  }

  /** Null if nothing can match, because an id is unknown. */
  private async filterOf(
    caller: Caller,
    { action, graphId, userId, from, to }: AuditRequest,
  ): Promise<AuditFilter | null> {
    const seesAll = this.seesAll(caller);
    if (userId !== undefined && userId.toLowerCase() !== caller.id && !seesAll) {
      throw new AppError(
        'forbidden',
        'forbidden',
        'Only administrators can read the events of other accounts.',
      );
    }
    const mine = { userKey: seesAll ? null : caller.key };
    const known = userId === undefined ? mine : await this.ofUser(userId);
    if (!known || (graphId !== undefined && !isUuid(graphId))) return null;
    return {
      ...known,
      action: action && ACTION_CODES[action],
      subjectId: graphId === undefined ? undefined : uuidBytes(graphId),
      from,
      to,
    };
  }

  /** Who changed something of the caller stays visible; from where, only if it was the caller or a stranger. */
  private showsOrigin(caller: Caller, { actor_key }: AuditRow): boolean {
    return this.seesAll(caller) || actor_key === null || actor_key === caller.key;
  }

  private seesAll({ role }: Caller): boolean {
    return PERMISSIONS[role].has(Permission.Administer);
  }

  private async ofUser(userId: string): Promise<{ userKey: number } | null> {
    if (!isUuid(userId)) return null;
    const userKey = await this.unitOfWork.read((em) => this.store.userKey(em, uuidBytes(userId)));
    return userKey === undefined ? null : { userKey };
  }
}

/** `showsOrigin`: with the address and the request id. */
function eventOf(row: AuditRow, showsOrigin: boolean): AuditEvent {
  const action = NAMES.get(row.action) ?? `unknown.${row.action}`;
  return {
    seq: row.seq,
    at: row.at,
    userId: idOf(row.user_id),
    actorId: idOf(row.actor_id),
    action,
    subjectType: subjectTypeOf(action),
    subjectId: idOf(row.subject_id),
    version: row.version,
    requestId: showsOrigin ? row.request_id && unpackRequestId(row.request_id) : null,
    ip: showsOrigin ? row.ip : null,
    details: row.details === null ? null : (JSON.parse(row.details) as Record<string, unknown>),
  };
}

function idOf(bytes: Buffer | null): string | null {
  return bytes && uuidText(bytes);
}

// The subject of a version event is the graph's id and the version's number.
function subjectTypeOf(action: string): SubjectType {
  if (action.startsWith('user.')) return 'user';
  if (action.startsWith('policy.')) return 'policy';
  if (action.startsWith('source.')) return 'source';
  if (action.startsWith('webhook.')) return 'webhook';
  return /^(graph|versions?)\./.test(action) ? 'graph' : 'service';
}
