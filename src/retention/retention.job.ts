import { Injectable } from '@nestjs/common';
import type { JobProvider, JobSummary, RunLease } from '../platform/jobs/job';
import { ScheduledJob } from '../platform/jobs/scheduled-job.decorator';
import { RETENTION_JOB } from './domain/retention-run';
import { RetentionService, summaryOf } from './retention.service';

/** Several times what a million versions take, ms. */
const DEADLINE_MS = 4 * 3_600_000;

/** Runs retention on the schedule of RETENTION_CRON. */
@ScheduledJob({ id: RETENTION_JOB, cron: { setting: 'RETENTION_CRON' }, deadlineMs: DEADLINE_MS })
@Injectable()
export class RetentionJob implements JobProvider {
  constructor(private readonly retention: RetentionService) {}

  async run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    return summaryOf((await this.retention.run(signal, lease)).counts);
  }
}
