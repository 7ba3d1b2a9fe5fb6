import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ConcurrentChangeError } from '../graphs/domain/concurrent-change.error';
import type { GraphRow } from '../graphs/domain/graph.entity';
import { GraphEventsService } from '../graphs/graph-events.service';
import { GraphWriterService, type GraphEdit, type PlannedChange } from '../graphs/graph-writer.service';
import type { Caller } from '../platform/access/caller';
import { OnAccountRemoved, type RemovedAccount } from '../platform/access/on-account-removed.decorator';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidText } from '../platform/ids/uuid';
import { NO_USAGE, sumOf, type UsageCounts } from '../usage/domain/usage-counts';
import { UsageStore } from '../usage/usage.store';
import { CHANGES } from '../versions/versions.service';
import type { StagedChangeRow } from './domain/staged-change.entity';
import { RecoveryStore, type StagedOutline } from './recovery.store';

/** A recovery writes a version for each graph: refused on a full disk. */
const GROWS = { grows: true };

/** Staged changes that are applied after one read, in one turn of the event loop. */
const APPLY_BATCH = 50;
/** Staged changes that wait in memory for their transaction, bytes; each row counts as 1 KiB in addition to its frames. */
const STAGED_AT_ONCE_BYTES = 1024 * 1024;
const STAGED_ROW_BYTES = 1024;

/** The changes of one recovery, staged in the database because they may not fit into memory. */
export interface StagedRun {
  id: Buffer;
  /** Counters of all changes that were staged. */
  written: UsageCounts;
}

/** A graph's row as it was read, and the edit of it. */
export interface RowEdit {
  row: GraphRow;
  edit: GraphEdit;
}

/** Stages the changes of an account recovery in batches, then writes all of them in one transaction. */
@Injectable()
export class RecoveryStaging {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: RecoveryStore,
    private readonly writer: GraphWriterService,
    private readonly events: GraphEventsService,
    private readonly usage: UsageStore,
  ) {}

  /** Removes what is staged for an account: by a run that failed, or because the account is being deleted. */
  @OnAccountRemoved()
  clear({ key }: Pick<RemovedAccount, 'key'>): Promise<void> {
    return this.unitOfWork.write((em) => this.store.clear(em, key));
  }

  /** Encodes and stages all edits; `at` is the time of their versions, ms since the epoch. */
  async stage(caller: Caller, edits: AsyncIterable<RowEdit>, at: number): Promise<StagedRun> {
    await this.clear(caller);
    const id = randomBytes(16);
    let written = NO_USAGE;
    let waiting: StagedChangeRow[] = [];
    for await (const { row, edit } of edits) {
      const change = stagedRow(await this.writer.plan(caller, row, edit, at), id);
      written = sumOf(written, usageOf(change, row));
      waiting.push(change);
      if (bytesOf(waiting) <= STAGED_AT_ONCE_BYTES) continue;
      await this.insert(waiting);
      waiting = [];
    }
    await this.insert(waiting);
    return { id, written };
  }

  /**
   * Writes all staged changes in one transaction. Throws ConcurrentChangeError if a graph has changed since, or if
   * another process has started a recovery of the same account.
   */
  async apply(caller: Caller, run: StagedRun): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      const versions = await this.applyAll(em, caller, run.id);
      if (versions !== run.written.versions) throw new ConcurrentChangeError();
      await this.store.clear(em, caller.key);
      await this.usage.add(em, caller.key, null, run.written);
    }, GROWS);
  }

  private async insert(rows: readonly StagedChangeRow[]): Promise<void> {
    if (rows.length > 0) await this.unitOfWork.write((em) => this.store.stage(em, rows), GROWS);
  }

  private async applyAll(em: EntityManager, caller: Caller, run: Buffer): Promise<number> {
    let versions = 0;
    for (let after = -1; ;) {
      const outlines = await this.store.outlines(em, caller.key, run, after, APPLY_BATCH);
      for (const outline of outlines) {
        const seq = await this.events.version(em, caller, CHANGES[outline.change]!, eventOf(outline));
        if (!(await this.store.apply(em, caller.key, run, outline, seq))) throw new ConcurrentChangeError();
      }
      versions += outlines.length;
      const last = outlines.at(-1);
      if (!last) return versions;
      after = last.graph_key;
      // The transaction goes on, but readers must not wait for thousands of graphs.
      await yieldToEventLoop();
    }
  }
}

function eventOf({ graph_id, version, created_at }: StagedOutline) {
  return { id: uuidText(graph_id), version, at: created_at };
}

function bytesOf(rows: readonly StagedChangeRow[]): number {
  return rows.reduce((sum, { frame, head }) => sum + STAGED_ROW_BYTES + frame.length + head.length, 0);
}

/** Counters of one change: what it adds to the storage of the graph's owner. */
function usageOf(change: StagedChangeRow, { head }: GraphRow): UsageCounts {
  return {
    ...NO_USAGE,
    versions: 1,
    config_bytes: change.config_bytes,
    head_bytes: change.head.length - head.length,
    frame_bytes: change.frame.length,
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
