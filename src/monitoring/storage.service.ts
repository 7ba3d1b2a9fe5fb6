import { Injectable } from '@nestjs/common';
import {
  UsageService,
  differenceOf,
  type Rank,
  type UsageCounts,
  type UsageSum,
} from '../usage/usage.service';
import { UsageCheckRecords, type LastCheck } from '../usage/usage-check-records';
import { decodeCursor, encodeCursor } from '../platform/http/pagination';
import { uuidText } from '../platform/ids/uuid';

const DAY_MS = 86_400_000;
/** The stretches of time that growth is told for. */
export const GROWTH_WINDOWS = { '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS } as const;
export type GrowthWindow = keyof typeof GROWTH_WINDOWS;

/** By how much what is stored has grown since a time, ms since the epoch. Negative where it has shrunk. */
export interface Growth {
  window: GrowthWindow;
  since: number;
  counts: UsageCounts;
}

/** What a user has stored; `userId` null for an account that is gone and whose rows are not, yet. */
export interface UserStorage {
  userId: string | null;
  counts: UsageCounts;
}

/** What is stored, and by whom. Bytes; times in ms since the epoch. */
export interface Storage {
  total: UsageSum;
  database: { bytes: number; freeBytes: number | null };
  /** Without any: nothing has been noted yet to compare with. */
  growth: Growth[];
  lastCheck: LastCheck | null;
  users: UserStorage[];
  /** The cursor of the next users; null at the end. */
  next: string | null;
}

/** What an operator asks of storage, all of it out of kept counters. */
@Injectable()
export class StorageService {
  constructor(
    private readonly usage: UsageService,
    private readonly checks: UsageCheckRecords,
  ) {}

  /** `after`: the cursor of the part before; 400 for one that was not made here. */
  async read(limit: number, after: string | undefined): Promise<Storage> {
    const place = after === undefined ? null : placeOf(after);
    const { total, largest } = await this.usage.survey(place, limit + 1);
    const [database, lastCheck] = await Promise.all([this.usage.databaseBytes(), this.checks.last()]);
    const growth = await this.growth(total);
    const page = largest.slice(0, limit);
    const last = page.at(-1);
    const next = largest.length > limit && last ? encodeCursor([last.storedBytes, last.userKey]) : null;
    const users = page.map(({ userId, counts }) => ({
      userId: userId === null ? null : uuidText(userId),
      counts,
    }));
    return { total, database, growth, lastCheck, users, next };
  }

  private async growth(total: UsageSum): Promise<Growth[]> {
    const found: Growth[] = [];
    for (const [window, ms] of Object.entries(GROWTH_WINDOWS)) {
      const point = await this.usage.pointBefore(ms);
      if (point)
        found.push({
          window: window as GrowthWindow,
          since: point.at,
          counts: differenceOf(total, point),
        });
    }
    return found;
  }
}

function placeOf(cursor: string): Rank {
  const [storedBytes, userKey] = decodeCursor(cursor, ['number', 'number']) as [number, number];
  return { storedBytes, userKey };
}
