import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { JournalService } from '../audit/journal.service';
import { NO_USAGE, sumOf, type UsageCounts } from '../usage/usage.service';
import { CHANGES, VersionsService, changeOf, type ListedVersion } from '../versions/versions.service';
import type { Caller } from '../platform/access/caller';
import { OnAccountRemoved, type RemovedAccount } from '../platform/access/on-account-removed.decorator';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError, invalid } from '../platform/errors/app-error';
import { isUuid, uuidBytes, uuidText, uuidTime } from '../platform/ids/uuid';
import type { GraphRow } from '../graphs/domain/graph.entity';
import type { StagedChangeRow } from './domain/staged-change.entity';
import { decideRecovery, unreachable, type PastVersion, type RecoveryDecision } from './domain/recovery-plan';
import { refOf } from '../graphs/graph-reader.service';
import { GraphQueue } from '../graphs/graph-queue';
import {
  GraphWriterService,
  unchangedFields,
  type Next,
  type PlannedChange,
} from '../graphs/graph-writer.service';
import { TrashRetentionService } from '../graphs/trash-retention.service';
import { GraphsStore } from '../graphs/graphs.store';
import { ConcurrentChangeError } from '../graphs/domain/concurrent-change.error';
import { RecoveryStore, type StagedOutline } from './recovery.store';

/** What happens to a graph. */
export interface RecoveryEntry extends RecoveryDecision {
  graphId: string;
  /** The current title; null for a graph that was purged. */
  title: string | null;
}

/** A recovery, run or previewed. */
export interface Recovery {
  at: number;
  dryRun: boolean;
  /** When it ran, ms; a recovery to one millisecond earlier undoes it. Null for a preview. */
  recoveredAt: number | null;
  entries: RecoveryEntry[];
}

/** The requested recovery; `graphIds` null: all graphs. */
export interface RecoveryRequest {
  at: number;
  dryRun: boolean;
  graphIds: readonly string[] | null;
}

/** Rows of graphs in memory at a time. */
const BATCH = 50;
/** Graphs that are compared and encoded in one turn of the event loop: about 10 ms. */
const DECIDED_AT_ONCE = 10;
/** Staged changes that are applied after one query, in one turn of the event loop. */
const APPLY_BATCH = 50;
/** Staged changes in memory before they are written, bytes; a row counts as 1 KiB in addition to its frames. */
const STAGED_AT_ONCE_BYTES = 1024 * 1024;
const STAGED_ROW_BYTES = 1024;
/** Attempts of a recovery whose graphs are changed by other requests. */
const ATTEMPTS = 3;

