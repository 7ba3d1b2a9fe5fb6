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

/** Users summed up by one statement, so that the process stands still for a few milliseconds at most. */
const SUMMED_AT_ONCE = 2_000;
/** Points are kept for so long, ms: a year and a month, so that a year can be compared. */
const POINTS_KEPT_MS = 396 * 86_400_000;
/** Points that lie this much ahead were noted by a clock that has been set back since, ms. */
const SKEW_MS = 300_000;

/** A user's place in the order of those who have stored most. */
export interface Rank {
  /** Packed and sealed. */
  storedBytes: number;
  userKey: number;
}

interface Ranked extends Rank {
  counts: UsageCounts;
}

/** One of those who have stored most; the id is null when the account is gone. */
export interface LargeUser extends Ranked {
  userId: Buffer | null;
}

/**
 * What is stored, out of counters that are kept with each change, and never by counting: an answer takes the same
 * time however many graphs and versions there are. Only the number of users counts, by some microseconds each.
 */
@Injectable()
export class UsageService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: UsageStore,
    private readonly clock: Clock,
  ) {}

  /** What one user has stored. */
  of(userKey: number): Promise<UsageCounts> {
    return this.unitOfWork.read((em) => this.store.of(em, userKey));
  }

  /**
   * What all users have stored together, and those of them who have stored most, `limit` after a place of that order
   * (null: from its beginning).
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

  /** Forgets the counters of an account that is gone, inside the caller's transaction. */
  async forget(em: EntityManager, userKey: number): Promise<void> {
    await this.store.remove(em, userKey);
  }

  /** Notes a point of the curve of growth; `guard` runs first in its transaction. */
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

  /** What was stored `ms` ago: the newest point from then or before, or the oldest there is; undefined without any. */
  pointBefore(ms: number): Promise<UsagePointRow | undefined> {
    const at = this.clock.now() - ms;
    return this.unitOfWork.read(
      async (em) => (await this.store.pointAt(em, at)) ?? (await this.store.firstPoint(em)),
    );
  }

  /** What the database takes on its disk, and what of it is free for new rows, as far as it says so; bytes. */
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

/** Below 0: `a` has stored more. */
function order(a: Rank, b: Rank): number {
  return b.storedBytes - a.storedBytes || b.userKey - a.userKey;
}
