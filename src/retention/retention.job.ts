import { Injectable } from '@nestjs/common';
import { AppConfig } from '../platform/config/app-config';
import type { Job, JobSummary, RunLease } from '../platform/jobs/job';
import { RETENTION_JOB } from './domain/retention-run';
import { RetentionService } from './retention.service';

/** Long enough for a million versions several times over, ms. */
const DEADLINE_MS = 4 * 3_600_000;

/** Retention by the schedule of RETENTION_CRON. */
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

  run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    return this.retention.runOnce(signal, lease);
  }
}
