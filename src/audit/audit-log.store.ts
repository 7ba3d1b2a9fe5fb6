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

/** Events that one statement of a filtered list looks at: some milliseconds on SQLite, after which others get a turn. */
const SLICE = 2_500;
const ABOVE_ALL = Number.MAX_SAFE_INTEGER;

const SELECT = `SELECT j.seq, j.at, j.user_key, j.actor_key, j.action, j.subject_id, j.version, j.request_id, j.ip, j.details,
  u.user_id, a.user_id AS actor_id
  FROM journal j LEFT JOIN user_keys u ON u.user_key = j.user_key LEFT JOIN user_keys a ON a.user_key = j.actor_key`;

const userKeyOf = new Statement<{ user_key: number }>(
  'SELECT user_key FROM user_keys WHERE user_id = :user_id',
);

/** The journal for readers, newest first. */
@Injectable()
export class AuditLogStore {
  private readonly statements = new Map<string, Statement<unknown>>();

  /** A skip passes over an index alone. A filter looks at the events in slices, so that no statement takes long. */
  async list(em: EntityManager, filter: AuditFilter, part: AuditPart): Promise<AuditRow[]> {
    const { limit, skip, before } = part;
    const isFiltered = wantedOf(filter).parts.length > 0;
    const seqs = isFiltered
      ? await this.filtered(em, filter, before ?? ABOVE_ALL, skip + limit)
      : await this.seqs(em, filter, { above: -1, below: before ?? ABOVE_ALL }, limit, skip);
    const shown = isFiltered ? seqs.slice(skip) : seqs;
    if (shown.length === 0) return [];
    const { where, params } = ownerOf(filter);
    const sql = `${SELECT} WHERE ${where} j.seq IN (:...seqs) ORDER BY j.seq DESC`;
    return this.statement<AuditRow>(sql).all(em, { ...params, seqs: shown });
  }

  /** Counts the events of a list. Returns `upTo` if that many had to be looked at, whether they match or not. */
  async count(em: EntityManager, filter: AuditFilter, upTo: number): Promise<number> {
    const owner = ownerOf(filter);
    const wanted = wantedOf(filter);
    const matches = wanted.parts.length > 0 ? wanted.parts.join(' AND ') : '1 = 1';
    const columns = wanted.parts.length > 0 ? 'j.seq, j.at, j.action, j.subject_id' : 'j.seq';
    const sql = `SELECT COUNT(*) AS seen, COUNT(CASE WHEN ${matches} THEN 1 END) AS total FROM (
      SELECT ${columns} FROM journal j WHERE ${owner.where} j.seq > 0 ORDER BY j.seq DESC LIMIT :up_to) AS j`;
    const counted = this.statement<{ seen: number; total: number }>(sql);
    const row = await counted.one(em, { ...owner.params, ...wanted.params, up_to: upTo });
    return Number(row?.seen ?? 0) >= upTo ? upTo : Number(row?.total ?? 0);
  }

  /** The key of the account with this id; undefined if there is none. */
  async userKey(em: EntityManager, userId: Buffer): Promise<number | undefined> {
    return (await userKeyOf.one(em, { user_id: userId }))?.user_key;
  }

  /** The newest `limit` numbers below `before` of events that match. */
  private async filtered(
    em: EntityManager,
    filter: AuditFilter,
    before: number,
    limit: number,
  ): Promise<number[]> {
    const found: number[] = [];
    const { userKey } = filter;
    for (let below = before; found.length < limit;) {
      const [end] = await this.seqs(em, { userKey }, { above: -1, below }, 1, SLICE);
      const slice = { above: end === undefined ? -1 : end - 1, below };
      found.push(...(await this.seqs(em, filter, slice, limit - found.length, 0)));
      if (end === undefined) break;
      below = end;
    }
    return found;
  }

  private async seqs(
    em: EntityManager,
    filter: AuditFilter,
    { above, below }: { above: number; below: number },
    limit: number,
    skip: number,
  ): Promise<number[]> {
    const owner = ownerOf(filter);
    const wanted = wantedOf(filter);
    const where = [...wanted.parts, 'j.seq > :above', 'j.seq < :below'].join(' AND ');
    const sql = `SELECT j.seq FROM journal j WHERE ${owner.where} ${where} ORDER BY j.seq DESC LIMIT :limit OFFSET :skip`;
    const params = { ...owner.params, ...wanted.params, above, below, limit, skip };
    return (await this.statement<{ seq: number }>(sql).all(em, params)).map(({ seq }) => Number(seq));
  }

  private statement<Row>(sql: string): Statement<Row> {
    let statement = this.statements.get(sql);
    if (!statement) this.statements.set(sql, (statement = new Statement<unknown>(sql)));
    return statement as Statement<Row>;
  }
}

/** Whose events; an empty condition for those of all users. */
function ownerOf({ userKey }: AuditFilter): { where: string; params: SqlParams } {
  if (userKey === null) return { where: '', params: {} };
  return { where: 'j.user_key = :user_key AND', params: { user_key: userKey } };
}

/** The conditions that no index of the journal has. */
function wantedOf({ action, subjectId, from, to }: AuditFilter): { parts: string[]; params: SqlParams } {
  const wanted: Array<[string, string, SqlParams[string] | undefined]> = [
    ['j.action = :action', 'action', action],
    ['j.subject_id = :subject_id', 'subject_id', subjectId],
    ['j.at >= :from_at', 'from_at', from],
    ['j.at < :to_at', 'to_at', to],
  ];
  const params: SqlParams = {};
  const parts: string[] = [];
  for (const [sql, name, value] of wanted) {
    if (value === undefined) continue;
    parts.push(sql);
    setOwnMember<SqlParams[string]>(params, name, value);
  }
  return { parts, params };
}