/** Restores a whole account to a point in time: previewed first, then all or nothing, in bounded memory. */
@Injectable()
export class RecoveryService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly graphs: GraphsStore,
    private readonly staged: RecoveryStore,
    private readonly versions: VersionsService,
    private readonly writer: GraphWriterService,
    private readonly journal: JournalService,
    private readonly queue: GraphQueue,
    private readonly clock: Clock,
    private readonly trash: TrashRetentionService,
  ) {}

  /** Previews or runs a recovery. 422 for a time in the future, 409 if graphs keep changing during the recovery. */
  async run(caller: Caller, request: RecoveryRequest): Promise<Recovery> {
    if (request.at > this.clock.now()) {
      throw new AppError(
        'unprocessable',
        'time-out-of-reach',
        'This time is in the future. Choose one in the past.',
      );
    }
    const strange = request.graphIds?.find((id) => !isUuid(id));
    if (strange !== undefined) throw invalid([{ field: 'graph_ids', message: 'must contain graph ids' }]);
    if (request.dryRun) return this.preview(caller, request);
    // One recovery per account at a time in this process: the staged rows belong to the account.
    return this.queue.run(caller.key, 'recovery', () => this.apply(caller, request));
  }

  /** Removes the staged changes of an account that is being deleted. */
  @OnAccountRemoved()
  forgetAccount({ key }: RemovedAccount): Promise<void> {
    return this.unitOfWork.write((em) => this.staged.clear(em, key));
  }

  private async preview(caller: Caller, request: RecoveryRequest): Promise<Recovery> {
    const entries: RecoveryEntry[] = [];
    for await (const { row, decision } of this.decisions(caller, request))
      entries.push(entryOf(row, decision));
    entries.push(...(await this.gone(caller, request)));
    return { at: request.at, dryRun: true, recoveredAt: null, entries };
  }

  private async apply(caller: Caller, request: RecoveryRequest): Promise<Recovery> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const run = randomBytes(16);
      try {
        await this.unitOfWork.write((em) => this.staged.clear(em, caller.key));
        const { entries, recoveredAt, written } = await this.stage(caller, request, run);
        await this.unitOfWork.write((em) => this.writeStaged(em, caller, run, written));
        entries.push(...(await this.gone(caller, request)));
        return { at: request.at, dryRun: false, recoveredAt, entries };
      } catch (error) {
        await this.unitOfWork.write((em) => this.staged.clear(em, caller.key));
        if (!(error instanceof ConcurrentChangeError)) throw error;
      }
    }
    throw new AppError(
      'conflict',
      'account-changing',
      'Graphs of this account changed during the recovery. Nothing was changed. Try again.',
    );
  }

  /** Encodes the changes and stages them in the database, batch by batch. */
  private async stage(
    caller: Caller,
    request: RecoveryRequest,
    run: Buffer,
  ): Promise<{ entries: RecoveryEntry[]; recoveredAt: number; written: UsageCounts }> {
    const entries: RecoveryEntry[] = [];
    // One time for all changes, after every graph's last change: recovering to one millisecond earlier undoes the
    // recovery.
    const newest = await this.unitOfWork.read((em) => this.graphs.lastChange(em, caller.key));
    const recoveredAt = Math.max(this.clock.now(), newest + 1);
    let written = NO_USAGE;
    let waiting: StagedChangeRow[] = [];
    const flush = async () => {
      const rows = waiting;
      waiting = [];
      await this.unitOfWork.write((em) => this.staged.stage(em, rows));
    };
    for await (const { row, decision } of this.decisions(caller, request)) {
      entries.push(entryOf(row, decision));
      const next = await this.nextOf(caller, row, decision, recoveredAt);
      if (!next) continue;
      const change = stagedRow(await this.writer.plan(caller, row, next, recoveredAt), run);
      written = sumOf(written, usageOf(change, row));
      waiting.push(change);
      if (
        waiting.reduce((sum, { frame, head }) => sum + STAGED_ROW_BYTES + frame.length + head.length, 0) >
        STAGED_AT_ONCE_BYTES
      )
        await flush();
    }
    await flush();
    return { entries, recoveredAt, written };
  }

  /**
   * Writes all staged changes in one transaction; `written` counts them. Throws ConcurrentChangeError if a graph has
   * changed since, or if another process's recovery of the same account removed the staged changes.
   */
  private async writeStaged(
    em: EntityManager,
    caller: Caller,
    run: Buffer,
    written: UsageCounts,
  ): Promise<void> {
    let versions = 0;
    for (let after = -1; ;) {
      const outlines = await this.staged.outlines(em, caller.key, run, after, APPLY_BATCH);
      for (const outline of outlines) {
        const seq = await this.note(em, caller, outline);
        if (!(await this.staged.apply(em, caller.key, run, outline, seq))) throw new ConcurrentChangeError();
      }
      versions += outlines.length;
      const last = outlines.at(-1);
      if (!last) break;
      after = last.graph_key;
      // Lets readers run: the transaction stays open, but thousands of graphs must not block the process.
      await yieldToEventLoop();
    }
    if (versions !== written.versions) throw new ConcurrentChangeError();
    await this.staged.clear(em, caller.key);
    await this.versions.count(em, caller.key, written);
  }

  private note(
    em: EntityManager,
    caller: Caller,
    { change, graph_id, version, created_at }: StagedOutline,
  ): Promise<number> {
    return this.writer.note(em, caller, CHANGES[change]!, uuidText(graph_id), version, created_at);
  }

  private async nextOf(
    caller: Caller,
    row: GraphRow,
    { action, version }: RecoveryDecision,
    now: number,
  ): Promise<Next | null> {
    if (action === 'unchanged' || action === 'unreachable') return null;
    if (action === 'delete') {
      const purgeAt = now + (await this.trash.keptFor(caller.key, row.key));
      return { ...unchangedFields(row), change: 'deleted', deletedAt: now, purgeAt };
    }
    const ref = refOf(row, caller.id);
    const past = version === null ? undefined : await this.versions.find(ref, version);
    const config = past && (await this.versions.readConfig(ref, past.version));
    if (!past || !config) throw new ConcurrentChangeError();
    const { title, description, status } = past;
    return {
      change: 'restored',
      title,
      description,
      status,
      config: { bytes: config, sha256: past.config_sha256 },
      deletedAt: null,
      purgeAt: null,
      restoredFrom: past.version,
    };
  }

  private async *decisions(
    caller: Caller,
    request: RecoveryRequest,
  ): AsyncGenerator<{ row: GraphRow; decision: RecoveryDecision }> {
    let decided = 0;
    for await (const row of this.rows(caller, request.graphIds)) {
      // SQLite answers synchronously: without a turn of the event loop, no other request would be served.
      if (++decided % DECIDED_AT_ONCE === 0) await yieldToEventLoop();
      yield { row, decision: await this.decide(caller, row, request.at) };
    }
  }

  private async decide(caller: Caller, row: GraphRow, time: number): Promise<RecoveryDecision> {
    if (row.purge_at !== null && row.purge_at <= this.clock.now())
      return unreachable('its time in the trash is over', null);
    const ref = refOf(row, caller.id);
    const version = await this.versions.findAt(ref, time);
    const oldest = version ? row.created_at : ((await this.versions.oldest(ref)) ?? row.created_at);
    const past = version ? pastOf(row, version, await this.versions.nextAt(ref, version.version)) : null;
    return decideRecovery(
      time,
      { deleted: row.deleted_at !== null, version: row.version, createdAt: row.created_at },
      past,
      oldest,
    );
  }

  private async *rows(caller: Caller, graphIds: readonly string[] | null): AsyncGenerator<GraphRow> {
    if (graphIds) {
      for (const id of new Set(graphIds.map((text) => text.toLowerCase()))) {
        const row = await this.unitOfWork.read((em) => this.graphs.find(em, caller.key, uuidBytes(id)));
        if (row) yield row;
      }
      return;
    }
    for (let after = -1; ;) {
      const rows = await this.unitOfWork.read((em) => this.graphs.ofUser(em, caller.key, after, BATCH));
      yield* rows;
      const last = rows.at(-1);
      if (!last) return;
      after = last.key;
    }
  }

  /** Graphs that existed at that time and were purged since, and requested ids that are not graphs of the caller. */
  private async gone(caller: Caller, { at, graphIds }: RecoveryRequest): Promise<RecoveryEntry[]> {
    const purged = await this.unitOfWork.read((em) =>
      this.journal.subjectsSince(em, caller.key, 'graph.purged', at),
    );
    const there = purged.filter((id) => uuidTime(id) <= at);
    const entry = (graphId: string, reason: string): RecoveryEntry => ({
      ...unreachable(reason, null),
      graphId,
      title: null,
    });
    if (!graphIds) return there.map((id) => entry(id, 'it was purged'));
    const found: RecoveryEntry[] = [];
    for (const id of new Set(graphIds.map((text) => text.toLowerCase()))) {
      const row = await this.unitOfWork.read((em) => this.graphs.find(em, caller.key, uuidBytes(id)));
      if (!row) found.push(entry(id, there.includes(id) ? 'it was purged' : 'the graph does not exist'));
    }
    return found;
  }
}

