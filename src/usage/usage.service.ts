import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { NO_USAGE, differenceOf, sumOf, type UsageCounts } from './domain/usage-counts';
import type { UsagePointRow } from './domain/usage.entity';
import { UsageStore, type UsageSum, type UserUsage } from './usage.store';

export { NO_USAGE, differenceOf, sumOf };
export type { UsageCounts, UsagePointRow, UsageSum };

/** Users summed up per statement, so that one statement blocks the process for a few milliseconds at most. */
const SUMMED_AT_ONCE = 2_000;
/** How long points are kept, ms: a year and a month, so that years can be compared. */
const POINTS_KEPT_MS = 396 * 86_400_000;
/** Points further ahead than this were recorded by a clock that was set back later, ms. */
const SKEW_MS = 300_000;

/** A user's position in the order by stored bytes. */
export interface Rank {
  /** Compressed and encrypted. */
  storedBytes: number;
  userKey: number;
}

interface Ranked extends Rank {
  counts: UsageCounts;
}

/** One of the largest users; the id is null if the account was deleted. */
export interface LargeUser extends Ranked {
  userId: Buffer | null;
}

/**
 * Reads usage from counters that every change maintains; it never counts rows. The cost does not depend on the
 * number of graphs and versions, only on the number of users, some microseconds each.
 */
@Injectable()
export class UsageService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: UsageStore,
    private readonly clock: Clock,
  ) {}

  /** Usage of one user. */
  of(userKey: number): Promise<UsageCounts> {
    return this.unitOfWork.read((em) => this.store.of(em, userKey));
  }

  /**
   * The total of all users, and the largest users: `limit` of them after a position in that order (null: from the
   * start).
   */
  async survey(after: Rank | null, limit: number): Promise<{ total: UsageSum; largest: LargeUser[] }> {
    let total: UsageSum = { users: 0, ...NO_USAGE };
    let largest: Ranked[] = [];
    for (let key = -1; ;) {
      const part = await this.unitOfWork.read((em) => this.store.users(em, key, SUMMED_AT_ONCE));
      total = part.reduce((sum, one) => ({ users: sum.users + 1, ...sumOf(sum, one) }), total);
      largest = largestOf([...largest, ...part.map(ranked)], after, limit);
      const last = part.at(-1);
      if (!last || part.length < SUMMED_AT_ONCE) break;
      key = last.user_key;
      await yieldToEventLoop();
    }
    const ids = await this.unitOfWork.read((em) =>
      this.store.ids(
        em,
        largest.map(({ userKey }) => userKey),
      ),
    );
    return { total, largest: largest.map((one) => ({ ...one, userId: ids.get(one.userKey) ?? null })) };
  }

  /** Removes the counters of a deleted account in the caller's transaction. */
  async forget(em: EntityManager, userKey: number): Promise<void> {
    await this.store.remove(em, userKey);
  }

  /** Records a point of the growth curve; `guard` runs first in its transaction. */
  async notePoint(guard: (em: EntityManager) => Promise<void>): Promise<UsageSum> {
    const { total } = await this.survey(null, 0);
    const at = this.clock.now();
    await this.unitOfWork.write(async (em) => {
      await guard(em);
      await this.store.forgetPoints(em, at - POINTS_KEPT_MS, at + SKEW_MS);
      await this.store.addPoint(em, { at, ...total });
    });
    return total;
  }

  /** The newest point that is at least `ms` old, otherwise the oldest point; undefined if there is none. */
  pointBefore(ms: number): Promise<UsagePointRow | undefined> {
    const at = this.clock.now() - ms;
    return this.unitOfWork.read(
      async (em) => (await this.store.pointAt(em, at)) ?? (await this.store.firstPoint(em)),
    );
  }

  /** Size of the database on disk, and its free space for new rows if the database reports it; bytes. */
  databaseBytes(): Promise<{ bytes: number; freeBytes: number | null }> {
    return this.unitOfWork.read((em) => this.store.databaseBytes(em));
  }
}

function ranked({ user_key: userKey, ...counts }: UserUsage): Ranked {
  return { userKey, storedBytes: counts.head_bytes + counts.frame_bytes, counts };
}

function largestOf(users: readonly Ranked[], after: Rank | null, limit: number): Ranked[] {
  return users
    .filter((one) => after === null || order(after, one) < 0)
    .sort(order)
    .slice(0, limit);
}

/** Negative: `a` has stored more. */
function order(a: Rank, b: Rank): number {
  return b.storedBytes - a.storedBytes || b.userKey - a.userKey;
}
