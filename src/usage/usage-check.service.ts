import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { JournalService } from '../audit/journal.service';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { Log } from '../platform/logging/log';
import { NO_USAGE, differenceOf, isNothing, sumOf, type UsageCounts } from './domain/usage-counts';
import { UsageStore } from './usage.store';

/** Users that are counted in one consistent snapshot. */
const USERS_AT_ONCE = 100;
/** Rows per read: a read from SQLite blocks the process while it runs. */
const ROWS_AT_ONCE = 2_000;

/** The result of a check. */
export interface UsageCheckResult {
  users: number;
  /** Users whose counters were wrong and were corrected. */
  drifted: number;
  /** Sum of the differences in bytes, without their signs. */
  driftBytes: number;
}

/** A user's counters, and the change that corrects them. */
interface Drift {
  userKey: number;
  counts: UsageCounts;
}

/**
 * Counts the stored rows while the service runs, compares the counters with them, and corrects counters that have
 * drifted.
 */
@Injectable()
export class UsageCheckService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: UsageStore,
    private readonly journal: JournalService,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * Checks every user. `guard` runs first in each transaction. Counters and rows are read in one snapshot, so a
   * difference is drift and not a change in progress. The difference is added, so that later changes stay counted.
   */
  async run(guard: (em: EntityManager) => Promise<void>, signal: AbortSignal): Promise<UsageCheckResult> {
    const result: UsageCheckResult = { users: 0, drifted: 0, driftBytes: 0 };
    for (let after = -1; ;) {
      const owners = await this.unitOfWork.read((em) => this.store.owners(em, after, USERS_AT_ONCE));
      const drifts = owners.length === 0 ? [] : await this.drifts(owners, signal);
      for (const drift of drifts) await this.correct(drift, guard);
      result.users += owners.length;
      result.drifted += drifts.length;
      result.driftBytes += drifts.reduce((sum, { counts }) => sum + sizeOf(counts), 0);
      const last = owners.at(-1);
      if (last === undefined) return result;
      after = last;
    }
  }

  private drifts(owners: readonly number[], signal: AbortSignal): Promise<Drift[]> {
    return this.unitOfWork.snapshot('journal', signal, async (em) => {
      const found: Drift[] = [];
      for (const userKey of owners) {
        signal.throwIfAborted();
        const kept = await this.store.of(em, userKey);
        const counts = differenceOf(await this.count(em, userKey, signal), kept);
        if (!isNothing(counts)) found.push({ userKey, counts });
      }
      return found;
    });
  }

  private async count(em: EntityManager, userKey: number, signal: AbortSignal): Promise<UsageCounts> {
    return sumOf(await this.countGraphs(em, userKey, signal), await this.countVersions(em, userKey, signal));
  }

  private async countGraphs(em: EntityManager, userKey: number, signal: AbortSignal): Promise<UsageCounts> {
    const counts = { ...NO_USAGE };
    for (let after = -1; ;) {
      const rows = await this.store.heads(em, userKey, after, ROWS_AT_ONCE);
      counts.graphs += rows.length;
      counts.head_bytes += rows.reduce((sum, { head_bytes }) => sum + head_bytes, 0);
      const last = rows.at(-1);
      if (!last || rows.length < ROWS_AT_ONCE) return counts;
      after = last.key;
      signal.throwIfAborted();
      await yieldToEventLoop();
    }
  }

  private async countVersions(em: EntityManager, userKey: number, signal: AbortSignal): Promise<UsageCounts> {
    const counts = { ...NO_USAGE };
    for (let after = { graph_key: -1, version: -1 }; ;) {
      const rows = await this.store.frames(em, userKey, after, ROWS_AT_ONCE);
      counts.versions += rows.length;
      for (const { config_bytes, frame_bytes } of rows) {
        counts.config_bytes += config_bytes;
        counts.frame_bytes += frame_bytes;
      }
      const last = rows.at(-1);
      if (!last || rows.length < ROWS_AT_ONCE) return counts;
      after = last;
      signal.throwIfAborted();
      await yieldToEventLoop();
    }
  }

  private async correct(
    { userKey, counts }: Drift,
    guard: (em: EntityManager) => Promise<void>,
  ): Promise<void> {
    this.log.warn('usage counters of a user were wrong and have been corrected', {
      user_key: userKey,
      ...counts,
    });
    await this.unitOfWork.write(async (em) => {
      await guard(em);
      await this.journal.append(em, {
        action: 'service.usage_corrected',
        at: this.clock.now(),
        userKey: null,
        actorKey: null,
        subjectId: null,
        details: { user_key: userKey, ...counts },
      });
      await this.store.add(em, userKey, null, counts);
    });
  }
}

function sizeOf({ config_bytes, head_bytes, frame_bytes }: UsageCounts): number {
  return Math.abs(config_bytes) + Math.abs(head_bytes) + Math.abs(frame_bytes);
}
