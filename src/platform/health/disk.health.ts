import { statfs } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { AppConfig } from '../config/app-config';
import { UnitOfWork } from '../database/unit-of-work';
import { CONDITIONS, LOW_DISK_SHARE, UNDECIDED, holds } from './conditions';
import { withinMs } from './time-limit';

/** A file system may never answer; ms. */
const WITHIN_MS = 2_000;
/** The free share of the disk below which the health is down. */
const EMPTY_SHARE = 0.01;

/** Space on the disk of DATA_DIR, bytes. */
export interface DiskSpace {
  freeBytes: number;
  totalBytes: number;
}

/** Whether the disk of the data has free space. */
@Injectable()
export class DiskHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly config: AppConfig,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Whether writes that store content are refused for want of space. */
  get isFull(): boolean {
    return this.unitOfWork.state().diskFull;
  }

  /** Space that an unprivileged process can still use. */
  async space(): Promise<DiskSpace> {
    const { bavail, blocks, bsize } = await withinMs(WITHIN_MS, statfs(this.config.get('DATA_DIR')));
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  }

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(CONDITIONS['storage.low'].part);
    try {
      const { freeBytes, totalBytes } = await this.space();
      const facts = { free_bytes: freeBytes, total_bytes: totalBytes };
      if (this.isFull)
        return indicator.down({
          ...facts,
          ...holds('storage.low'),
          reason: 'the disk of the database is full: only reading, signing in, deleting and purging work',
        });
      const share = freeBytes / totalBytes;
      if (share < EMPTY_SHARE)
        return indicator.down({
          ...facts,
          ...holds('storage.low'),
          reason: 'less than 1 % of the disk under DATA_DIR is free',
        });
      if (share < LOW_DISK_SHARE)
        return indicator.up({
          ...facts,
          ...holds('storage.low'),
          degraded: true,
          reason: 'less than 10 % of the disk under DATA_DIR is free',
        });
      return indicator.up(facts);
    } catch {
      return indicator.down({ ...UNDECIDED, reason: 'the disk under DATA_DIR cannot be checked' });
    }
  }
}
