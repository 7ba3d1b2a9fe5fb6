import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { columnsOf, placeholders } from '../platform/database/columns';
import { Statement } from '../platform/database/statement';
import { RUN_STATUSES, sourceRunSchema, type SourceRunRow } from './domain/source-run.entity';

/** Runs of a source that are kept. */
const KEPT = 100;

const COLUMNS = columnsOf(sourceRunSchema);
const OF_SOURCE = 'user_key = :user_key AND source_key = :source_key';
const RUNNING = RUN_STATUSES.indexOf('running');
const INTERRUPTED = RUN_STATUSES.indexOf('interrupted');

const put = new Statement(
  `INSERT INTO source_runs (${COLUMNS.join(', ')}) VALUES (${placeholders(COLUMNS)})
   ON CONFLICT (user_key, source_key, number) DO UPDATE SET ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}`,
);
const interrupt = new Statement(
  `UPDATE source_runs SET status = ${INTERRUPTED}, finished_at = :now WHERE ${OF_SOURCE} AND number = :number AND status = ${RUNNING}`,
);
const prune = new Statement(`DELETE FROM source_runs WHERE ${OF_SOURCE} AND number <= :until`);
const list = new Statement<SourceRunRow>(
  `SELECT ${COLUMNS.join(', ')} FROM source_runs WHERE ${OF_SOURCE} ORDER BY number DESC LIMIT :limit OFFSET :skip`,
);
const count = new Statement<{ total: number }>(
  `SELECT COUNT(*) AS total FROM source_runs WHERE ${OF_SOURCE}`,
);
const removeOfUser = new Statement('DELETE FROM source_runs WHERE user_key = :user_key');

/** The records of runs; the newest of each source are kept. */
@Injectable()
export class SourceRunsStore {
  /** Records the beginning of a run: the one before it, if it was killed, is recorded as interrupted. */
  async begin(em: EntityManager, row: SourceRunRow): Promise<void> {
    const place = { user_key: row.user_key, source_key: row.source_key };
    await interrupt.run(em, { ...place, number: row.number - 1, now: row.started_at });
    await prune.run(em, { ...place, until: row.number - KEPT });
    await put.run(em, { ...row });
  }

  async end(em: EntityManager, row: SourceRunRow): Promise<void> {
    await put.run(em, { ...row });
  }

  /** The newest runs first. */
  list(
    em: EntityManager,
    place: { user_key: number; source_key: number },
    part: { limit: number; skip: number },
  ): Promise<SourceRunRow[]> {
    return list.all(em, { ...place, ...part });
  }

  async count(em: EntityManager, place: { user_key: number; source_key: number }): Promise<number> {
    return Number((await count.one(em, { ...place }))?.total ?? 0);
  }

  async removeOfUser(em: EntityManager, userKey: number): Promise<void> {
    await removeOfUser.run(em, { user_key: userKey });
  }
}
