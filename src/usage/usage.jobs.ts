import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { JobSummary, RunLease } from '../platform/jobs/job';
import { JobRunner } from '../platform/jobs/job-runner';
import { UsageCheck } from './usage-check.service';
import { UsageMetrics } from './usage-metrics';
import { UsageService } from './usage.service';

/** Notes each hour what is stored, which growth is told from. */
export const USAGE_JOB = 'usage';
/** Counts everything anew each night. */
export const USAGE_CHECK_JOB = 'usage-check';

/** The two jobs behind the figures of storage. */
@Injectable()
export class UsageJobs implements OnModuleInit {
  constructor(
    private readonly runner: JobRunner,
    private readonly usage: UsageService,
    private readonly check: UsageCheck,
    private readonly metrics: UsageMetrics,
  ) {}

  onModuleInit(): void {
    this.runner.add({
      id: USAGE_JOB,
      cron: '7 * * * *',
      deadlineMs: 10 * 60_000,
      run: (_signal, lease) => this.note(lease),
    });
    this.runner.add({
      id: USAGE_CHECK_JOB,
      cron: '15 5 * * *',
      deadlineMs: 12 * 3_600_000,
      run: (signal, lease) => this.recount(signal, lease),
    });
  }

  private async note(lease: RunLease): Promise<JobSummary> {
    return { ...(await this.usage.notePoint((em) => lease.guard(em))) };
  }

  private async recount(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    const result = await this.check.run((em) => lease.guard(em), signal);
    this.metrics.checked(result);
    const { users, drifted, driftBytes } = result;
    return { users, drifted_users: drifted, drift_bytes: driftBytes };
  }
}
