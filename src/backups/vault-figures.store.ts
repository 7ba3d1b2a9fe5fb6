import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../platform/database/statement';
import type { BackupRunRow, VerificationRow } from './domain/vault.entity';

/** Counting stops here: a scrape must not count millions while the backup store is not available. */
export const PENDING_COUNTED = 100_000;

type Run = Pick<BackupRunRow, 'id' | 'kind' | 'started_at' | 'finished_at' | 'error'>;
const RUN = 'id, kind, started_at, finished_at, error';

const pending = new Statement<{ versions: number; since: number | null }>(
  `SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM versions WHERE seq > :stored LIMIT ${PENDING_COUNTED}) AS first_ones) AS versions,
   (SELECT at FROM journal WHERE seq > :stored ORDER BY seq LIMIT 1) AS since`,
);
const lastFailure = new Statement<Run>(
  `SELECT ${RUN} FROM backup_runs WHERE status IN ('failed', 'corrupt') ORDER BY id DESC LIMIT 1`,
);
const newest = new Statement<Run>(
  `SELECT ${RUN} FROM backup_runs WHERE object IS NOT NULL AND status IN (:...statuses) ORDER BY id DESC LIMIT 1`,
);
const extent = new Statement<{ objects: number; bytes: number; generations: number }>(
  `SELECT COUNT(*) AS objects, COALESCE(SUM(bytes), 0) AS bytes, COUNT(DISTINCT generation) AS generations
   FROM backup_runs WHERE object IS NOT NULL AND status IN ('stored', 'verified', 'corrupt')`,
);
const lastVerification = new Statement<VerificationRow>(
  `SELECT id, run_id, status, started_at, finished_at, objects, bytes, graphs, versions, recovery_ms, error
   FROM backup_verifications WHERE status <> 'running' ORDER BY id DESC LIMIT 1`,
);

/** Size of the copies according to their records, bytes. */
export interface VaultExtent {
  objects: number;
  bytes: number;
  generations: number;
}

/** Figures from the records of copies, for operators and metrics. */
@Injectable()
export class VaultFiguresStore {
  /** Versions that are only in the database, counted no further than PENDING_COUNTED, and since when (ms) the oldest event is; null for none. */
  async pending(em: EntityManager, stored: number): Promise<{ versions: number; since: number | null }> {
    const row = (await pending.one(em, { stored }))!;
    return { versions: Number(row.versions), since: row.since };
  }

  lastFailure(em: EntityManager): Promise<Run | undefined> {
    return lastFailure.one(em);
  }

  /** The newest existing copy; with `verified`, of those that were read back. */
  newest(em: EntityManager, verified: boolean): Promise<Run | undefined> {
    return newest.one(em, { statuses: verified ? ['verified'] : ['stored', 'verified'] });
  }

  async extent(em: EntityManager): Promise<VaultExtent> {
    const { objects, bytes, generations } = (await extent.one(em))!;
    return { objects: Number(objects), bytes: Number(bytes), generations: Number(generations) };
  }

  /** The newest verification that has ended. */
  lastVerification(em: EntityManager): Promise<VerificationRow | undefined> {
    return lastVerification.one(em);
  }
}
