import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement, type SqlValue } from '../platform/database/statement';
import type { BackupRunRow, VaultStateRow, VerificationRow } from './domain/vault.entity';

const STATE = `id, lineage, generation, next_index, tip, tip_sha256, stored_seq, seal, expired_seal, verified_seq, sweep_seq, needs_full, full_at,
  ok_at, stored_at, verified_at, recovery_ms`;
const RUN = `id, kind, status, lineage, generation, place, from_seq, to_seq, versions, bytes, object, sha256, started_at,
  finished_at, verified_at, read_at, error`;
const VERIFICATION =
  'id, run_id, after_copy, status, started_at, finished_at, objects, bytes, graphs, versions, recovery_ms, error';
const named = (columns: string) => columns.replace(/\w+/g, ':$&');
const assigned = (columns: string) => columns.replace(/\w+/g, '$& = :$&');
const without = (columns: string, ...left: string[]) =>
  columns
    .split(/,\s*/)
    .filter((column) => !left.includes(column))
    .join(', ');

/** Most pending versions of a user that are counted: the response must not take longer with each of them. */
export const PENDING_OF_USER_COUNTED = 10_000;

const state = new Statement<VaultStateRow>(`SELECT ${STATE} FROM vault_state WHERE id = 1`);
const insertState = new Statement(`INSERT INTO vault_state (${STATE}) VALUES (${named(STATE)})`);
const updateState = new Statement(`UPDATE vault_state SET ${assigned(without(STATE, 'id'))} WHERE id = 1`);
const markOk = new Statement('UPDATE vault_state SET ok_at = :ok_at WHERE id = 1');

const insertRun = new Statement(`INSERT INTO backup_runs (${RUN}) VALUES (${named(RUN)})`);
const updateRun = new Statement(`UPDATE backup_runs SET ${assigned(without(RUN, 'id'))} WHERE id = :id`);
const interrupted = new Statement(
  `UPDATE backup_runs SET status = 'failed', finished_at = :now, error = :error WHERE status = 'running' AND id <> :id`,
);
const run = new Statement<BackupRunRow>(`SELECT ${RUN} FROM backup_runs WHERE id = :id`);
const runs = new Statement<BackupRunRow>(
  `SELECT ${RUN} FROM backup_runs WHERE id < :before ORDER BY id DESC LIMIT :limit OFFSET :skip`,
);
const countRuns = new Statement<{ total: number }>(
  'SELECT COUNT(*) AS total FROM (SELECT id FROM backup_runs LIMIT :up_to) AS counted',
);
const ofGeneration = new Statement<BackupRunRow>(
  `SELECT ${RUN} FROM backup_runs WHERE lineage = :lineage AND generation = :generation AND object IS NOT NULL ORDER BY place, id`,
);
const byObject = new Statement<{ object: string }>(
  'SELECT object FROM backup_runs WHERE lineage = :lineage AND generation = :generation AND place = :place AND object = :object',
);
const verifiedFulls = new Statement<{ generation: number }>(
  `SELECT DISTINCT generation FROM backup_runs WHERE lineage = :lineage AND place = 0 AND status = 'verified' AND object IS NOT NULL
   AND generation NOT IN (SELECT generation FROM backup_runs WHERE lineage = :lineage AND status = 'corrupt')`,
);
const corruptOnes = new Statement<{ generation: number }>(
  `SELECT DISTINCT generation FROM backup_runs WHERE lineage = :lineage AND status = 'corrupt'`,
);
const markVerified = new Statement(
  `UPDATE backup_runs SET status = 'verified', verified_at = :now WHERE lineage = :lineage AND generation = :generation
   AND place <= :place AND status = 'stored'`,
);
const markCorrupt = new Statement(
  `UPDATE backup_runs SET status = 'corrupt', error = :error WHERE lineage = :lineage AND generation = :generation AND object = :object`,
);
const expired = new Statement(
  'UPDATE backup_runs SET object = NULL WHERE lineage = :lineage AND generation = :generation',
);
const expiredRun = new Statement<{ place: number }>(
  `SELECT place FROM backup_runs WHERE lineage = :lineage AND generation = :generation AND object IS NULL AND sha256 IS NOT NULL LIMIT 1`,
);
const forgetRuns = new Statement('DELETE FROM backup_runs WHERE object IS NULL AND started_at < :before');
const failedRuns = new Statement<{ total: number }>(
  `SELECT COUNT(*) AS total FROM backup_runs WHERE status IN ('failed', 'corrupt') AND started_at >= :since`,
);

