import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement, type SqlParams } from '../platform/database/statement';
import type { JournalEventRow } from './domain/journal-event.entity';
import { setOwnMember } from '../platform/hardening/own-member';

/** An event with public ids in addition to its keys; an id is null if its account was deleted. */
export interface AuditRow extends JournalEventRow {
  user_id: Buffer | null;
  actor_id: Buffer | null;
}

/** The requested events. */
export interface AuditFilter {
  /** Null: events of all users, and of the service itself. */
  userKey: number | null;
  action?: number | undefined;
  subjectId?: Buffer | undefined;
  /** Milliseconds since the epoch; from inclusive, to exclusive. */
  from?: number | undefined;
  to?: number | undefined;
}

export interface AuditPart {
  limit: number;
  skip: number;
  /** Events below this seq. */
  before: number | null;
}

const SELECT = `SELECT j.seq, j.at, j.user_key, j.actor_key, j.action, j.subject_id, j.version, j.request_id, j.ip, j.details,
  u.user_id, a.user_id AS actor_id
  FROM journal j LEFT JOIN user_keys u ON u.user_key = j.user_key LEFT JOIN user_keys a ON a.user_key = j.actor_key`;

const userKeyOf = new Statement<{ user_key: number }>(
  'SELECT user_key FROM user_keys WHERE user_id = :user_id',
);

/** The journal for readers, newest first. */
@Injectable()
export class AuditLogStore {
  private readonly lists = new Map<string, Statement<AuditRow>>();
  private readonly counts = new Map<string, Statement<{ total: number }>>();

  async list(
    em: EntityManager,
    filter: AuditFilter,
    { limit, skip, before }: AuditPart,
  ): Promise<AuditRow[]> {
    const { where, params } = conditions(filter, before);
    const list = remembered(
      this.lists,
      where,
      () => new Statement<AuditRow>(`${SELECT} ${where} ORDER BY j.seq DESC LIMIT :limit OFFSET :skip`),
    );
    return list.all(em, { ...params, limit, skip });
  }

  async count(em: EntityManager, filter: AuditFilter): Promise<number> {
    const { where, params } = conditions(filter, null);
    const count = remembered(
      this.counts,
      where,
      () => new Statement<{ total: number }>(`SELECT COUNT(*) AS total FROM journal j ${where}`),
    );
    return Number((await count.one(em, params))?.total ?? 0);
  }

  /** The key of the account with this id; undefined if there is none. */
  async userKey(em: EntityManager, userId: Buffer): Promise<number | undefined> {
    return (await userKeyOf.one(em, { user_id: userId }))?.user_key;
  }
}

function conditions(filter: AuditFilter, before: number | null): { where: string; params: SqlParams } {
  const { userKey, action, subjectId, from, to } = filter;
  const wanted: Array<[string, string, SqlParams[string] | null | undefined]> = [
    ['j.user_key = :user_key', 'user_key', userKey],
    ['j.action = :action', 'action', action],
    ['j.subject_id = :subject_id', 'subject_id', subjectId],
    ['j.at >= :from_at', 'from_at', from],
    ['j.at < :to_at', 'to_at', to],
    ['j.seq < :before', 'before', before],
  ];
  const params: SqlParams = {};
  const parts: string[] = [];
  for (const [sql, name, value] of wanted) {
    if (value === undefined || value === null) continue;
    parts.push(sql);
    setOwnMember<SqlParams[string]>(params, name, value);
  }
  return { where: parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '', params };
}

function remembered<T>(statements: Map<string, T>, key: string, make: () => T): T {
  let statement = statements.get(key);
  if (!statement) statements.set(key, (statement = make()));
  return statement;
}
