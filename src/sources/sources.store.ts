import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { assignments, columnsOf, placeholders } from '../platform/database/columns';
import { Statement } from '../platform/database/statement';
import { sourceSchema, type SourceRow } from './domain/source.entity';

const COLUMNS = columnsOf(sourceSchema);
const ALL = COLUMNS.join(', ');
/** What a person sets. */
const SETTINGS = [
  'id',
  'seq',
  'deleted_at',
  'enabled',
  'every_minutes',
  'name',
  'url',
  'options',
  'hook_sha256',
  'credentials',
  'next_attempt_at',
] as const;
const ONE = 'user_key = :user_key AND key = :key';

const insert = new Statement(`INSERT INTO sources (${ALL}) VALUES (${placeholders(COLUMNS)})`);
const find = new Statement<SourceRow>(
  `SELECT ${ALL} FROM sources WHERE user_key = :user_key AND id = :id AND deleted_at IS NULL`,
);
const byKey = new Statement<SourceRow>(`SELECT ${ALL} FROM sources WHERE ${ONE}`);
const list = new Statement<SourceRow>(
  `SELECT ${ALL} FROM sources WHERE user_key = :user_key AND deleted_at IS NULL ORDER BY key DESC LIMIT :limit OFFSET :skip`,
);
const count = new Statement<{ total: number }>(
  'SELECT COUNT(*) AS total FROM sources WHERE user_key = :user_key AND deleted_at IS NULL',
);
const removedTwin = new Statement<SourceRow>(
  `SELECT ${ALL} FROM sources WHERE user_key = :user_key AND kind = :kind AND url = :url AND deleted_at IS NOT NULL
   ORDER BY deleted_at DESC LIMIT 1`,
);
const change = new Statement(
  `UPDATE sources SET ${assignments(SETTINGS)} WHERE ${ONE} AND seq = :expected_seq`,
);
const due = new Statement<SourceRow>(
  `SELECT ${ALL} FROM sources WHERE next_attempt_at <= :now AND (claimed_by IS NULL OR claimed_by <> :run)
   ORDER BY next_attempt_at LIMIT :limit`,
);
const claim = new Statement(
  `UPDATE sources SET claimed_by = :run, last_attempt_at = :now, runs = runs + 1
   WHERE ${ONE} AND next_attempt_at = :next_attempt_at AND (claimed_by IS NULL OR claimed_by <> :run)`,
);
// A request that came during the run has set another time, which stays.
const release = new Statement(
  `UPDATE sources SET claimed_by = NULL, next_attempt_at = CASE WHEN next_attempt_at = :as_claimed THEN :next ELSE next_attempt_at END,
   last_success_at = COALESCE(:last_success_at, last_success_at), failures = :failures, failure = :failure,
   items = :items, changed = :changed, gone = :gone, with_secrets = :with_secrets WHERE ${ONE} AND claimed_by = :run`,
);
const request = new Statement(
  `UPDATE sources SET next_attempt_at = CASE WHEN claimed_by IS NULL AND next_attempt_at < :at THEN next_attempt_at ELSE :at END
   WHERE ${ONE} AND deleted_at IS NULL`,
);
const oldestDue = new Statement<{ at: number | null }>('SELECT MIN(next_attempt_at) AS at FROM sources');
const failing = new Statement<Pick<SourceRow, 'id'>>(
  'SELECT id FROM sources WHERE failures > 0 AND deleted_at IS NULL LIMIT :limit',
);
const reset = new Statement(
  `UPDATE sources SET claimed_by = NULL, last_attempt_at = NULL, last_success_at = NULL, failures = 0, failure = NULL,
   items = 0, changed = 0, gone = 0, with_secrets = 0 WHERE ${ONE}`,
);
const removeOfUser = new Statement('DELETE FROM sources WHERE user_key = :user_key');

/** How a run ended, for the source's row. Times in ms since the epoch. */
export interface Release {
  /** The number of the job's run that has claimed the source. */
  run: number;
  /** `next_attempt_at` as it was claimed, and as it becomes; null: not by itself. */
  as_claimed: number;
  next: number | null;
  last_success_at: number | null;
  failures: number;
  failure: string | null;
  items: number;
  changed: number;
  gone: number;
  with_secrets: number;
}

type Place = Pick<SourceRow, 'user_key' | 'key'>;

/** The rows of sources. */
@Injectable()
export class SourcesStore {
  async insert(em: EntityManager, row: SourceRow): Promise<void> {
    await insert.run(em, { ...row });
  }

  /** A source of the user that was not removed. */
  find(em: EntityManager, userKey: number, id: Buffer): Promise<SourceRow | undefined> {
    return find.one(em, { user_key: userKey, id });
  }

  byKey(em: EntityManager, { user_key, key }: Place): Promise<SourceRow | undefined> {
    return byKey.one(em, { user_key, key });
  }

  list(em: EntityManager, userKey: number, limit: number, skip: number): Promise<SourceRow[]> {
    return list.all(em, { user_key: userKey, limit, skip });
  }

  async count(em: EntityManager, userKey: number): Promise<number> {
    return Number((await count.one(em, { user_key: userKey }))?.total ?? 0);
  }

  /** The source of the user with this address that was removed last. */
  removedTwin(em: EntityManager, userKey: number, kind: number, url: string): Promise<SourceRow | undefined> {
    return removedTwin.one(em, { user_key: userKey, kind, url });
  }

  /** Compare and set: writes the settings of a row. Returns false if its seq is not `expectedSeq` any more. */
  async change(em: EntityManager, row: SourceRow, expectedSeq: number): Promise<boolean> {
    return (await change.run(em, { ...row, expected_seq: expectedSeq })) === 1;
  }

  /**
   * Sources of all users that are due and not claimed by the job's run `run`, the longest due first. A source that a
   * killed run had claimed is still due. For the job.
   */
  due(em: EntityManager, now: number, run: number, limit: number): Promise<SourceRow[]> {
    return due.all(em, { now, run, limit });
  }

  /** Claims a due source. Returns false if it is not due as it was read any more. */
  async claim(em: EntityManager, row: SourceRow, run: number, now: number): Promise<boolean> {
    const { user_key, key, next_attempt_at } = row;
    return (await claim.run(em, { user_key, key, next_attempt_at, run, now })) === 1;
  }

  /** Records the end of a run. Returns false if another run of the job has claimed the source since. */
  async release(em: EntityManager, { user_key, key }: Place, end: Release): Promise<boolean> {
    return (await release.run(em, { user_key, key, ...end })) === 1;
  }

  /** Makes a source due at `at`, or earlier if it is due earlier and not running. */
  async request(em: EntityManager, { user_key, key }: Place, at: number): Promise<void> {
    await request.run(em, { user_key, key, at });
  }

  /** Forgets what runs have recorded on a row that a new source takes over. */
  async reset(em: EntityManager, { user_key, key }: Place): Promise<void> {
    await reset.run(em, { user_key, key });
  }

  /** When the longest due source of all users was due, ms since the epoch; null if none is scheduled. */
  async oldestDue(em: EntityManager): Promise<number | null> {
    return (await oldestDue.one(em))?.at ?? null;
  }

  /** Some failing sources of all users. Reads an index of failing sources only. */
  failing(em: EntityManager, limit: number): Promise<Array<Pick<SourceRow, 'id'>>> {
    return failing.all(em, { limit });
  }

  async removeOfUser(em: EntityManager, userKey: number): Promise<void> {
    await removeOfUser.run(em, { user_key: userKey });
  }
}