const insertVerification = new Statement(
  `INSERT INTO backup_verifications (${VERIFICATION}) VALUES (${named(VERIFICATION)})`,
);
const updateVerification = new Statement(
  `UPDATE backup_verifications SET ${assigned(without(VERIFICATION, 'id'))} WHERE id = :id`,
);
const interruptedVerifications = new Statement(
  `UPDATE backup_verifications SET status = 'failed', finished_at = :now, error = :error WHERE status = 'running' AND after_copy = :after_copy AND id <> :id`,
);
const verifications = new Statement<VerificationRow>(
  `SELECT ${VERIFICATION} FROM backup_verifications ORDER BY id DESC LIMIT :limit`,
);

// By the user's own events: each version carries the number of the event that wrote its row last.
const pendingOf = new Statement<{ versions: number; oldest: number | null }>(
  `SELECT COUNT(*) AS versions, MIN(seq) AS oldest FROM (
     SELECT v.seq AS seq FROM journal j JOIN versions v ON v.seq = j.seq
     WHERE j.user_key = :user_key AND j.seq > :stored ORDER BY j.seq LIMIT ${PENDING_OF_USER_COUNTED}
   ) AS first_ones`,
);
const eventAt = new Statement<{ at: number }>('SELECT at FROM journal WHERE seq = :seq');
const share = new Statement<{ user_key: number; graph_key: number; seq: number; bytes: number }>(
  `SELECT user_key, graph_key, seq, octet_length(frame) AS bytes FROM versions WHERE seq > :after AND seq <= :up_to ORDER BY seq LIMIT :limit`,
);
/** Versions whose facts are read by one statement: a few milliseconds. */
const FACTS_AT_ONCE = 1_000;
const facts = new Statement<VersionFact>(
  // The rest of a graph that is being purged is ignored.
  `SELECT version, seq, config_bytes, config_sha256 FROM versions WHERE user_key = :user_key AND graph_key = :graph_key
   AND version > :after AND EXISTS (SELECT 1 FROM graphs WHERE user_key = :user_key AND key = :graph_key)
   ORDER BY version LIMIT ${FACTS_AT_ONCE}`,
);

/** A version in the database, to compare with the copies. */
export interface VersionFact {
  version: number;
  seq: number;
  config_bytes: number;
  config_sha256: Buffer;
}

const LAST_ID = Buffer.alloc(16, 0xff);

/** The records of copies: state, runs, verifications, and the versions they cover. */
@Injectable()
export class VaultStore {
  state(em: EntityManager): Promise<VaultStateRow | undefined> {
    return state.one(em);
  }

  async insertState(em: EntityManager, row: VaultStateRow): Promise<void> {
    await insertState.run(em, values(row));
  }

  async updateState(em: EntityManager, row: VaultStateRow): Promise<void> {
    await updateState.run(em, values(row));
  }

  /** Records that a run succeeded at `now` (ms). */
  async markOk(em: EntityManager, now: number): Promise<void> {
    await markOk.run(em, { ok_at: now });
  }

  async insertRun(em: EntityManager, row: BackupRunRow): Promise<void> {
    await insertRun.run(em, values(row));
  }

  async updateRun(em: EntityManager, row: BackupRunRow): Promise<void> {
    await updateRun.run(em, values(row));
  }

  /** Ends the records of runs that were killed: only `id` is running. */
  async endInterrupted(em: EntityManager, id: Buffer, now: number): Promise<void> {
    await interrupted.run(em, { id, now, error: 'It was interrupted.' });
  }

  run(em: EntityManager, id: Buffer): Promise<BackupRunRow | undefined> {
    return run.one(em, { id });
  }

  /** Newest first, below the id `before`, with the number of all. */
  runs(em: EntityManager, before: Buffer | null, limit: number, skip: number): Promise<BackupRunRow[]> {
    return runs.all(em, { before: before ?? LAST_ID, limit, skip });
  }

  /** Counts the runs, up to `upTo`. */
  async countRuns(em: EntityManager, upTo: number): Promise<number> {
    return Number((await countRuns.one(em, { up_to: upTo }))?.total ?? 0);
  }

