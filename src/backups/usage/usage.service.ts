import { setImmediate as otherWork } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { NO_USAGE, differenceOf, sumOf, type UsageCounts } from './domain/usage-counts';
import type { UsagePointRow } from './domain/usage.entity';
import { UsageStore, type LargeUser, type UsageSum } from './usage.store';

export { NO_USAGE, differenceOf, sumOf };
export type { LargeUser, UsageCounts, UsagePointRow, UsageSum };

/** Users summed up by one statement, so that the process stands still for a few milliseconds at most. */
const SUMMED_AT_ONCE = 5_000;
/** Points are kept for so long, ms: a year and a month, so that a year can be compared. */
const POINTS_KEPT_MS = 396 * 86_400_000;
/** Points that lie this much ahead were noted by a clock that has been set back since, ms. */
const SKEW_MS = 300_000;

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

  /** What all users have stored together. */
  async total(): Promise<UsageSum> {
    let total: UsageSum = { users: 0, ...NO_USAGE };
    for (let after = -1; ;) {
      const { sum, last } = await this.unitOfWork.read((em) => this.store.sum(em, after, SUMMED_AT_ONCE));
      total = { users: total.users + sum.users, ...sumOf(total, sum) };
      if (last === null || sum.users < SUMMED_AT_ONCE) return total;
      after = last;
      await otherWork();
    }
  }

  /** The users who have stored most, after a place of that order; null: from the beginning. */
  largest(after: { stored_bytes: number; user_key: number } | null, limit: number): Promise<LargeUser[]> {
    const place = after ?? { stored_bytes: Number.MAX_SAFE_INTEGER, user_key: Number.MAX_SAFE_INTEGER };
    return this.unitOfWork.read((em) => this.store.largest(em, place, limit));
  }

  /** Forgets the counters of an account that is gone, inside the caller's transaction. */
  async forget(em: EntityManager, userKey: number): Promise<void> {
    await this.store.remove(em, userKey);
  }

  /** Notes a point of the curve of growth; `guard` runs first in its transaction. */
  async notePoint(guard: (em: EntityManager) => Promise<void>): Promise<UsageSum> {
    const total = await this.total();
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
