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
/** The periods for which growth is calculated. */
export const GROWTH_WINDOWS = { '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS } as const;
export type GrowthWindow = keyof typeof GROWTH_WINDOWS;

/** Growth of the stored data since a time, ms since the epoch. Negative if it has shrunk. */
export interface Growth {
  window: GrowthWindow;
  since: number;
  counts: UsageCounts;
}

/** Usage of one user; `userId` is null for a deleted account whose rows are still being removed. */
export interface UserStorage {
  userId: string | null;
  counts: UsageCounts;
}

/** Storage usage in total and by user. Bytes; times in ms since the epoch. */
export interface Storage {
  total: UsageSum;
  database: { bytes: number; freeBytes: number | null };
  /** Empty if there is no record to compare with yet. */
  growth: Growth[];
  lastCheck: LastCheck | null;
  users: UserStorage[];
  /** The cursor of the next users; null on the last page. */
  next: string | null;
}

/** Storage usage for operators, read from counters. */
@Injectable()
export class StorageService {
  constructor(
    private readonly usage: UsageService,
    private readonly checks: UsageCheckRecords,
  ) {}

  /** `after`: the cursor of the previous page; 400 if it is invalid. */
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
