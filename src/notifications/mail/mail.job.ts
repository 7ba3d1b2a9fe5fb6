import { Injectable } from '@nestjs/common';
import type { JobProvider, JobSummary, RunLease } from '../../platform/jobs/job';
import { ScheduledJob } from '../../platform/jobs/scheduled-job.decorator';
import { MailDeliveryService } from './mail-delivery.service';
import { MailOutcomes } from './mail-outcomes';
import { MAIL_JOB, MailQueue } from './mail-queue';

/** Sends the mails that are due. `MailQueue.sendSoon` starts it too, so that no one waits for the next minute. */
@ScheduledJob({ id: MAIL_JOB, cron: '* * * * *', deadlineMs: 30 * 60_000 })
@Injectable()
export class MailJob implements JobProvider {
  constructor(
    private readonly queue: MailQueue,
    private readonly delivery: MailDeliveryService,
    private readonly outcomes: MailOutcomes,
  ) {}

  async run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    const expired = await this.outcomes.giveUpExpired(signal, lease);
    if (!this.queue.isSetUp) return { set_up: false, expired };
    const { server, ...counts } = await this.delivery.run(signal, lease);
    return { ...counts, expired, server_failed: server > 0 };
  }
}
