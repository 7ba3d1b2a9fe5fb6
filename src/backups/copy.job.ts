import { Injectable } from '@nestjs/common';
import type { JobProvider, JobSummary, RunLease } from '../platform/jobs/job';
import { ScheduledJob } from '../platform/jobs/scheduled-job.decorator';
import { COPY_JOB, VaultService } from './vault.service';

/** A full copy of a large database over a slow line takes hours, ms. */
const DEADLINE_MS = 12 * 3_600_000;

/** Copies by the schedule of BACKUP_CRON and BACKUP_FULL_CRON. */
@ScheduledJob({ id: COPY_JOB, cron: { setting: 'BACKUP_CRON' }, deadlineMs: DEADLINE_MS })
@Injectable()
export class CopyJob implements JobProvider {
  constructor(private readonly vault: VaultService) {}

  run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    return this.vault.scheduledCopy(signal, lease);
  }
}
