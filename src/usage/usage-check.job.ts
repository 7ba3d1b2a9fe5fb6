import { Injectable } from '@nestjs/common';
import type { JobProvider, JobSummary, RunLease } from '../platform/jobs/job';
import { ScheduledJob } from '../platform/jobs/scheduled-job.decorator';
import { UsageCheckService } from './usage-check.service';
import { UsageMetrics } from './usage-metrics';

export const USAGE_CHECK_JOB = 'usage-check';

/** Counts all stored rows again each night and corrects counters that have drifted. */
@ScheduledJob({ id: USAGE_CHECK_JOB, cron: '15 5 * * *', deadlineMs: 12 * 3_600_000 })
@Injectable()
export class UsageCheckJob implements JobProvider {
  constructor(
    private readonly check: UsageCheckService,
    private readonly metrics: UsageMetrics,
  ) {}

  async run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    const result = await this.check.run((em) => lease.guard(em), signal);
    this.metrics.checked(result);
    const { users, drifted, driftBytes } = result;
    return { users, drifted_users: drifted, drift_bytes: driftBytes };
  }
}