  /** The runs whose segments belong to a generation, in order. */
  ofGeneration(em: EntityManager, lineage: string, generation: number): Promise<BackupRunRow[]> {
    return ofGeneration.all(em, { lineage, generation });
  }

  /** Whether a run of this database wrote, or began to write, an object. */
  async knows(
    em: EntityManager,
    place: { lineage: string; generation: number; place: number; object: string },
  ): Promise<boolean> {
    return (await byObject.one(em, place)) !== undefined;
  }

  /** The generations whose full segment is verified and of which no segment is known to be damaged. */
  async verifiedGenerations(em: EntityManager, lineage: string): Promise<number[]> {
    return (await verifiedFulls.all(em, { lineage })).map(({ generation }) => generation);
  }

  /** The generations of which a segment is known to be damaged. */
  async corruptGenerations(em: EntityManager, lineage: string): Promise<number[]> {
    return (await corruptOnes.all(em, { lineage })).map(({ generation }) => generation);
  }

  /** Records that the stored segments of a generation up to a place were read back undamaged. */
  async markVerified(
    em: EntityManager,
    lineage: string,
    generation: number,
    place: number,
    now: number,
  ): Promise<void> {
    await markVerified.run(em, { lineage, generation, place, now });
  }

  async markCorrupt(
    em: EntityManager,
    lineage: string,
    generation: number,
    object: string,
    error: string,
  ): Promise<void> {
    await markCorrupt.run(em, { lineage, generation, object, error });
  }

  /** Records that a generation's segments were removed. */
  async markExpired(em: EntityManager, lineage: string, generation: number): Promise<void> {
    await expired.run(em, { lineage, generation });
  }

  /** Whether a generation's segments have been removed, or are being removed. */
  async isExpired(em: EntityManager, lineage: string, generation: number): Promise<boolean> {
    return (await expiredRun.one(em, { lineage, generation })) !== undefined;
  }

  /** Removes the records of runs before a time (ms) whose segments were removed. */
  async forgetRuns(em: EntityManager, before: number): Promise<void> {
    await forgetRuns.run(em, { before });
  }

  async failedSince(em: EntityManager, since: number): Promise<number> {
    return Number((await failedRuns.one(em, { since }))?.total ?? 0);
  }

  /** Begins a record; of the two jobs that verify, each has one run at a time, so others that run were killed. */
  async insertVerification(em: EntityManager, row: VerificationRow): Promise<void> {
    const { id, after_copy, started_at: now } = row;
    await interruptedVerifications.run(em, { id, after_copy, now, error: 'It was interrupted.' });
    await insertVerification.run(em, values(row));
  }

  async updateVerification(em: EntityManager, row: VerificationRow): Promise<void> {
    await updateVerification.run(em, values(row));
  }

  verifications(em: EntityManager, limit: number): Promise<VerificationRow[]> {
    return verifications.all(em, { limit });
  }

  /** Counts the versions of a user that are not copied yet, up to PENDING_OF_USER_COUNTED, with the number of the oldest one's event; null if all are copied. */
  async pendingOf(
    em: EntityManager,
    userKey: number,
    stored: number,
  ): Promise<{ versions: number; oldest: number | null }> {
    const { versions, oldest } = (await pendingOf.one(em, { user_key: userKey, stored }))!;
    return { versions: Number(versions), oldest: oldest === null ? null : Number(oldest) };
  }

  /** The time of a journal event, ms since the epoch. */
  async eventAt(em: EntityManager, seq: number): Promise<number | null> {
    return (await eventAt.one(em, { seq }))?.at ?? null;
  }

  /** The next versions after the event `after` up to `upTo`, with the length of their frames. */
  share(em: EntityManager, after: number, upTo: number, limit: number) {
    return share.all(em, { after, up_to: upTo, limit });
  }

  /** All versions of a graph, read in parts. */
  async facts(em: EntityManager, userKey: number, graphKey: number): Promise<VersionFact[]> {
    const found: VersionFact[] = [];
    for (let after = 0; ;) {
      const part = await facts.all(em, { user_key: userKey, graph_key: graphKey, after });
      found.push(...part);
      const last = part.at(-1);
      if (!last || part.length < FACTS_AT_ONCE) return found;
      after = last.version;
    }
  }
}

function values(row: object): Record<string, SqlValue> {
  return { ...row };
}
