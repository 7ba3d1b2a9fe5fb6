import { Injectable } from '@nestjs/common';
import type { JobProvider, JobSummary, RunLease } from '../platform/jobs/job';
import { ScheduledJob } from '../platform/jobs/scheduled-job.decorator';
import { UsageService } from './usage.service';

/** Records each hour what is stored; growth is calculated from these points. */
@ScheduledJob({ id: 'usage', cron: '7 * * * *', deadlineMs: 10 * 60_000 })
@Injectable()
export class UsagePointJob implements JobProvider {
  constructor(private readonly usage: UsageService) {}

  async run(_: AbortSignal, lease: RunLease): Promise<JobSummary> {
    return { ...(await this.usage.notePoint((em) => lease.guard(em))) };
  }
}
