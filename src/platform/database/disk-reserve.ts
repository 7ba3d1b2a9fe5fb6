import { randomFillSync } from 'node:crypto';
import { existsSync, rmSync, statfsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Log } from '../logging/log';
import { AppError } from '../errors/app-error';

/** With less free space than this the disk counts as full, bytes: room for one large transaction to end in. */
const FULL_BELOW = 8 * 1_048_576;
/** How often a full disk is looked at again, ms. */
const LOOK_MS = 2_000;
const PIECE_BYTES = 1_048_576;
const RETRY_SECONDS = 60;

/** Nothing may be stored while the disk is full; what frees space still works. */
export function diskFull(): AppError {
  const sentence =
    'The disk is full, so nothing new can be stored at the moment. Nothing was written. Reading, signing in, deleting and purging still work. Try again when there is room.';
  return new AppError('unavailable', 'disk-full', sentence, { retryAfter: RETRY_SECONDS });
}

/**
 * Room on the disk for the writes that free space. SQLite needs space even to delete: pages go to the write-ahead log
 * first, and a checkpoint may let the database grow. So a file of `bytes` bytes lies next to the database. When the
 * disk is full, the file is removed, and from then on only writes that do not store content are let through. When there
 * is room for the file again, it is created again, which also proves that a quota of the disk allows it.
 */
export class DiskReserve {
  private full = false;
  private refilling = false;
  private closed = false;
  private readonly path: string;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    databaseFile: string,
    private readonly bytes: number,
    private readonly log: Pick<Log, 'warn' | 'error'> | undefined,
  ) {
    this.path = `${databaseFile}.reserve`;
    this.look();
  }

  get isFull(): boolean {
    return this.full;
  }

  /** Begins to look after a full disk; `free` gives free pages of the database back to the disk. */
  start(free: () => Promise<void>): void {
    const tick = async () => {
      if (this.full) await free().catch((error: unknown) => this.log?.warn('no space was freed', { error }));
      await this.refill();
      if (!this.closed) this.timer = setTimeout(() => void tick(), LOOK_MS).unref();
    };
    this.timer = setTimeout(() => void tick(), 0).unref();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  /** To be called before each transaction; takes some microseconds. */
  look(): void {
    if (!this.full && this.freeBytes() < FULL_BELOW) this.release();
  }

  /** A write failed for want of space. */
  ranFull(): void {
    if (!this.full) this.release();
  }

  private release(): void {
    this.full = true;
    try {
      rmSync(this.path, { force: true });
    } catch (error) {
      this.log?.error('the reserve of the disk could not be released', { error });
    }
    this.log?.error(
      'the disk is full: only reading, signing in, deleting and purging work until there is room again',
      { free_bytes: this.freeBytes() },
    );
  }

  /** Creates the reserve if there is room for it and twice the limit, and ends the state of a full disk. */
  private async refill(): Promise<void> {
    if (this.refilling || (!this.full && (this.bytes === 0 || existsSync(this.path)))) return;
    if (this.freeBytes() < this.bytes + 2 * FULL_BELOW) return;
    this.refilling = true;
    try {
      await this.create();
      if (this.full) this.log?.warn('the disk has room again: everything works');
      this.full = false;
    } catch (error) {
      await rm(this.path, { force: true }).catch(() => undefined);
      this.log?.warn('there is no room for the reserve of the disk', { error });
    } finally {
      this.refilling = false;
    }
  }

  // Random bytes: a file system that compresses, or has holes for zeros, would reserve nothing.
  private async create(): Promise<void> {
    if (this.bytes === 0) return;
    const temporary = `${this.path}.new`;
    const file = await open(temporary, 'w', 0o600);
    try {
      const piece = randomFillSync(Buffer.allocUnsafe(Math.min(PIECE_BYTES, this.bytes)));
      for (let left = this.bytes; left > 0 && !this.closed;)
        left -= (await file.write(piece, 0, Math.min(piece.length, left))).bytesWritten;
      await file.sync();
      await file.close();
      if (this.closed) await rm(temporary, { force: true });
      else await rename(temporary, this.path);
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
      throw error;
    }
  }

  private freeBytes(): number {
    try {
      const { bavail, bsize } = statfsSync(dirname(this.path));
      return bavail * bsize;
    } catch {
      // A disk that cannot be asked is not full.
      return Infinity;
    }
  }
}
