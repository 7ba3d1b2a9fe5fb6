import { Injectable } from '@nestjs/common';
import type { JobProvider, JobSummary, RunLease } from '../../platform/jobs/job';
import { ScheduledJob } from '../../platform/jobs/scheduled-job.decorator';
import { AlertsService } from './alerts.service';

/** Looks at the conditions each minute. */
@ScheduledJob({ id: 'alerts', cron: '* * * * *', deadlineMs: 60_000 })
@Injectable()
export class AlertsJob implements JobProvider {
  constructor(private readonly alerts: AlertsService) {}

  async run(_signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    return { ...(await this.alerts.run(lease)) };
  }
}
