import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { PartialRunError, type JobProvider, type JobSummary, type RunLease } from '../platform/jobs/job';
import { ScheduledJob } from '../platform/jobs/scheduled-job.decorator';
import { ClockWatchService } from '../platform/clock/clock-watch.service';
import { SealsService } from './seals.service';

const DAY_MS = 86_400_000;

/**
 * Seals the journal each minute, and removes sealed events older than AUDIT_RETENTION_DAYS. Events since the last
 * run are not protected yet: one minute, plus the duration of a run.
 */
@ScheduledJob({ id: 'seal', cron: '* * * * *', deadlineMs: 10 * 60_000 })
@Injectable()
export class SealJob implements JobProvider {
  constructor(
    private readonly seals: SealsService,
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly clockWatch: ClockWatchService,
  ) {}

  async run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    const counts = { sealed: 0, expired: 0 };
    try {
      for await (const events of this.seals.seal(signal, lease)) counts.sealed += events;
      // If the clock jumped ahead, too many events would be old.
      if (!(await this.clockWatch.isTrusted())) return { ...counts, clock_jumped: true };
      const before = this.clock.now() - this.config.get('AUDIT_RETENTION_DAYS') * DAY_MS;
      for await (const events of this.seals.expire(before, signal, lease)) counts.expired += events;
      return counts;
    } catch (error) {
      throw new PartialRunError(counts, error);
    }
  }
}
