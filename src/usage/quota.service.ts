import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { AppError } from '../platform/errors/app-error';
import { UsageService } from './usage.service';

interface Measured {
  bytes: number;
  /** When it was measured, ms since the epoch. */
  at: number;
}

/** A sum is believed for so long; other processes store and remove, too, ms. */
const BELIEVED_MS = 600_000;
/** Before somebody is refused it is measured again, but not more often than this, ms. */
const DOUBTED_MS = 5_000;
/** Users whose sum is remembered. */
const REMEMBERED = 10_000;

/**
 * Keeps users within USER_QUOTA_BYTES. What counts are the configs of all versions as they were sent, those in the
 * bin included: it is what a user can add up, and does not depend on how well it is packed. Read once out of the kept
 * counters, then counted along in this process; without a quota nothing is read or counted.
 */
@Injectable()
export class QuotaService {
  private readonly quotaBytes: number;
  private readonly measured = new Map<number, Measured>();

  constructor(
    private readonly stored: UsageService,
    private readonly clock: Clock,
    config: AppConfig,
  ) {
    this.quotaBytes = config.get('USER_QUOTA_BYTES');
  }

  /**
   * Stores a version of that many bytes by `write`, if there is room for it; else 409 with the numbers. What others
   * store at the same time counts already. With `refuses` false it is stored and counted in any case.
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

  /** Versions of the user's have gone, how many ever: measured anew when it matters. */
  invalidate(userKey: number): void {
    this.measured.delete(userKey);
  }

  /** What each user may store; null: as much as there is room. */
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
    if (this.measured.size >= REMEMBERED) this.measured.delete(this.measured.keys().next().value!);
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
    `Storing ${wanted} more bytes would exceed your quota: ${used} of ${quota} bytes are used, the bin included. Delete and purge graphs, or keep fewer versions.`,
  );
}
