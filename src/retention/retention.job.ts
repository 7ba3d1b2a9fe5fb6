import { Injectable } from '@nestjs/common';
import { AppConfig } from '../platform/config/app-config';
import type { Job, JobSummary, RunLease } from '../platform/jobs/job';
import { RETENTION_JOB } from './domain/retention-run';
import { RetentionService, summaryOf } from './retention.service';

/** Several times what a million versions take, ms. */
const DEADLINE_MS = 4 * 3_600_000;

/** Runs retention on the schedule of RETENTION_CRON. */
@Injectable()
export class RetentionJob implements Job {
  readonly id = RETENTION_JOB;
  readonly cron: string;
  readonly deadlineMs = DEADLINE_MS;

  constructor(
    private readonly retention: RetentionService,
    config: AppConfig,
  ) {
    this.cron = config.get('RETENTION_CRON');
  }

  async run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    return summaryOf((await this.retention.run(signal, lease)).counts);
  }
}
