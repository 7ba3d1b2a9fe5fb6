import { DiscoveryService } from '@nestjs/core';
import type { AppConfig } from '../config/app-config';

/** Settings that hold a cron expression. */
export type CronSetting = 'BACKUP_CRON' | 'VERIFY_CRON' | 'RETENTION_CRON';

/** Declaration of a job. */
export interface ScheduledJobOptions {
  /** Stable: the rows in `jobs` and `job_runs` use it. */
  id: string;
  /** Five fields in UTC, or the setting that holds them. */
  cron: string | { setting: CronSetting };
  /** A run that takes longer is aborted and recorded as failed, ms. */
  deadlineMs: number;
}

/**
 * Declares a provider as a job: its `run(signal, lease)` runs at the times of `cron`, in one process at a time.
 * `JobScheduler` finds all of them; see `JobProvider` for what `run` must do.
 */
export const ScheduledJob = DiscoveryService.createDecorator<ScheduledJobOptions>();

/** The cron expression of a job, read from the settings if its declaration names one. */
export function cronOf({ cron }: ScheduledJobOptions, config: AppConfig): string {
  return typeof cron === 'string' ? cron : config.get(cron.setting);
}
