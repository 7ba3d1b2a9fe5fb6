import { Injectable } from '@nestjs/common';
import type { JobProvider, JobSummary, RunLease } from '../platform/jobs/job';
import { ScheduledJob } from '../platform/jobs/scheduled-job.decorator';
import { VERIFY_JOB, VaultService } from './vault.service';

/** A full copy of a large database over a slow line takes hours, ms. */
const DEADLINE_MS = 12 * 3_600_000;

/** Verification of the copies by the schedule of VERIFY_CRON. */
@ScheduledJob({ id: VERIFY_JOB, cron: { setting: 'VERIFY_CRON' }, deadlineMs: DEADLINE_MS })
@Injectable()
export class VerificationJob implements JobProvider {
  constructor(private readonly vault: VaultService) {}

  run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    return this.vault.scheduledVerification(signal, lease);
  }
}
