import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { AppError } from '../platform/errors/app-error';
import { UsageService } from './usage.service';

interface Measured {
  bytes: number;
  /** When it was measured, ms since the epoch. */
  at: number;
}

/** How long a measured sum is used, ms; other processes store and remove data too. */
const BELIEVED_MS = 600_000;
/** Before a request is refused, the sum is measured again, but not more often than this, ms. */
const DOUBTED_MS = 5_000;
/** Most users whose sum is kept in memory. */
const REMEMBERED = 10_000;

/**
 * Enforces USER_QUOTA_BYTES. It counts the configs of all versions as they were sent, including those in the trash:
 * users can add that up themselves, and it does not depend on compression. The sum is read from the stored counters
 * once and then updated in this process. Without a quota, nothing is read or counted.
 */
@Injectable()
export class QuotaService {
  private readonly quotaBytes: number;
  private readonly measured = new LRUCache<number, Measured>({ max: REMEMBERED });

  constructor(
    private readonly stored: UsageService,
    private readonly clock: Clock,
    config: AppConfig,
  ) {
    this.quotaBytes = config.get('USER_QUOTA_BYTES');
  }

  /**
   * Runs `write`, which stores a version of that many bytes, if the quota has room for it; otherwise 409 with the
   * numbers. Concurrent requests of the same process count. With `refuses` false it always runs and counts.
   */
  async reserve<T>(userKey: number, bytes: number, refuses: boolean, write: () => Promise<T>): Promise<T> {
    if (this.quotaBytes === 0) return write();
    const measured = refuses ? await this.claim(userKey, bytes) : this.measured.get(userKey);
    if (!refuses && measured) measured.bytes += bytes;
    try {
      return await write();
    } catch (error) {
      if (measured) measured.bytes -= bytes;
      throw error;
    }
  }

  /** Drops the measured sum after versions of the user were removed; it is measured again when needed. */
  invalidate(userKey: number): void {
    this.measured.delete(userKey);
  }

  /** Quota of each user in bytes; null: unlimited. */
  get limitBytes(): number | null {
    return this.quotaBytes === 0 ? null : this.quotaBytes;
  }

  private async claim(userKey: number, bytes: number): Promise<Measured> {
    let measured = await this.current(userKey, BELIEVED_MS);
    if (measured.bytes + bytes > this.quotaBytes) measured = await this.current(userKey, DOUBTED_MS);
    if (measured.bytes + bytes > this.quotaBytes) throw exceeded(measured.bytes, bytes, this.quotaBytes);
    measured.bytes += bytes;
    return measured;
  }

  private async current(userKey: number, believedMs: number): Promise<Measured> {
    const known = this.measured.get(userKey);
    const age = known ? this.clock.now() - known.at : Infinity;
    if (known && age >= 0 && age < believedMs) return known;
    const measured = await this.measure(userKey);
    this.measured.set(userKey, measured);
    return measured;
  }

  private async measure(userKey: number): Promise<Measured> {
    const at = this.clock.now();
    return { bytes: (await this.stored.of(userKey)).config_bytes, at };
  }
}

function exceeded(used: number, wanted: number, quota: number): AppError {
  return new AppError(
    'conflict',
    'quota-exceeded',
    `Storing ${wanted} more bytes would exceed your quota: ${used} of ${quota} bytes are used, including the trash. Delete and purge graphs, or keep fewer versions.`,
  );
}