/** What writing a staged change adds to the owner's usage. */
function usageOf(change: StagedChangeRow, { head }: GraphRow): UsageCounts {
  return {
    ...NO_USAGE,
    versions: 1,
    config_bytes: change.config_bytes,
    head_bytes: change.head.length - head.length,
    frame_bytes: change.frame.length,
  };
}

function entryOf(row: GraphRow, decision: RecoveryDecision): RecoveryEntry {
  return { ...decision, graphId: uuidText(row.id), title: row.title };
}

function pastOf(row: GraphRow, version: ListedVersion, nextAt: number | null): PastVersion {
  return {
    version: version.version,
    deleted: changeOf(version) === 'deleted',
    sameAsPresent:
      version.config_sha256.equals(row.config_sha256) &&
      version.title === row.title &&
      version.description === row.description &&
      version.status === row.status,
    validUntil: version.valid_until,
    nextAt,
  };
}

function stagedRow(
  { row, prepared, change, restoredFrom, expectedSeq }: PlannedChange,
  run: Buffer,
): StagedChangeRow {
  return {
    ...row,
    run,
    graph_key: row.key,
    graph_id: row.id,
    expected_seq: expectedSeq,
    base_version: prepared.base,
    change: CHANGES.indexOf(change),
    created_at: row.updated_at,
    restored_from: restoredFrom,
    frame: prepared.frame,
  };
}
